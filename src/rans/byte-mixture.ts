/**
 * Values 0..255 coded by a mixture of Gaussians, those of which that reach beyond an end counting there:
 *
 *     cdf(value) = floor((w_0 PHI_0 + w_1 PHI_1 + ...) * (2^20 - 256) / 2^20) + value      for values 1..255,
 *     cdf(0) = 0,   cdf(256) = 2^20,
 *
 * with PHI_k that of discretised-gaussian.ts below the value: 2^20 Phi((value - 1/2 - mean_k) / sigma_k). Sums run from the left
 * in doubles, so with equal components the cdf is the same on every machine.
 */
import type { AnsStack } from './ans-stack.ts';
import { CDF_PRECISION, NUM_SCALES, normalCdf, scaleSigma } from './discretised-gaussian.ts';
import { popBetween } from './intervals.ts';

const TOTAL = 1 << CDF_PRECISION;
const NUM_VALUES = 256;
const SHARE = (TOTAL - NUM_VALUES) / TOTAL;
/** Of the rounding to whole values. */
const ROUNDING_VARIANCE = 1 / 12;

/** How values 0..255 are coded. */
export interface ByteDistribution {
  /** Start of a value's interval out of 2^20; 2^20 for 256. */
  start(value: number): number;
  /** Takes a value off. @throws CodecError 'truncated' */
  pop(stack: AnsStack): number;
}

export class ByteMixture implements ByteDistribution {
  protected readonly means16: Float64Array;
  protected readonly scales: Int32Array;
  protected readonly weights: Float64Array;
  /** What is added to all means, times 16, and to all scales. */
  private shift16 = 0;
  private step = 0;
  /** Of the components as they were set, once somebody asked. */
  private knownMean: number | undefined;
  private knownDeviation: number | undefined;

  constructor(numComponents: number) {
    this.means16 = new Float64Array(numComponents);
    this.scales = new Int32Array(numComponents);
    this.weights = new Float64Array(numComponents);
  }

  /**
   * @param mean16 16 times the mean, an integer in -2^17..2^17
   * @param scale 0..255
   * @param weight not negative; those of all components sum to 1 but for rounding
   */
  setComponent(k: number, mean16: number, scale: number, weight: number): void {
    this.means16[k] = mean16;
    this.scales[k] = scale;
    this.weights[k] = weight;
    this.knownMean = undefined;
    this.knownDeviation = undefined;
  }

  /** Moves all components from here on: 16 times their means, and their scales, within 0..255. Integers. */
  adapt(shift16: number, step: number): void {
    this.shift16 = shift16;
    this.step = step;
  }

  /** Mean of the components as they were set. */
  mean(): number {
    this.knownMean ??= this.findMean();
    return this.knownMean;
  }

  private findMean(): number {
    let sum = 0;
    for (let k = 0; k < this.weights.length; k++) sum += this.weights[k]! * this.means16[k]!;
    return sum / 16;
  }

  adaptedMean(): number {
    return this.mean() + this.shift16 / 16;
  }

  /** Standard deviation of the components as they were set, and of rounding. */
  deviation(): number {
    this.knownDeviation ??= this.findDeviation();
    return this.knownDeviation;
  }

  private findDeviation(): number {
    const mean = this.mean();
    let variance = ROUNDING_VARIANCE;
    for (let k = 0; k < this.weights.length; k++) {
      const [sigma, distance] = [scaleSigma(this.scales[k]!), this.means16[k]! / 16 - mean];
      variance += this.weights[k]! * (sigma * sigma + distance * distance);
    }
    return Math.sqrt(variance);
  }

  /** Start of a value's interval out of 2^20; 2^20 for 256. */
  start(value: number): number {
    return this.startOf(value, this.shift16, this.step);
  }

  /** Starts of the intervals of values from `first` on. @param sums as long as starts, for sums in between */
  startsFrom(first: number, starts: Int32Array, sums: Float64Array): void {
    const { means16, scales, weights, shift16, step } = this;
    sums.fill(0);
    for (let k = 0; k < weights.length; k++) {
      const [weight, mean16] = [weights[k]!, means16[k]! + shift16];
      const scale = movedScale(scales[k]!, step);
      for (let i = 0; i < sums.length; i++) sums[i]! += weight * normalCdf(first + i, mean16, scale);
    }
    for (let i = 0; i < sums.length; i++) starts[i] = startOfSum(first + i, sums[i]!);
  }

  /** What a value would have out of 2^20 if the components were moved otherwise. */
  share(value: number, shift16: number, step: number): number {
    return this.startOf(value + 1, shift16, step) - this.startOf(value, shift16, step);
  }

  private startOf(value: number, shift16: number, step: number): number {
    if (value <= 0 || value >= NUM_VALUES) return startOfSum(value, 0);
    const { means16, scales, weights } = this;
    let sum = 0;
    for (let k = 0; k < weights.length; k++) {
      sum += weights[k]! * normalCdf(value, means16[k]! + shift16, movedScale(scales[k]!, step));
    }
    return startOfSum(value, sum);
  }

  /** Takes a value off. @throws CodecError 'truncated' */
  pop(stack: AnsStack): number {
    const slot = stack.peek(CDF_PRECISION);
    // Steps that double, away from the mean.
    let low = Math.min(Math.max(Math.round(this.adaptedMean()), 0), NUM_VALUES - 1);
    let high = low + 1;
    // start(low) <= slot < start(high) in the end: both ends of the range hold.
    for (let reach = 1; this.start(low) > slot; reach *= 2) {
      high = low;
      low = Math.max(0, low - reach);
    }
    for (let reach = 1; this.start(high) <= slot; reach *= 2) {
      low = high;
      high = Math.min(NUM_VALUES, high + reach);
    }
    return popBetween(this, stack, low, high);
  }
}

const movedScale = (scale: number, step: number): number => Math.min(Math.max(scale + step, 0), NUM_SCALES - 1);

/** @param sum of the components' PHI below the value, which those at the ends do not need */
function startOfSum(value: number, sum: number): number {
  if (value <= 0) return 0;
  if (value >= NUM_VALUES) return TOTAL;
  return Math.floor(Math.min(sum, TOTAL) * SHARE) + value;
}
