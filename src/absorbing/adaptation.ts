/**
 * What an image tells of itself while its pixels are revealed: the network's errors at the neighbours, and the neighbours'
 * differences, predict its error at a pixel, by least squares with a long and with a short memory; and its deviations are larger or
 * smaller than they should be, by classes of how large they are and of the errors nearby. Three experts, the network as it is and
 * both corrections of it, are trusted by how probable they found what came.
 *
 * Nothing that a batch teaches is used before it ends, so its samples can be predicted in any order. How they are is said in
 * sample-predictor.ts.
 *
 * Doubles with IEEE + - * /, square root and floor alone, in the order written here.
 */
import { SequentialRegression } from '../codec/sequential-regression.ts';
import { type PlaneState, ROW_FACTS, type SampleRows } from '../kernels/samples.ts';
import type { PixelMixture } from './pixel-mixture.ts';
import { FACTS } from './sample-facts.ts';
import { sampleLength } from './sample-predictor.ts';
import { NUM_CLASSES, ScaleClasses } from './scale-classes.ts';
import { within } from './within.ts';

/** What each sample leaves of the weight of those before, in either regression. */
const MEMORIES = [0.9999, 0.999] as const;
/** All errors are within some deviations. */
const MAX_ERROR = 6;

const NUM_EXPERTS = 1 + MEMORIES.length;
const TRUST_RATE = 1 / 8;
/** Trust in an expert before all are brought to the sum 1. */
const MIN_TRUST = 0.02;

export class Adaptation {
  private readonly planes: number;
  private readonly numInputs: number;
  private readonly regressions: readonly SequentialRegression[];
  private readonly scales: ScaleClasses;
  /** [planes, NUM_EXPERTS], of sum 1. */
  private readonly trusts: Float64Array;
  /** [inputs + planes, 2] */
  private readonly weights: Float64Array;
  private readonly classSteps = new Int32Array(NUM_CLASSES);
  private readonly probabilities = new Float64Array(NUM_EXPERTS);

  /** @param planes of the image */
  constructor(planes: number) {
    this.planes = planes;
    this.numInputs = sampleLength(planes) - planes;
    this.regressions = MEMORIES.map((memory) => new SequentialRegression(this.numInputs, planes, memory));
    this.scales = new ScaleClasses(planes);
    this.trusts = new Float64Array(planes * NUM_EXPERTS).fill(1 / NUM_EXPERTS);
    this.weights = new Float64Array(2 * sampleLength(planes));
  }

  /** What samples of a plane are to be predicted with, of use until the next call. */
  stateOf(plane: number): PlaneState {
    const { planes, weights, classSteps } = this;
    for (const [k, regression] of this.regressions.entries()) {
      const own = regression.weightsOf(plane);
      for (let i = 0; i < own.length; i++) weights[2 * i + k] = own[i]!;
    }
    this.scales.writeSteps(plane, classSteps);
    const trusts = this.trusts.subarray(plane * NUM_EXPERTS, (plane + 1) * NUM_EXPERTS);
    return { plane, planes, weights, trusts, classSteps };
  }

  /** Learns from the value of row i. */
  learn(i: number, plane: number, value: number, { samples, units, facts }: SampleRows): void {
    const at = i * ROW_FACTS;
    const error = value - facts[at + FACTS.mean]!;
    samples[i * sampleLength(this.planes) + this.numInputs + plane] = within(error / units[i]!, MAX_ERROR);
    const moved = facts[at + FACTS.mean]! + facts[at + FACTS.shift16]! / 16;
    this.scales.learn(plane, facts[at + FACTS.scaleClass]!, (value - moved) / facts[at + FACTS.deviation]!);
  }

  /** Trusts the experts by how probable they found the value of row i. @param mixture of that row */
  judge(i: number, plane: number, value: number, mixture: PixelMixture, { facts }: SampleRows): void {
    const { trusts, probabilities } = this;
    const [start, at] = [plane * NUM_EXPERTS, i * ROW_FACTS];
    const step = facts[at + FACTS.step]!;
    probabilities[0] = trusts[start]! * mixture.share(value, 0, 0);
    probabilities[1] = trusts[start + 1]! * mixture.share(value, facts[at + FACTS.long16]!, step);
    probabilities[2] = trusts[start + 2]! * mixture.share(value, facts[at + FACTS.short16]!, step);
    const total = probabilities[0] + probabilities[1] + probabilities[2];
    let sum = 0;
    for (let k = 0; k < NUM_EXPERTS; k++) {
      const trust = trusts[start + k]! * (1 - TRUST_RATE) + (TRUST_RATE * probabilities[k]!) / total;
      trusts[start + k] = Math.max(trust, MIN_TRUST);
      sum += trusts[start + k]!;
    }
    for (let k = 0; k < NUM_EXPERTS; k++) trusts[start + k] = trusts[start + k]! / sum;
  }

  /** Ends a batch: what its pixels were is known to those after it. */
  endBatch(count: number, { samples }: SampleRows): void {
    for (const regression of this.regressions) {
      regression.take(samples, count);
      regression.update();
    }
  }
}
