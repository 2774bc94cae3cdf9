/** Predicts samples in plain TypeScript: for machines without SIMD, and to check the kernels. */
import { type PlaneState, ROW_FACTS, ROW_WINDOW, type SampleRows } from '../kernels/samples.ts';
import { ColourWeights, type KnownColour } from './colour-weights.ts';
import { type Diagonal, pixelOfDiagonal } from './diagonals.ts';
import { CHANNEL_ORDER, NUM_CHANNELS } from './neighbourhood.ts';
import { PixelMixture } from './pixel-mixture.ts';
import { MAX_BATCH, type PixelNetwork } from './pixel-network.ts';
import { FACTS } from './sample-facts.ts';
import { forEachColour, inputLength, type SamplePredictor, sampleLength } from './sample-predictor.ts';
import { scaleClassOf } from './scale-classes.ts';
import { type RevealedImage, Surroundings } from './surroundings.ts';
import { MAX_WINDOW, WINDOW_STARTS, windowOf } from './window-mixture.ts';
import { within } from './within.ts';

/** Added to the variance that errors are measured by, so that those of flat parts do not outweigh all else. */
const ADDED_VARIANCE = 1;
/** Differences of neighbours are in units of so many deviations; all inputs are within some deviations. */
const DIFFERENCE_SHARE = 0.3;
const MAX_INPUT = 12;

export class PlainPredictor implements SamplePredictor {
  readonly network: PixelNetwork;
  private readonly arrays: SampleRows;
  private readonly mixture: PixelMixture;
  private readonly starts = new Int32Array(MAX_WINDOW + 1);
  private readonly sums = new Float64Array(MAX_WINDOW + 1);
  private readonly known: KnownColour = { green: 0, red: 0, blueOffset: 0 };
  private image: RevealedImage | undefined;
  private surroundings: Surroundings | undefined;
  private colours: ColourWeights | undefined;
  private batch: Diagonal = { row: 0, column: 0, length: 0 };

  constructor(network: PixelNetwork) {
    const doubles = (width: number) => new Float64Array(MAX_BATCH * width);
    this.network = network;
    this.mixture = new PixelMixture(network.components);
    this.arrays = {
      predictions: new Int32Array(MAX_BATCH * NUM_CHANNELS),
      bases: doubles(1),
      spreads: doubles(1),
      units: doubles(1),
      inputs: doubles(inputLength(NUM_CHANNELS)),
      samples: doubles(sampleLength(NUM_CHANNELS)),
      energies: doubles(NUM_CHANNELS),
      means16: doubles(network.components),
      scales: doubles(network.components),
      shares: doubles(network.components),
      facts: doubles(ROW_FACTS),
      windows: new Int32Array(MAX_BATCH * ROW_WINDOW),
      weighed: new Int32Array(MAX_BATCH * ROW_WINDOW),
    };
  }

  start(image: RevealedImage): void {
    this.image = image;
    this.surroundings = new Surroundings(image);
    this.colours = image.weighsColours ? new ColourWeights() : undefined;
  }

  look(batch: Diagonal): void {
    this.batch = batch;
    this.surroundings!.look(batch, this.network.inputs(batch.length), this.arrays);
    this.begin(0);
  }

  rows(): SampleRows {
    return this.arrays;
  }

  begin(plane: number): void {
    this.network.begin(plane, this.batch.length);
  }

  predict(state: PlaneState, fills: boolean): SampleRows {
    const { arrays, mixture, batch } = this;
    const outputs = this.network.finish();
    for (let i = 0; i < batch.length; i++) {
      mixture.set(outputs, i, arrays.bases[i]!, arrays.spreads[i]!);
      mixture.store(i, arrays);
      if (state.plane === 0) this.measure(i, state.planes);
      this.adapt(i, state);
      if (!fills) continue;
      this.setWindow(i);
      this.colours?.weigh(i, state.plane, arrays, this.knownColour(i));
    }
    return arrays;
  }

  reveal(plane: number): void {
    this.surroundings!.reveal(this.batch, plane, this.arrays);
  }

  count(batch: Diagonal): void {
    const { colours } = this;
    if (colours === undefined) return;
    forEachColour(this.image!.pixels, batch, (green, red, blue) => colours.add(green, red, blue));
  }

  finish(): void {
    this.image = undefined;
    this.surroundings = undefined;
    this.colours = undefined;
  }

  heldBytes(): number {
    return 0;
  }

  /** Of channels that are not known yet it has anything. */
  private knownColour(i: number): KnownColour {
    const { known, batch } = this;
    const { predictions } = this.arrays;
    const { width, data } = this.image!.pixels;
    const pixel = NUM_CHANNELS * pixelOfDiagonal(batch, i, width);
    known.green = data[pixel + CHANNEL_ORDER[0]]!;
    known.red = data[pixel + CHANNEL_ORDER[1]]!;
    const at = i * NUM_CHANNELS;
    known.blueOffset = 2 * predictions[at + 2]! + known.green - predictions[at]! - predictions[at + 1]!;
    return known;
  }

  /** Writes the inputs of a sample in units of the network's deviation. */
  private measure(i: number, planes: number): void {
    const { inputs, samples, units } = this.arrays;
    const deviation = this.mixture.deviation();
    const unit = Math.sqrt(deviation * deviation + ADDED_VARIANCE);
    units[i] = unit;
    const [from, to, length] = [i * inputLength(planes), i * sampleLength(planes), inputLength(planes)];
    for (let k = 0; k < length; k++) {
      const input = k < length / 2 ? DIFFERENCE_SHARE * inputs[from + k]! : inputs[from + k]!;
      samples[to + k] = within(input / unit, MAX_INPUT);
    }
  }

  private adapt(i: number, { plane, planes, weights, trusts, classSteps }: PlaneState): void {
    const { samples, units, energies, facts } = this.arrays;
    const deviation = this.mixture.deviation();
    const scaleClass = scaleClassOf(deviation, energies[i * planes + plane]! / (deviation * deviation));
    const step = classSteps[scaleClass]!;
    const start = i * sampleLength(planes);
    const count = sampleLength(planes) - planes + plane;
    let [longSum, shortSum] = [0, 0];
    for (let k = 0; k < count; k++) {
      longSum += weights[2 * k]! * samples[start + k]!;
      shortSum += weights[2 * k + 1]! * samples[start + k]!;
    }
    const long16 = Math.floor(16 * within(longSum * units[i]!, deviation) + 0.5);
    const short16 = Math.floor(16 * within(shortSum * units[i]!, deviation) + 0.5);
    const at = i * ROW_FACTS;
    facts[at + FACTS.long16] = long16;
    facts[at + FACTS.short16] = short16;
    facts[at + FACTS.step] = step;
    facts[at + FACTS.scaleClass] = scaleClass;
    facts[at + FACTS.shift16] = Math.floor(trusts[1]! * long16 + trusts[2]! * short16 + 0.5);
    facts[at + FACTS.steps] = Math.floor(trusts[1]! * step + trusts[2]! * step + 0.5);
    this.mixture.adapt(facts[at + FACTS.shift16]!, facts[at + FACTS.steps]!);
  }

  private setWindow(i: number): void {
    const { windows } = this.arrays;
    const { first, count } = windowOf(this.mixture);
    const starts = this.starts.subarray(0, count + 1);
    this.mixture.startsFrom(first, starts, this.sums.subarray(0, count + 1));
    windows[i * ROW_WINDOW] = first;
    windows[i * ROW_WINDOW + 1] = count;
    windows.set(starts, i * ROW_WINDOW + WINDOW_STARTS);
  }
}
