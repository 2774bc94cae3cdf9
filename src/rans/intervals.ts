/** Intervals of neighbouring values by their starts: dealt out in proportion, and found again. */
import type { AnsStack } from './ans-stack.ts';
import { CDF_PRECISION } from './discretised-gaussian.ts';

/**
 * Gives each value at least 1, and the rest in proportion to its part.
 *
 * @param parts [count] positive and finite, their sum too
 * @param starts from an index on [count + 1], of which the first and the last are set already, at least `count` apart; the others
 *   are written
 */
export function dealOut(parts: Float64Array, starts: Int32Array, count: number, at = 0): void {
  const first = starts[at]!;
  let total = 0;
  for (let i = 0; i < count; i++) total += parts[i]!;
  const factor = (starts[at + count]! - first - count) / total;
  let sum = parts[0]!;
  for (let i = 1; i < count; i++) {
    // Rounding can carry the product of the whole sum at most to the rest itself, so the last value keeps its 1.
    starts[at + i] = first + Math.floor(sum * factor) + i;
    sum += parts[i]!;
  }
}

interface Intervals {
  /** Start of a value's interval out of 2^20. */
  start(value: number): number;
}

/**
 * Takes off the value low..high - 1 whose interval holds the slot on top, by bisection.
 * @throws CodecError 'truncated'
 */
export function popBetween(intervals: Intervals, stack: AnsStack, low: number, high: number): number {
  const slot = stack.peek(CDF_PRECISION);
  let [value, end] = [low, high];
  while (end - value > 1) {
    const middle = (value + end) >> 1;
    if (intervals.start(middle) <= slot) value = middle;
    else end = middle;
  }
  const start = intervals.start(value);
  stack.pop(start, intervals.start(value + 1) - start, CDF_PRECISION);
  return value;
}
