/**
 * What the samples of a batch are coded by, channel after channel: mixtures from the network's outputs, moved as the image so far says,
 * and where colours weigh the starts of the values around their means. By a kernel, or in plain TypeScript with the same bits.
 */
import type { DenseKernel, DenseMap16, DenseSamples } from '../kernels/dense.ts';
import { padOutputs } from '../kernels/dense-backend.ts';
import { type PlaneState, ROW_FACTS, ROW_WINDOW, type SampleRows, type SampleSize } from '../kernels/samples.ts';
import { NORMAL_TABLES } from '../rans/discretised-gaussian.ts';
import { divideDifferences, NEAR_OFFSETS, NUM_CHANNELS, NUM_DIFFERENCES, NUM_INPUTS } from './neighbourhood.ts';
import { PixelMixture } from './pixel-mixture.ts';
import { createPixelNetwork, MAX_BATCH, type PixelNetwork, type PixelWeights, type Rows } from './pixel-network.ts';
import { FACTS } from './sample-facts.ts';
import { NUM_CLASSES, scaleClassOf } from './scale-classes.ts';
import { MAX_WINDOW, WINDOW_STARTS, windowOf } from './window-mixture.ts';
import { within } from './within.ts';

/** Added to the variance that errors are measured by, so that those of flat parts do not outweigh all else. */
const ADDED_VARIANCE = 1;
/** Differences of neighbours are in units of so many deviations; all inputs are within some deviations. */
const DIFFERENCE_SHARE = 0.3;
const MAX_INPUT = 12;

export interface SamplePredictor {
  readonly network: PixelNetwork;
  /** Of the next batch, [count, NUM_INPUTS] as neighbourhood.ts writes them: before its first channel is predicted. */
  inputs(count: number): Rows<Int16Array>;
  /** Of the next batch: spreads, inputs and energies are to be written before its first channel is predicted, bases before each. */
  rows(): SampleRows;
  /**
   * Runs the network for a channel, and predicts its samples. Rows from before may be of no use.
   * @param fills windows, which have anything else
   */
  predict(count: number, state: PlaneState, fills: boolean): SampleRows;
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

export class KernelPredictor implements SamplePredictor {
  readonly network: PixelNetwork;
  private readonly kernel: DenseKernel;
  private readonly samples: DenseSamples;
  private readonly given: DenseMap16;

  constructor(weights: PixelWeights, kernel: DenseKernel) {
    this.kernel = kernel;
    // Runs may be repeated, so they leave what they are given as it is.
    this.given = kernel.addMap16(MAX_BATCH, padOutputs(NUM_INPUTS));
    let samples: DenseSamples | undefined;
    this.network = createPixelNetwork(weights, kernel, (program, channel, { inputs, outputs }) => {
      samples ??= kernel.addSamples(outputs, sizeOf(weights.components), NORMAL_TABLES);
      const whole = kernel.withSamples(program, samples);
      const divided = { from: this.given, to: inputs, numbers: NUM_DIFFERENCES };
      return channel === 0 ? kernel.withDivided(whole, divided, samples) : whole;
    });
    this.samples = samples!;
  }

  inputs(count: number): Rows<Int16Array> {
    return { values: this.kernel.rows16(this.given, count), width: this.given.width };
  }

  rows(): SampleRows {
    return this.kernel.sampleRows(this.samples);
  }

  predict(count: number, state: PlaneState, fills: boolean): SampleRows {
    this.kernel.setPlane(this.samples, state, fills);
    this.network.run(state.plane, count);
    return this.rows();
  }
}

export class PlainPredictor implements SamplePredictor {
  readonly network: PixelNetwork;
  private readonly arrays: SampleRows;
  private readonly mixture: PixelMixture;
  private readonly starts = new Int32Array(MAX_WINDOW + 1);
  private readonly sums = new Float64Array(MAX_WINDOW + 1);

  constructor(network: PixelNetwork) {
    const doubles = (width: number) => new Float64Array(MAX_BATCH * width);
    this.network = network;
    this.mixture = new PixelMixture(network.components);
    this.arrays = {
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
    };
  }

  inputs(count: number): Rows<Int16Array> {
    return this.network.inputs(count);
  }

  rows(): SampleRows {
    return this.arrays;
  }

  predict(count: number, state: PlaneState, fills: boolean): SampleRows {
    if (state.plane === 0) this.divide(count);
    const outputs = this.network.run(state.plane, count);
    const { arrays, mixture } = this;
    for (let i = 0; i < count; i++) {
      mixture.set(outputs, i, arrays.bases[i]!, arrays.spreads[i]!);
      mixture.store(i, arrays);
      if (state.plane === 0) this.measure(i, state.planes);
      this.adapt(i, state);
      if (fills) this.setWindow(i);
    }
    return arrays;
  }

  private divide(count: number): void {
    const { values, width } = this.network.inputs(count);
    for (let i = 0; i < count; i++) divideDifferences(values, i * width, this.arrays.spreads[i]!);
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
