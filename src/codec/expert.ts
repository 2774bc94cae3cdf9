/**
 * One of the experts whose mixture codes details without latents (experts.ts): it has a mean for each detail, and classes of
 * its own. What it learns of a class is the variance of its errors, and weights of five Gaussians an octave apart.
 * Both are learned fast at first: a class that has seen few details moves by 1 / their number, nearly.
 */
import { ROUNDING_VARIANCE } from '../diffusion/dimensions.ts';
import { NUM_SCALES, scaleIndexForVariance } from '../rans/discretised-gaussian.ts';
import type { GaussianMixture } from '../rans/gaussian-mixture.ts';
import { errorSquare } from './error-classes.ts';
import { DEVIATIONS16 } from './neighbour-residuals.ts';

export const NUM_COMPONENTS = 5;
const MIDDLE = (NUM_COMPONENTS - 1) / 2;
const SCALES_AN_OCTAVE = 16;
const FIRST_WEIGHTS = [0.02, 0.16, 0.64, 0.16, 0.02];
const MIN_VARIANCE = 1 / 512;
/** Weights are learned towards no less than this, so that no component is lost for good. */
const MIN_WEIGHT = 1 / 16_384;
const LEARNED_SHARE = 1 - NUM_COMPONENTS * MIN_WEIGHT;
/** Details of a class count by these, or by 1 over their number and so many more. */
const VARIANCE_RATE = 1 / 192;
const FIRST_DETAILS_OF_VARIANCE = 4;
const WEIGHT_RATE = 1 / 128;
const FIRST_DETAILS_OF_WEIGHTS = 24;

export class Expert {
  private readonly mixture: GaussianMixture;
  private readonly offset: number;
  /** [classes]: squares of errors in units of the network's variance. */
  private readonly variances: Float64Array;
  /** [classes, components] */
  private readonly weights: Float64Array;
  /** [classes]: details so far. */
  private readonly counts: Int32Array;
  /** [components] of the bin at hand. */
  private readonly parts = new Float64Array(NUM_COMPONENTS);
  /** Of the detail at hand. */
  private entry = 0;
  private scale = 0;
  private mean16 = 0;

  /** @param offset index of its first component in the mixture */
  constructor(mixture: GaussianMixture, offset: number, numClasses: number) {
    this.mixture = mixture;
    this.offset = offset;
    this.variances = new Float64Array(numClasses).fill(1);
    this.weights = Float64Array.from(
      { length: numClasses * NUM_COMPONENTS },
      (_, i) => FIRST_WEIGHTS[i % NUM_COMPONENTS]!,
    );
    this.counts = new Int32Array(numClasses);
  }

  /**
   * Sets its components of the mixture.
   * @param entry the detail's class @param scale the network's @param mean16 16 times the mean @param trust sum of the weights
   */
  say(entry: number, scale: number, mean16: number, trust: number): void {
    this.entry = entry;
    this.scale = scale;
    this.mean16 = mean16;
    const deviation = DEVIATIONS16[scale]! / 16;
    const variance = this.variances[entry]! * deviation * deviation - ROUNDING_VARIANCE;
    const middle = scaleIndexForVariance(Math.max(variance, MIN_VARIANCE));
    for (let k = 0; k < NUM_COMPONENTS; k++) {
      const own = Math.min(Math.max(middle + (k - MIDDLE) * SCALES_AN_OCTAVE, 0), NUM_SCALES - 1);
      this.mixture.setComponent(this.offset + k, mean16, own, trust * this.weights[entry * NUM_COMPONENTS + k]!);
    }
  }

  /** Learns from the detail at hand. @param value16 16 times what came @returns what its components gave to the bin, out of 2^20 */
  learn(bin: number, value16: number): number {
    const { entry, weights, variances, counts } = this;
    const part = this.setParts(bin);
    if (part > 0) {
      const rate = Math.max(WEIGHT_RATE, 1 / (counts[entry]! + FIRST_DETAILS_OF_WEIGHTS));
      for (let k = 0; k < NUM_COMPONENTS; k++) {
        const weight = weights[entry * NUM_COMPONENTS + k]!;
        const wanted = MIN_WEIGHT + LEARNED_SHARE * (this.parts[k]! / part);
        weights[entry * NUM_COMPONENTS + k] = weight + rate * (wanted - weight);
      }
    }
    const square = errorSquare(value16 - this.mean16, this.scale);
    const rate = Math.max(VARIANCE_RATE, 1 / (counts[entry]! + FIRST_DETAILS_OF_VARIANCE));
    variances[entry] = variances[entry]! + rate * (square - variances[entry]!);
    counts[entry] = counts[entry]! + 1;
    return part;
  }

  /** Notes what each component gives to a bin. @returns their sum */
  private setParts(bin: number): number {
    let sum = 0;
    for (let k = 0; k < NUM_COMPONENTS; k++) {
      this.parts[k] = this.mixture.part(this.offset + k, bin);
      sum += this.parts[k]!;
    }
    return sum;
  }
}
