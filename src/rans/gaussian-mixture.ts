/**
 * Integers coded by a mixture of five rounded Gaussians of one mean, whose deviations are an octave apart:
 *
 *     cdf(bin) = floor((w_0 PHI_0 + ... + w_4 PHI_4) * (2^20 - numBins) / 2^20) + bin + W,   numBins = 2W + 1,
 *
 * with PHI_k and W as in discretised-gaussian.ts, W that of the widest one. Bins -W and W stand for all values there and
 * beyond. Sums run from the left in doubles, so with equal weights the cdf is the same on every machine.
 */
import type { AnsStack } from './ans-stack.ts';
import { CDF_PRECISION, halfWidthOf, NUM_SCALES, normalCdf } from './discretised-gaussian.ts';

export const NUM_COMPONENTS = 5;
const MIDDLE = (NUM_COMPONENTS - 1) / 2;
const SCALES_AN_OCTAVE = 16;
const TOTAL = 1 << CDF_PRECISION;
/** Weights are learned towards no less than this, so that no component is lost for good. */
const MIN_WEIGHT = 1 / 16_384;
const LEARNED_SHARE = 1 - NUM_COMPONENTS * MIN_WEIGHT;

export class GaussianMixture {
  centre = 0;
  /** Bins are -halfWidth..halfWidth. */
  halfWidth = 0;
  private fraction = 0;
  private share = 0;
  private readonly scales = new Int32Array(NUM_COMPONENTS);
  private readonly weights = new Float64Array(NUM_COMPONENTS);
  private readonly likelihoods = new Float64Array(NUM_COMPONENTS);

  /** The scale of the widest component. */
  get widestScale(): number {
    return this.scales[NUM_COMPONENTS - 1]!;
  }

  /**
   * @param mean16 integer, 16 times the mean, magnitude below 2^31 - 8
   * @param scale of the middle component; components beyond the end of the scales are at the end
   * @param weights of the components, from `offset` on: positive, of sum 1 but for rounding
   */
  set(mean16: number, scale: number, weights: Float64Array, offset: number): void {
    this.centre = (mean16 + 8) >> 4;
    this.fraction = mean16 - (this.centre << 4);
    for (let k = 0; k < NUM_COMPONENTS; k++) {
      const shifted = scale + (k - MIDDLE) * SCALES_AN_OCTAVE;
      this.scales[k] = Math.min(Math.max(shifted, 0), NUM_SCALES - 1);
      this.weights[k] = weights[offset + k]!;
    }
    this.halfWidth = halfWidthOf(this.widestScale);
    this.share = (TOTAL - (2 * this.halfWidth + 1)) / TOTAL;
  }

  /** The bin of a value. */
  binOf(value: number): number {
    return Math.min(Math.max(value - this.centre, -this.halfWidth), this.halfWidth);
  }

  /** True for the bins that stand for more than one value. */
  isEscape(bin: number): boolean {
    return bin === this.halfWidth || bin === -this.halfWidth;
  }

  /** Start of a bin in -W..W + 1, out of 2^20. */
  start(bin: number): number {
    const { fraction, scales, weights, halfWidth } = this;
    if (bin <= -halfWidth) return 0;
    if (bin > halfWidth) return TOTAL;
    let sum = 0;
    for (let k = 0; k < NUM_COMPONENTS; k++) sum += weights[k]! * normalCdf(bin, fraction, scales[k]!);
    return Math.floor(Math.min(sum, TOTAL) * this.share) + bin + halfWidth;
  }

  /** Takes a bin off. @throws CodecError 'truncated' */
  pop(stack: AnsStack): number {
    const bin = this.find(stack.peek(CDF_PRECISION));
    const start = this.start(bin);
    stack.pop(start, this.start(bin + 1) - start, CDF_PRECISION);
    return bin;
  }

  /**
   * Moves weights towards what each component had in a bin that came.
   * @param rate 0..1
   */
  learn(bin: number, weights: Float64Array, offset: number, rate: number): void {
    const { fraction, scales, likelihoods } = this;
    let total = 0;
    for (let k = 0; k < NUM_COMPONENTS; k++) {
      const scale = scales[k]!;
      likelihoods[k] = weights[offset + k]! * (normalCdf(bin + 1, fraction, scale) - normalCdf(bin, fraction, scale));
      total += likelihoods[k]!;
    }
    if (total === 0) return;
    for (let k = 0; k < NUM_COMPONENTS; k++) {
      const weight = weights[offset + k]!;
      weights[offset + k] = weight + rate * (MIN_WEIGHT + LEARNED_SHARE * (likelihoods[k]! / total) - weight);
    }
  }

  /** The bin that holds a slot: steps away from the centre that double, then bisection. */
  private find(slot: number): number {
    const { halfWidth } = this;
    let [low, high] = [-halfWidth, halfWidth + 1];
    if (slot < this.start(0)) {
      high = 0;
      for (let reach = 1; high - reach > low; reach *= 2) {
        if (this.start(high - reach) <= slot) low = high - reach;
        else high -= reach;
      }
    } else {
      low = 0;
      for (let reach = 1; low + reach < high; reach *= 2) {
        if (this.start(low + reach) > slot) high = low + reach;
        else low += reach;
      }
    }
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (this.start(middle) <= slot) low = middle;
      else high = middle;
    }
    return low;
  }
}
