/**
 * Histogram of pairs (Co, Cg) and the weight of each pair: its count over the mean count of the 5 x 5 pairs around it,
 * both with kappa added.
 */

/** Pairs are counted modulo 2^9 in both parts, which tells all pairs of an image apart. */
const SIDE = 512;
const MASK = SIDE - 1;
const RADIUS = 2;
const AREA = (2 * RADIUS + 1) * (2 * RADIUS + 1);

/** Index of a pair; every pair of integers has one, those of images each their own. */
export const pairIndex = (co: number, cg: number): number => ((co & MASK) << 9) | (cg & MASK);

export class PairHistogram {
  /** By pairIndex, in single precision: they are read at random, and half the size is twice as much of them at hand. */
  readonly weights = new Float32Array(SIDE * SIDE).fill(1);
  private readonly kappa: number;
  private readonly counts = new Int32Array(SIDE * SIDE);
  private readonly sums = new Int32Array(SIDE * SIDE);
  /** Changes of counts that were tallied and not yet settled, and the indices that may have one. */
  private readonly changes = new Int32Array(SIDE * SIDE);
  private changed: number[] = [];

  /** @param kappa above 0 where weights are used */
  constructor(kappa: number) {
    this.kappa = kappa;
  }

  /** Adds to the count of a pair and brings the weights around it up to date. */
  add(index: number, change: number): void {
    const { counts, sums, weights, kappa } = this;
    counts[index] = counts[index]! + change;
    const [co, cg] = [index >> 9, index & MASK];
    for (let i = co - RADIUS; i <= co + RADIUS; i++) {
      for (let j = cg - RADIUS; j <= cg + RADIUS; j++) {
        const near = pairIndex(i, j);
        sums[near] = sums[near]! + change;
        weights[near] = (counts[near]! + kappa) / (sums[near]! / AREA + kappa);
      }
    }
  }

  /** As add, but the weights follow at settle(): cheaper for many pixels, of which most repeat a pair. */
  tally(index: number, change: number): void {
    if (this.changes[index] === 0) this.changed.push(index);
    this.changes[index]! += change;
  }

  settle(): void {
    for (const index of this.changed) {
      const change = this.changes[index]!;
      this.changes[index] = 0;
      if (change !== 0) this.add(index, change);
    }
    this.changed = [];
  }
}
