/**
 * What the samples of a batch are coded by, channel after channel: the network's outputs from what surrounds its pixels, mixtures of
 * them, moved as the image so far says, and where colours weigh the starts of the values around their means. By a kernel, or in plain
 * TypeScript with the same bits.
 */
import type { DenseColours, DenseKernel, DenseSamples, DenseSurroundings } from '../kernels/dense.ts';
import { type PlaneState, ROW_FACTS, ROW_WINDOW, type SampleRows, type SampleSize } from '../kernels/samples.ts';
import { NORMAL_TABLES } from '../rans/discretised-gaussian.ts';
import { COLOUR_LAYOUT, ColourCounts } from './colour-counts.ts';
import { ColourWeights, type KnownColour } from './colour-weights.ts';
import { type Diagonal, SLOPE } from './diagonals.ts';
import { CHANNEL_ORDER, NEAR_OFFSETS, NUM_CHANNELS, type Pixels } from './neighbourhood.ts';
import { PixelMixture } from './pixel-mixture.ts';
import { createPixelNetwork, MAX_BATCH, type PixelNetwork, type PixelWeights } from './pixel-network.ts';
import { FACTS } from './sample-facts.ts';
import { NUM_CLASSES, scaleClassOf } from './scale-classes.ts';
import { type RevealedImage, Surroundings } from './surroundings.ts';
import { MAX_WINDOW, WINDOW_STARTS, windowOf } from './window-mixture.ts';
import { within } from './within.ts';

/** Added to the variance that errors are measured by, so that those of flat parts do not outweigh all else. */
const ADDED_VARIANCE = 1;
/** Differences of neighbours are in units of so many deviations; all inputs are within some deviations. */
const DIFFERENCE_SHARE = 0.3;
const MAX_INPUT = 12;

/** Predicts the samples of one image, then of another one. */
export interface SamplePredictor {
  readonly network: PixelNetwork;
  /** Starts with an image, of which nothing is revealed. */
  start(image: RevealedImage): void;
  /** Looks around the pixels of a batch, all those before which are revealed. */
  look(batch: Diagonal): void;
  /** Of the batch; bases are to be written before each channel but the first. */
  rows(): SampleRows;
  /**
   * Runs the network for a channel, and predicts its samples. Rows from before may be of no use.
   * @param fills windows, and where colours weigh weighs them; else both have anything
   */
  predict(state: PlaneState, fills: boolean): SampleRows;
  /** Reveals the samples of a channel that was predicted: their values are in the image now. */
  reveal(plane: number): void;
  /** Counts the colours of the batch, all of which are revealed, if they weigh. */
  count(): void;
  /** What it holds for another image beside the network, in bytes. */
  heldBytes(): number;
}

/** Differences and errors of the near neighbours of a sample of so many planes. */
const inputLength = (planes: number): number => 2 * NEAR_OFFSETS.length * planes;

/** Numbers of a sample of so many planes: those in units, and the errors of its own. */
export const sampleLength = (planes: number): number => inputLength(planes) + planes;

const sizeOf = (components: number): SampleSize => ({
  rows: MAX_BATCH,
  components,
  planes: NUM_CHANNELS,
  near: NEAR_OFFSETS.length,
  classes: NUM_CLASSES,
});

const NOWHERE: Diagonal = { row: 0, column: 0, length: 0 };

export class KernelPredictor implements SamplePredictor {
  readonly network: PixelNetwork;
  private readonly kernel: DenseKernel;
  private readonly samples: DenseSamples;
  private readonly surroundings: DenseSurroundings;
  private readonly counts = new ColourCounts();
  private colours: DenseColours | undefined;
  private image: RevealedImage | undefined;
  private batch = NOWHERE;

  constructor(weights: PixelWeights, kernel: DenseKernel) {
    this.kernel = kernel;
    let samples: DenseSamples | undefined;
    let surroundings: DenseSurroundings | undefined;
    this.network = createPixelNetwork(weights, kernel, (program, channel, { inputs, outputs }) => {
      samples ??= kernel.addSamples(outputs, sizeOf(weights.components), NORMAL_TABLES);
      surroundings ??= kernel.addSurroundings(inputs, samples);
      const whole = kernel.withSamples(program, samples);
      return channel === 0 ? kernel.withLook(whole, surroundings) : whole;
    });
    this.samples = samples!;
    this.surroundings = surroundings!;
  }

  start(image: RevealedImage): void {
    const { kernel, samples, surroundings } = this;
    this.image = image;
    if (image.weighsColours) {
      this.colours ??= kernel.addColours(samples, surroundings, { rows: MAX_BATCH, ...COLOUR_LAYOUT });
      this.counts.clear(kernel.colourCounts(this.colours));
    }
    kernel.setColours(samples, image.weighsColours ? this.colours : undefined);
  }

  /** The program of the first channel does it. */
  look(batch: Diagonal): void {
    const { pixels, planes } = this.image!;
    this.batch = batch;
    this.kernel.setBatch(this.surroundings, { row: batch.row, column: batch.column, width: pixels.width, planes });
  }

  rows(): SampleRows {
    return this.kernel.sampleRows(this.samples);
  }

  predict(state: PlaneState, fills: boolean): SampleRows {
    this.kernel.setPlane(this.samples, state, fills);
    this.network.run(state.plane, this.batch.length);
    return this.rows();
  }

  reveal(plane: number): void {
    const { pixels, planes } = this.image!;
    const { row, column, length } = this.batch;
    const { facts } = this.rows();
    const rings = this.kernel.revealed(this.surroundings);
    for (let i = 0; i < length; i++) {
      const [y, x] = [row + i, column - SLOPE * i];
      const pixel = (y * pixels.width + x) * NUM_CHANNELS;
      const value = pixels.data[pixel + CHANNEL_ORDER[plane]!]!;
      rings.setError(y, x, plane, planes, value - facts[i * ROW_FACTS + FACTS.mean]!);
      if (planes === NUM_CHANNELS) rings.setSample(y, x, CHANNEL_ORDER[plane]!, value);
      else for (let channel = 0; channel < NUM_CHANNELS; channel++) rings.setSample(y, x, channel, value);
    }
  }

  count(): void {
    const { pixels, weighsColours } = this.image!;
    if (!weighsColours) return;
    const tables = this.kernel.colourCounts(this.colours!);
    forEachColour(pixels, this.batch, (green, red, blue) => this.counts.add(tables, green, red, blue));
  }

  heldBytes(): number {
    return this.counts.writtenBytes;
  }
}

function forEachColour(
  { width, data }: Pixels,
  { row, column, length }: Diagonal,
  visit: (green: number, red: number, blue: number) => void,
): void {
  const [green, red, blue] = CHANNEL_ORDER;
  for (let i = 0; i < length; i++) {
    const pixel = ((row + i) * width + column - SLOPE * i) * NUM_CHANNELS;
    visit(data[pixel + green]!, data[pixel + red]!, data[pixel + blue]!);
  }
}

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
  private batch = NOWHERE;

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
  }

  rows(): SampleRows {
    return this.arrays;
  }

  predict(state: PlaneState, fills: boolean): SampleRows {
    const { arrays, mixture, batch } = this;
    const outputs = this.network.run(state.plane, batch.length);
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

  count(): void {
    const { colours } = this;
    if (colours === undefined) return;
    forEachColour(this.image!.pixels, this.batch, (green, red, blue) => colours.add(green, red, blue));
  }

  /** Tables are new for each image. */
  heldBytes(): number {
    return 0;
  }

  /** Of channels that are not known yet it has anything. */
  private knownColour(i: number): KnownColour {
    const { known, batch } = this;
    const { predictions } = this.arrays;
    const { width, data } = this.image!.pixels;
    const pixel = ((batch.row + i) * width + batch.column - SLOPE * i) * NUM_CHANNELS;
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
