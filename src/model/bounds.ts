/**
 * What docs/format.md asks of a model's tables: within these ranges every engine computes the same integers, and
 * |mean16| stays below 2^24. The convolutions have bounds of their own (src/network/bounds.ts).
 */
import { TIME_GRID } from '../diffusion/dimensions.ts';
import { type Film, MAX_FILM_MULTIPLIER, MAX_FILM_OFFSET } from '../network/network.ts';
import type { ModelTables } from './model.ts';

/** The input scale of a standard deviation of 1: it becomes 2^7 steps, with 10 fractional bits. */
export const INPUT_SCALE_OF_ONE = 0x2_0000; // 2^17
/** That of a standard deviation of 1/2, below which latents, which are integers, are not scaled up further. */
export const MAX_INPUT_SCALE = 0x4_0000; // 2^18
/** Of noise levels and deviations, in their units of 2^-12: 2^12, so that gains stay below 2^24. */
const MAX_DEVIATION = 0x100_0000; // 2^24

/** @throws Error naming the table that leaves its range. */
export function assertTableBounds({ conditions, details }: ModelTables): void {
  for (const [i, condition] of conditions.entries()) {
    for (const film of [condition.trunkFilm, ...condition.films, condition.priorFilm]) assertFilm(i, film);
    assertRange(`noise levels of condition ${i}`, condition.noise, 1, MAX_DEVIATION);
    assertRange(`deviations of condition ${i}`, condition.deviations, 1, MAX_DEVIATION);
    for (const levels of condition.levels) assertRange(`chain levels of condition ${i}`, levels, 0, TIME_GRID);
  }
  for (const [i, { trunkFilm, films, deviations }] of details.conditions.entries()) {
    for (const film of [trunkFilm, ...films]) assertFilm(i, film);
    assertRange(`deviations of details of condition ${i}`, deviations, 1, MAX_DEVIATION);
  }
}

function assertFilm(condition: number, { multiplier, offset }: Film): void {
  assertRange(`FiLM multipliers of condition ${condition}`, multiplier, -MAX_FILM_MULTIPLIER, MAX_FILM_MULTIPLIER);
  assertRange(`FiLM offsets of condition ${condition}`, offset, -MAX_FILM_OFFSET, MAX_FILM_OFFSET);
}

function assertRange(name: string, values: Int32Array | Int16Array | Uint8Array, min: number, max: number): void {
  for (const value of values) {
    if (value < min || value > max) throw new Error(`${name} must be ${min}..${max}, found ${value}`);
  }
}
