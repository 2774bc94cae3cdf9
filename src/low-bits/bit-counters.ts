/**
 * Adaptive probabilities of bits, one for each context: they move towards each bit seen, at first by 2/3 of the way, in
 * the end by 1/256.
 */
import { STRETCH_BITS, stretch } from './logistic.ts';

/** Probabilities are of 2^22, so that slow steps do not vanish. */
const PRECISION = 22;
const EVEN = 1 << (PRECISION - 1);
/** Bits seen, from which on the rate stays. */
const MAX_COUNT = 255;
/** 2 / (2 count + 3) of 2^15. */
const RATES = Int32Array.from({ length: MAX_COUNT + 1 }, (_, count) => Math.floor(65_536 / (2 * count + 3)));

export class BitCounters {
  private readonly probabilities: Int32Array;
  private readonly counts: Uint8Array;

  constructor(size: number) {
    this.probabilities = new Int32Array(size).fill(EVEN);
    this.counts = new Uint8Array(size);
  }

  /** Log odds of a one, in 1/256. */
  logOdds(context: number): number {
    return stretch(this.probabilities[context]! >> (PRECISION - STRETCH_BITS));
  }

  update(context: number, bit: number): void {
    const probability = this.probabilities[context]!;
    const count = this.counts[context]!;
    // 2^15 by 2^15 at most.
    const step = ((((bit << PRECISION) - probability) >> 7) * RATES[count]!) >> 8;
    // The shift rounds towards minus infinity, which may lead below 0.
    this.probabilities[context] = Math.max(0, probability + step);
    if (count < MAX_COUNT) this.counts[context] = count + 1;
  }
}
