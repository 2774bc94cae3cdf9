/**
 * Symbols with weights of any size: an integer cdf of total 2^20 for weights W_0 .. W_(n-1), and an escape after them.
 *
 *     cdf(i) = floor((W_0 + ... + W_(i-1)) * (S / (W_0 + ... + W_(n-1)))) + i,   S = 2^20 - ESCAPE_FREQ - n
 *
 * for i < n; cdf(n) = 2^20 - ESCAPE_FREQ, where the escape begins. Sums run from 0 upward in doubles, so with equal
 * weights the cdf is the same on every machine.
 */
import type { AnsStack } from './ans-stack.ts';
import { CDF_PRECISION } from './discretised-gaussian.ts';
import { dealOut, popBetween } from './intervals.ts';

const TOTAL = 1 << CDF_PRECISION;
/** Frequency of the escape: it costs 11 bits, and all other symbols together 0.0007 bits. */
export const ESCAPE_FREQ = 512;
/** More symbols would leave them too few frequencies. */
export const MAX_SYMBOLS = 4096;

/** The start of every symbol's interval, which ends where the next one's starts. */
export class CategoricalCdf {
  private readonly starts = new Int32Array(MAX_SYMBOLS + 2);
  private numSymbols = 0;

  /** Index of the escape: the number of symbols that have weights. */
  get escape(): number {
    return this.numSymbols;
  }

  /**
   * Computes the cdf of the first `count` weights.
   *
   * @param weights positive and finite, their sum too
   * @param count 1..MAX_SYMBOLS
   */
  set(weights: Float64Array, count: number): void {
    this.starts[count] = TOTAL - ESCAPE_FREQ;
    this.starts[count + 1] = TOTAL;
    dealOut(weights, this.starts, count);
    this.numSymbols = count;
  }

  start(symbol: number): number {
    return this.starts[symbol]!;
  }

  freq(symbol: number): number {
    return this.starts[symbol + 1]! - this.starts[symbol]!;
  }

  /** Takes a symbol off. @throws CodecError 'truncated' */
  pop(stack: AnsStack): number {
    return popBetween(this, stack, 0, this.numSymbols + 1);
  }
}
