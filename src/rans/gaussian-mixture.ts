/**
 * Integers coded by a mixture of rounded Gaussians, each with a mean of its own:
 *
 *     cdf(bin) = floor((w_0 PHI_0 + w_1 PHI_1 + ...) * (2^20 - numBins) / 2^20) + bin + W,   numBins = 2W + 1,
 *
 * with PHI_k and W as in discretised-gaussian.ts, bins counted from one centre, and W that of the widest component. Bins -W and W
 * stand for all values there and beyond. Sums run from the left in doubles, so with equal components the cdf is the same on
 * every machine.
 */
import type { AnsStack } from './ans-stack.ts';
import { CDF_PRECISION, halfWidthOf, normalCdf } from './discretised-gaussian.ts';

const TOTAL = 1 << CDF_PRECISION;

export class GaussianMixture {
  centre = 0;
  /** Bins are -halfWidth..halfWidth. */
  halfWidth = 0;
  /** The scale of the widest component. */
  widestScale = 0;
  private share = 0;
  private readonly numComponents: number;
  private readonly means16: Float64Array;
  /** 16 times the means, less the centre. */
  private readonly fractions: Float64Array;
  private readonly scales: Int32Array;
  private readonly weights: Float64Array;

  constructor(numComponents: number) {
    this.numComponents = numComponents;
    this.means16 = new Float64Array(numComponents);
    this.fractions = new Float64Array(numComponents);
    this.scales = new Int32Array(numComponents);
    this.weights = new Float64Array(numComponents);
  }

  /**
   * All components are to be set before the centre.
   * @param mean16 16 times the mean, within 2^18 of 16 times the centre
   * @param weight positive; those of all components sum to 1 but for rounding
   */
  setComponent(k: number, mean16: number, scale: number, weight: number): void {
    this.means16[k] = mean16;
    this.scales[k] = scale;
    this.weights[k] = weight;
  }

  /** @param centre the value whose bin is 0, an integer */
  setCentre(centre: number): void {
    const { numComponents, means16, fractions, scales } = this;
    let widest = 0;
    for (let k = 0; k < numComponents; k++) {
      fractions[k] = means16[k]! - 16 * centre;
      widest = Math.max(widest, scales[k]!);
    }
    this.centre = centre;
    this.widestScale = widest;
    this.halfWidth = halfWidthOf(widest);
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
    const { numComponents, fractions, scales, weights, halfWidth } = this;
    if (bin <= -halfWidth) return 0;
    if (bin > halfWidth) return TOTAL;
    let sum = 0;
    for (let k = 0; k < numComponents; k++) sum += weights[k]! * normalCdf(bin, fractions[k]!, scales[k]!);
    return Math.floor(Math.min(sum, TOTAL) * this.share) + bin + halfWidth;
  }

  /** What a component gives to a bin, out of 2^20. */
  part(k: number, bin: number): number {
    const [fraction, scale] = [this.fractions[k]!, this.scales[k]!];
    return this.weights[k]! * (normalCdf(bin + 1, fraction, scale) - normalCdf(bin, fraction, scale));
  }

  /** Takes a bin off. @throws CodecError 'truncated' */
  pop(stack: AnsStack): number {
    const bin = this.find(stack.peek(CDF_PRECISION));
    const start = this.start(bin);
    stack.pop(start, this.start(bin + 1) - start, CDF_PRECISION);
    return bin;
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
