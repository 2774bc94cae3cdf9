/**
 * Linear prediction of several targets, each from the inputs and the targets before it, by least squares over all samples so far
 * with exponential forgetting. One decomposition serves all targets: with inputs and targets in one row of numbers and
 * L D L^T the sums of their products, the weights of number t by the ones before it solve L_tt^T w = L_t.
 *
 * Only IEEE + - * / in a fixed order, so the weights are the same on every machine.
 */
import { ProductSums } from '../kernels/product-sums.ts';

/** Samples from one solution to the next, and while there are few. */
const SOLVE_INTERVAL = 64;
const EARLY_INTERVAL = 4;
const EARLY_SAMPLES = 64;
/** Added to the diagonal of the sums: keeps the weights of numbers that say nothing at 0. */
const RIDGE = 5;
/** Where rounding has left less of a pivot, which exactly is at least RIDGE, the weights stay as they are. */
const MIN_PIVOT = 1;

export class SequentialRegression {
  private readonly numInputs: number;
  private readonly size: number;
  /** Sums of products; samples since the last solution, and those times their weights. */
  private readonly sums: ProductSums;
  /** [size, size]; only the lower triangle is used. */
  private readonly lower: Float64Array;
  /** [targets, size] */
  private readonly weights: Float64Array;
  /** A column of L. */
  private readonly column: Float64Array;
  /** [SOLVE_INTERVAL + 1]: powers of the memory. */
  private readonly decay: Float64Array;
  private numRecent = 0;
  private numSamples = 0;
  private isStale = false;

  /** @param memory what each sample leaves of the weight of those before */
  constructor(numInputs: number, numTargets: number, memory: number) {
    this.numInputs = numInputs;
    this.size = numInputs + numTargets;
    this.sums = new ProductSums(this.size, SOLVE_INTERVAL);
    this.lower = new Float64Array(this.size * this.size);
    this.weights = new Float64Array(numTargets * this.size);
    this.column = new Float64Array(this.size);
    this.decay = new Float64Array(SOLVE_INTERVAL + 1).fill(1);
    for (let i = 1; i < this.decay.length; i++) this.decay[i] = this.decay[i - 1]! * memory;
  }

  /** @param sample [inputs + targets], of which those before the target count */
  predict(target: number, sample: Float64Array): number {
    const { weights } = this;
    const count = this.numInputs + target;
    const row = target * this.size;
    let sum = 0;
    for (let i = 0; i < count; i++) sum += weights[row + i]! * sample[i]!;
    return sum;
  }

  /** [inputs + targets] Weights of a target, of which those before it count. */
  weightsOf(target: number): Float64Array {
    return this.weights.subarray(target * this.size, (target + 1) * this.size);
  }

  /** Learns from a whole sample. */
  learn(sample: Float64Array): void {
    this.take(sample);
    this.update();
  }

  /** Takes a whole sample, of which the weights know after the next update. @param start of its numbers */
  take(samples: Float64Array, start = 0): void {
    const { size } = this;
    const { recent } = this.sums;
    for (let i = 0; i < size; i++) recent[i * SOLVE_INTERVAL + this.numRecent] = samples[start + i]!;
    this.numRecent++;
    this.numSamples++;
    const interval = this.numSamples <= EARLY_SAMPLES ? EARLY_INTERVAL : SOLVE_INTERVAL;
    if (this.numRecent < interval) return;
    this.addRecent();
    this.isStale = true;
  }

  /** Solves anew where the sums have changed. */
  update(): void {
    if (!this.isStale) return;
    this.isStale = false;
    if (this.decompose()) this.solve();
  }

  /** Adds the products of recent samples to the sums, which forget with each sample. */
  private addRecent(): void {
    const { size, decay, numRecent } = this;
    const { recent, weighted } = this.sums;
    for (let i = 0; i < size; i++) {
      const row = i * SOLVE_INTERVAL;
      for (let k = 0; k < numRecent; k++) weighted[row + k] = recent[row + k]! * decay[numRecent - 1 - k]!;
    }
    // Intervals are multiples of four.
    this.sums.add(numRecent, decay[numRecent]!);
    this.numRecent = 0;
  }

  /** products + RIDGE = L D L^T, column by column; false where a pivot is too small. */
  private decompose(): boolean {
    const { size, lower, column } = this;
    lower.set(this.sums.products);
    for (let i = 0; i < size; i++) lower[i * size + i]! += RIDGE;
    for (let k = 0; k < size; k++) {
      const pivot = lower[k * size + k]!;
      if (!(pivot >= MIN_PIVOT)) return false;
      for (let i = k + 1; i < size; i++) column[i] = lower[i * size + k]! / pivot;
      for (let i = k + 1; i < size; i++) {
        const row = i * size;
        const scaled = lower[row + k]!;
        for (let j = k + 1; j <= i; j++) lower[row + j]! -= column[j]! * scaled;
        lower[row + k] = column[i]!;
      }
    }
    return true;
  }

  private solve(): void {
    const { numInputs, size, lower, weights } = this;
    for (let target = 0; target < size - numInputs; target++) {
      const count = numInputs + target;
      const row = target * size;
      for (let i = count - 1; i >= 0; i--) weights[row + i] = lower[count * size + i]!;
      for (let k = count - 1; k > 0; k--) {
        const weight = weights[row + k]!;
        for (let i = 0; i < k; i++) weights[row + i] = weights[row + i]! - lower[k * size + i]! * weight;
      }
    }
  }
}
