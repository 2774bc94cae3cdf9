/**
 * What docs/format.md asks of a model's tables: within these ranges every engine computes the same integers, and
 * |mean16| stays below 2^24. The convolutions have bounds of their own (src/network/bounds.ts).
 */
import { TIME_GRID } from '../diffusion/dimensions.ts';
import { type Film, MAX_FILM_MULTIPLIER, MAX_FILM_OFFSET } from '../network/network.ts';
import type { Condition, Head, ModelTables } from './model.ts';

/** The input scale of a standard deviation of 1: it becomes 2^7 steps, with 10 fractional bits. */
export const MAX_INPUT_SCALE = 0x2_0000; // 2^17
const MAX_SKIP = 0x10_0000; // 2^20
const MAX_GAIN = 0x100_0000; // 2^24

/** @throws Error naming the table that leaves its range. */
export function assertTableBounds({ conditions }: ModelTables): void {
  for (const [i, condition] of conditions.entries()) {
    for (const film of [condition.trunkFilm, ...condition.films, condition.priorFilm]) assertFilm(i, film);
    for (const inScale of condition.inScales)
      assertRange(`input scales of condition ${i}`, inScale, 0, MAX_INPUT_SCALE);
    for (const head of headsOf(condition)) assertHead(i, head);
    for (const { levels } of condition.chains) assertRange(`chain levels of condition ${i}`, levels, 0, TIME_GRID);
  }
}

const headsOf = ({ direct, chains }: Condition): Head[] => [
  direct,
  ...chains.flatMap(({ heads, prior }) => [...heads, prior]),
];

function assertFilm(condition: number, { multiplier, offset }: Film): void {
  assertRange(`FiLM multipliers of condition ${condition}`, multiplier, -MAX_FILM_MULTIPLIER, MAX_FILM_MULTIPLIER);
  assertRange(`FiLM offsets of condition ${condition}`, offset, -MAX_FILM_OFFSET, MAX_FILM_OFFSET);
}

function assertHead(condition: number, { skip, gain }: Head): void {
  assertRange(`skips of condition ${condition}`, skip, -MAX_SKIP, MAX_SKIP);
  assertRange(`gains of condition ${condition}`, gain, -MAX_GAIN, MAX_GAIN);
}

function assertRange(name: string, values: Int32Array | Int16Array | Uint8Array, min: number, max: number): void {
  for (const value of values) {
    if (value < min || value > max) throw new Error(`${name} must be ${min}..${max}, found ${value}`);
  }
}
