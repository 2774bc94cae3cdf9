/**
 * A mixture whose values within a window are weighed: what the window has of 2^20 stays its own, and is dealt out anew,
 *
 *     cdf'(first + i) = cdf(first) + floor((share - count) * (v_0 + ... + v_(i-1)) / (v_0 + ... + v_(count-1))) + i,
 *
 * where v_j is the j-th value's weight times its share of 2^20, and share that of the whole window. Sums run from the left in
 * doubles. Outside of the window the mixture stays as it is.
 */
import type { AnsStack } from '../rans/ans-stack.ts';
import type { ByteDistribution, ByteMixture } from '../rans/byte-mixture.ts';
import { CDF_PRECISION } from '../rans/discretised-gaussian.ts';
import { dealOut, popBetween } from '../rans/intervals.ts';
import { MAX_WINDOW, type Window } from './colour-weights.ts';

const NUM_VALUES = 256;
/** A window reaches so many deviations to each side of the mean, and one value more. */
const DEVIATIONS = 2.5;
const MAX_HALF = (MAX_WINDOW - 1) / 2;

export class WeighedMixture implements ByteDistribution {
  private mixture: ByteMixture | undefined;
  private first = 0;
  private count = 0;
  /** [count + 1] Of the mixture, and as weighed. */
  private readonly starts = new Int32Array(MAX_WINDOW + 1);
  private readonly weighed = new Int32Array(MAX_WINDOW + 1);
  /** v of each value; before, the sums of which the starts come. */
  private readonly parts = new Float64Array(MAX_WINDOW + 1);

  /** The window of a mixture, around its mean. */
  windowOf(mixture: ByteMixture): Window {
    const half = Math.min(Math.ceil(DEVIATIONS * mixture.deviation()) + 1, MAX_HALF);
    const centre = Math.min(Math.max(Math.floor(mixture.adaptedMean() + 0.5), 0), NUM_VALUES - 1);
    const first = Math.max(centre - half, 0);
    return { first, count: Math.min(centre + half, NUM_VALUES - 1) - first + 1 };
  }

  /** Weighs a mixture, which is to stay as it is while it is coded. @param weights above 0 */
  set(mixture: ByteMixture, { first, count }: Window, weights: Float64Array): void {
    const { starts, weighed, parts } = this;
    this.mixture = mixture;
    this.first = first;
    this.count = count;
    mixture.startsFrom(first, starts.subarray(0, count + 1), parts.subarray(0, count + 1));
    for (let i = 0; i < count; i++) parts[i] = weights[i]! * (starts[i + 1]! - starts[i]!);
    weighed[0] = starts[0]!;
    weighed[count] = starts[count]!;
    dealOut(parts, weighed, count);
  }

  /** True for values of the window. */
  covers(value: number): boolean {
    return value >= this.first && value < this.first + this.count;
  }

  /** Share of 2^20 of a value of the window as weighed, in what it was. */
  ratio(value: number): number {
    const { starts, weighed } = this;
    const i = value - this.first;
    return (weighed[i + 1]! - weighed[i]!) / (starts[i + 1]! - starts[i]!);
  }

  /** Start of a value's interval out of 2^20; 2^20 for 256. */
  start(value: number): number {
    const i = value - this.first;
    return i >= 0 && i <= this.count ? this.weighed[i]! : this.mixture!.start(value);
  }

  /** Takes a value off. @throws CodecError 'truncated' */
  pop(stack: AnsStack): number {
    const { weighed, count } = this;
    const slot = stack.peek(CDF_PRECISION);
    if (slot < weighed[0]! || slot >= weighed[count]!) return this.mixture!.pop(stack);
    return popBetween(this, stack, this.first, this.first + count);
  }
}
