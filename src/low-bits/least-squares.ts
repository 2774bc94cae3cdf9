/**
 * Prediction by the linear function that would have done best so far: recursive least squares with exponential
 * forgetting, solved anew by an LDL^T decomposition after every few samples.
 *
 * Only IEEE + - * / in a fixed order, so the weights are the same on every machine.
 */

/** Samples from one solution to the next. */
const SOLVE_INTERVAL = 8;
/** Added to the diagonal of the sums: keeps the weights of inputs that say nothing at 0. */
const RIDGE = 1;
/** Where rounding has left less of a pivot, which exactly is at least RIDGE, the weights stay as they are. */
const MIN_PIVOT = 0.5;

export class LeastSquares {
  private readonly size: number;
  private readonly memory: number;
  /** [size, size], sums of products of inputs; only the lower triangle is used. */
  private readonly products: Float64Array;
  /** [size], sums of products of inputs and target. */
  private readonly moments: Float64Array;
  private readonly weights: Float64Array;
  /** [size, size], the lower triangle of L. */
  private readonly lower: Float64Array;
  private readonly pivots: Float64Array;
  private readonly solution: Float64Array;
  private numUpdates = 0;

  /**
   * @param size number of inputs
   * @param memory what each sample leaves of the weight of those before, below 1
   */
  constructor(size: number, memory: number) {
    this.size = size;
    this.memory = memory;
    this.products = new Float64Array(size * size);
    this.moments = new Float64Array(size);
    this.weights = new Float64Array(size);
    this.lower = new Float64Array(size * size);
    this.pivots = new Float64Array(size);
    this.solution = new Float64Array(size);
  }

  predict(inputs: Float64Array): number {
    let sum = 0;
    for (let i = 0; i < this.size; i++) sum += this.weights[i]! * inputs[i]!;
    return sum;
  }

  /** Learns from a sample, unless all of its inputs are 0, which says nothing. */
  update(inputs: Float64Array, target: number): void {
    if (this.isSilent(inputs)) return;
    const { size, memory, products, moments } = this;
    for (let i = 0; i < size; i++) {
      const input = inputs[i]!;
      const row = i * size;
      for (let j = 0; j <= i; j++) products[row + j] = products[row + j]! * memory + input * inputs[j]!;
      moments[i] = moments[i]! * memory + input * target;
    }
    this.numUpdates++;
    if (this.numUpdates % SOLVE_INTERVAL === 0 && this.decompose()) this.substitute();
  }

  /** Without this check the sums of a long flat area would decay to subnormal numbers, which are slow. */
  private isSilent(inputs: Float64Array): boolean {
    for (let i = 0; i < this.size; i++) if (inputs[i] !== 0) return false;
    return true;
  }

  /** products + RIDGE = L D L^T; false where a pivot is too small. */
  private decompose(): boolean {
    const { size, products, lower, pivots } = this;
    for (let i = 0; i < size; i++) {
      for (let j = 0; j <= i; j++) {
        let sum = products[i * size + j]!;
        if (i === j) sum += RIDGE;
        for (let k = 0; k < j; k++) sum -= lower[i * size + k]! * lower[j * size + k]! * pivots[k]!;
        if (i === j) pivots[i] = sum;
        else lower[i * size + j] = sum / pivots[j]!;
      }
      if (!(pivots[i]! >= MIN_PIVOT)) return false;
    }
    return true;
  }

  /** Solves L y = moments, then D L^T weights = y. */
  private substitute(): void {
    const { size, moments, lower, pivots, solution, weights } = this;
    for (let i = 0; i < size; i++) {
      let sum = moments[i]!;
      for (let k = 0; k < i; k++) sum -= lower[i * size + k]! * solution[k]!;
      solution[i] = sum;
    }
    for (let i = size - 1; i >= 0; i--) {
      let sum = solution[i]! / pivots[i]!;
      for (let k = i + 1; k < size; k++) sum -= lower[k * size + i]! * weights[k]!;
      weights[i] = sum;
    }
  }
}
