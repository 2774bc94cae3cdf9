/**
 * Linear prediction of several targets, each from the inputs and the targets before it, by least squares over all samples so far
 * with exponential forgetting. One decomposition serves all targets: with inputs and targets in one row of numbers and
 * L D L^T the sums of their products, the weights of number t by the ones before it solve L_tt^T w = L_t.
 *
 * Only IEEE + - * / in a fixed order, so the weights are the same on every machine.
 */
import { leastSquares } from '../kernels/least-squares.ts';

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
  /** [size, size] Sums of products, and their decomposition; only the lower triangles are used. */
  private readonly products: Float64Array;
  private readonly lower: Float64Array;
  /** [targets, size] */
  private readonly weights: Float64Array;
  /** [SOLVE_INTERVAL, size] Samples since the last solution. */
  private readonly samples: Float64Array;
  /** [SOLVE_INTERVAL + 1]: powers of the memory. */
  private readonly decay: Float64Array;
  private numRecent = 0;
  private numSamples = 0;
  private isStale = false;

  /** @param memory what each sample leaves of the weight of those before */
  constructor(numInputs: number, numTargets: number, memory: number) {
    this.numInputs = numInputs;
    this.size = numInputs + numTargets;
    this.products = new Float64Array(this.size * this.size);
    this.lower = new Float64Array(this.size * this.size);
    this.weights = new Float64Array(numTargets * this.size);
    this.samples = new Float64Array(SOLVE_INTERVAL * this.size);
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

  /**
   * Takes whole samples, of which the weights know after the next update.
   * @param samples [count, inputs + targets], with anything behind them
   */
  take(samples: Float64Array, count = 1): void {
    const { size } = this;
    let next = 0;
    while (next < count) {
      const room = (this.numSamples < EARLY_SAMPLES ? EARLY_INTERVAL : SOLVE_INTERVAL) - this.numRecent;
      const taken = Math.min(room, count - next);
      this.samples.set(samples.subarray(next * size, (next + taken) * size), this.numRecent * size);
      next += taken;
      this.numRecent += taken;
      this.numSamples += taken;
      if (taken === room) this.addRecent();
    }
  }

  /** Solves anew where the sums have changed. */
  update(): void {
    if (!this.isStale) return;
    this.isStale = false;
    if (this.decompose()) this.solve();
  }

  /** Adds the products of recent samples to the sums, which forget with each sample. */
  private addRecent(): void {
    const { samples, decay, numRecent } = this;
    // Intervals are multiples of four.
    leastSquares().addProducts(this.products, { samples, count: numRecent, decay });
    this.numRecent = 0;
    this.isStale = true;
  }

  /** products + RIDGE = L D L^T; false where a pivot is too small. */
  private decompose(): boolean {
    const { size, lower } = this;
    lower.set(this.products);
    for (let i = 0; i < size; i++) lower[i * size + i]! += RIDGE;
    return leastSquares().decompose(lower, MIN_PIVOT);
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
