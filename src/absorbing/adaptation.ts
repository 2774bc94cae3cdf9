/**
 * What an image tells of itself while its pixels are revealed: the network's errors at the neighbours, and the neighbours'
 * differences, predict its error at a pixel, by least squares with a long and with a short memory; and its deviations are larger or
 * smaller than they should be, by classes of how large they are and of the errors nearby. Three experts, the network as it is and
 * both corrections of it, are trusted by how probable they found what came.
 *
 * Nothing that a batch teaches is used before it ends, so its samples can be predicted in any order.
 *
 * Doubles with IEEE + - * /, square root and floor alone, in the order written here.
 */
import { SequentialRegression } from '../codec/sequential-regression.ts';
import { ErrorRing, type RingSize } from './error-ring.ts';
import { NEAR_OFFSETS, NUM_CHANNELS } from './neighbourhood.ts';
import type { PixelMixture } from './pixel-mixture.ts';
import { ScaleClasses } from './scale-classes.ts';

/** What each sample leaves of the weight of those before, in either regression. */
const MEMORIES = [0.9999, 0.999] as const;
/** Added to the variance that errors are measured by, so that those of flat parts do not outweigh all else. */
const ADDED_VARIANCE = 1;
/** Differences of neighbours are in units of so many deviations; all inputs and errors are within some deviations. */
const DIFFERENCE_SHARE = 0.3;
const MAX_INPUT = 12;
const MAX_ERROR = 6;

const NUM_EXPERTS = 1 + MEMORIES.length;
const TRUST_RATE = 1 / 8;
/** Trust in an expert before all are brought to the sum 1. */
const MIN_TRUST = 0.02;

interface AdaptationSize extends RingSize {
  /** Pixels of a batch, at most. */
  readonly maxBatch: number;
}

/** A sample, and the mixture that it was coded by. */
interface CodedSample {
  readonly mixture: PixelMixture;
  readonly value: number;
}

export interface Position {
  readonly row: number;
  readonly column: number;
}

export class Adaptation {
  private readonly planes: number;
  private readonly numInputs: number;
  private readonly regressions: readonly SequentialRegression[];
  private readonly errors: ErrorRing;
  private readonly scales: ScaleClasses;
  /** [planes, NUM_EXPERTS], of sum 1. */
  private readonly trusts: Float64Array;
  /** A sample for each pixel of the batch: [inputs + planes] numbers; and the unit that they are in. */
  private readonly samples: readonly Float64Array[];
  private readonly units: Float64Array;
  /** [maxBatch] Of the plane at hand: steps of the scales by both regressions, and the classes they come from. */
  private readonly steps: Int32Array;
  private readonly classes: Int32Array;
  /** [maxBatch, NUM_EXPERTS] 16 times the shifts of the means by each expert. */
  private readonly shifts16: Float64Array;
  private readonly probabilities = new Float64Array(NUM_EXPERTS);

  constructor({ maxBatch, ...size }: AdaptationSize) {
    const { planes } = size;
    this.planes = planes;
    this.numInputs = 2 * NEAR_OFFSETS.length * planes;
    this.regressions = MEMORIES.map((memory) => new SequentialRegression(this.numInputs, planes, memory));
    this.errors = new ErrorRing(size);
    this.scales = new ScaleClasses(planes);
    this.steps = new Int32Array(maxBatch);
    this.classes = new Int32Array(maxBatch);
    this.shifts16 = new Float64Array(maxBatch * NUM_EXPERTS);
    this.trusts = new Float64Array(planes * NUM_EXPERTS).fill(1 / NUM_EXPERTS);
    this.samples = Array.from({ length: maxBatch }, () => new Float64Array(this.numInputs + planes));
    this.units = new Float64Array(maxBatch);
  }

  /**
   * Begins with pixel number i of a batch.
   * @param differences of the near neighbours, in the order of NEAR_OFFSETS, all channels of each
   */
  begin(i: number, differences: Int32Array): void {
    const sample = this.samples[i]!;
    const [half, stride] = [this.numInputs / 2, NUM_CHANNELS / this.planes];
    for (let k = 0; k < half; k++) sample[k] = differences[k * stride]!;
  }

  /** Moves the mixture of a sample as the experts say. @param plane in the order of coding */
  adapt(i: number, plane: number, { row, column }: Position, mixture: PixelMixture): void {
    if (plane === 0) this.measure(i, row, column, mixture);
    const { shifts16, trusts } = this;
    const deviation = mixture.deviation();
    const energy = this.errors.energy(row, column, plane) / (deviation * deviation);
    const index = this.scales.classOf(plane, deviation, energy);
    const step = this.scales.step(index);
    this.classes[i] = index;
    this.steps[i] = step;
    const [at, trusted] = [i * NUM_EXPERTS, plane * NUM_EXPERTS];
    let [shift16, steps] = [0, 0];
    for (const [k, regression] of this.regressions.entries()) {
      const shift = regression.predict(plane, this.samples[i]!) * this.units[i]!;
      shifts16[at + k + 1] = Math.floor(16 * within(shift, deviation) + 0.5);
      shift16 += trusts[trusted + k + 1]! * shifts16[at + k + 1]!;
      steps += trusts[trusted + k + 1]! * step;
    }
    mixture.adapt(Math.floor(shift16 + 0.5), Math.floor(steps + 0.5));
  }

  /** Turns the inputs of a sample into units of the network's deviation. */
  private measure(i: number, row: number, column: number, mixture: PixelMixture): void {
    const [sample, half] = [this.samples[i]!, this.numInputs / 2];
    const deviation = mixture.deviation();
    const unit = Math.sqrt(deviation * deviation + ADDED_VARIANCE);
    this.units[i] = unit;
    for (let k = 0; k < half; k++) sample[k] = within((DIFFERENCE_SHARE * sample[k]!) / unit, MAX_INPUT);
    this.errors.read(row, column, sample, half);
    for (let k = half; k < this.numInputs; k++) sample[k] = within(sample[k]! / unit, MAX_INPUT);
  }

  /** Learns from sample i of a batch, whose mixture was adapted; after all of them were. */
  learn(i: number, plane: number, { row, column }: Position, { mixture, value }: CodedSample): void {
    const error = value - mixture.mean();
    this.samples[i]![this.numInputs + plane] = within(error / this.units[i]!, MAX_ERROR);
    this.errors.write(row, column, plane, error);
    this.scales.learn(this.classes[i]!, (value - mixture.adaptedMean()) / mixture.deviation());
  }

  /** Trusts the experts by how probable they found sample i, which was learned from. */
  judge(i: number, plane: number, { mixture, value }: CodedSample): void {
    const { trusts, shifts16, probabilities } = this;
    const start = plane * NUM_EXPERTS;
    let total = 0;
    for (let k = 0; k < NUM_EXPERTS; k++) {
      const step = k > 0 ? this.steps[i]! : 0;
      probabilities[k] = trusts[start + k]! * mixture.share(value, shifts16[i * NUM_EXPERTS + k]!, step);
      total += probabilities[k]!;
    }
    let sum = 0;
    for (let k = 0; k < NUM_EXPERTS; k++) {
      const trust = trusts[start + k]! * (1 - TRUST_RATE) + (TRUST_RATE * probabilities[k]!) / total;
      trusts[start + k] = Math.max(trust, MIN_TRUST);
      sum += trusts[start + k]!;
    }
    for (let k = 0; k < NUM_EXPERTS; k++) trusts[start + k] = trusts[start + k]! / sum;
  }

  /** Ends a batch: what its pixels were is known to those after it. */
  endBatch(count: number): void {
    for (const regression of this.regressions) {
      for (let i = 0; i < count; i++) regression.take(this.samples[i]!);
      regression.update();
    }
  }
}

const within = (value: number, limit: number): number => Math.min(Math.max(value, -limit), limit);
