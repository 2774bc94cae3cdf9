/**
 * The chains of latents that a tile can be coded with: lists of noise levels k, times t = k / TIME_GRID.
 *
 * A main chain is the best list of T + 1 levels by dynamic programming over the measured KL terms of all pairs of
 * levels (Watson et al., arXiv:2106.03802). A seed chain ends at less noise: it costs a little more but takes far
 * fewer bits from the stack before it gives them back, so it serves where the stack is still short.
 */
import { TIME_GRID } from './dimensions.ts';

/** Numbers of steps T of the main chains. */
export const STEP_COUNTS = [2, 4, 8, 16] as const;
export const NUM_SEED_CHAINS = 4;
export const NUM_CHAINS = STEP_COUNTS.length + NUM_SEED_CHAINS;

type Levels = readonly number[];

const ALL_LEVELS = Array.from({ length: TIME_GRID + 1 }, (_, k) => k);

/** Seed chains, the one that needs most bits first. */
const SEED_CHAINS: readonly Levels[] = [
  [0, 3, 5, 7, 9, 10],
  [0, 2, 4, 6, 7],
  [0, 2, 4, 5],
  [0, 1, 2, 3],
];

/** Main chains of the two finest levels of photographs, and of everything coarser or smaller. */
const FINEST: readonly Levels[] = [[0, 6, 9], [0, 5, 8, 10, 12], [0, 3, 5, 7, 9, 10, 11, 12, 14], ALL_LEVELS];
const SECOND: readonly Levels[] = [[0, 7, 10], [0, 6, 8, 10, 13], [0, 4, 6, 7, 8, 9, 11, 13, 15], ALL_LEVELS];
const OTHERS: readonly Levels[] = [[0, 5, 8], [0, 3, 5, 7, 10], [0, 2, 4, 5, 6, 7, 8, 10, 12], ALL_LEVELS];

/** Levels of every chain of a condition: the main chains in the order of STEP_COUNTS, then the seed chains. */
export function chainLevels(condition: number): readonly Levels[] {
  const main = [FINEST, SECOND][condition] ?? OTHERS;
  return [...main, ...SEED_CHAINS];
}
