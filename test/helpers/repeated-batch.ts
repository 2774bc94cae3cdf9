/** A training batch of one example, repeated. */
import { KNOWN_PLANES } from '../../src/network/network.ts';
import type { Batch } from '../../src/train/batch.ts';
import { Random } from '../../src/train/random.ts';

/** Height and width in positions. */
export const SIDE = 3;
/** Coefficients of an example. */
export const VALUES = SIDE * SIDE * 9;
export const CONDITION = 1;

/** A gray example has only the coefficients of Y. */
export function repeatedBatch(size: number, { gray = false } = {}): Batch {
  const random = new Random(11);
  const isThere = (c: number) => !gray || c % 3 === 0;
  const detail = Array.from(random.normal(VALUES), (value, i) => (isThere(i % 9) ? Math.round(8 * value) : 0));
  const known = Array.from(random.normal(SIDE * SIDE * KNOWN_PLANES), (value) => Math.round(20 * value) / 32);
  const mask = Array.from({ length: 9 }, (_, c) => (isThere(c) ? 1 : 0));
  const repeat = (values: readonly number[]) => Float32Array.from(Array.from({ length: size }, () => values).flat());
  const shape = { size, height: SIDE, width: SIDE, condition: new Int32Array(size).fill(CONDITION) };
  const classes = new Uint8Array(size * SIDE * SIDE * 3);
  const shift = new Float32Array(size * VALUES);
  return { ...shape, detail: repeat(detail), shift, known: repeat(known), classes, mask: repeat(mask) };
}

/** Noise for such a batch, the same for each example. */
export function repeatedNoise(size: number): Float32Array {
  const noise = new Random(12).normal(VALUES);
  return new Float32Array(size * VALUES).map((_, i) => noise[i % VALUES]!);
}
