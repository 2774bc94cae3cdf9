/**
 * The chains of latents that a tile can be coded with: lists of noise levels k, times t = k / TIME_GRID.
 *
 * A main chain is the best list of T + 1 levels by dynamic programming over the measured KL terms of all pairs of
 * levels (Watson et al., arXiv:2106.03802). A seed chain ends at less noise: it costs a little more but takes far
 * fewer bits from the stack before it gives them back, so it serves where the stack is still short. Late chains start at
 * more noise: the weights of colours (src/codec/colour-counts.ts) then find more of what their first steps would have told.
 */
import { TIME_GRID } from './dimensions.ts';

/** Numbers of steps T of the main chains. */
export const STEP_COUNTS = [2, 4, 8, 16] as const;
export const NUM_SEED_CHAINS = 4;
/** Main chains and seed chains, which every condition has; where there are late chains, as many come after them. */
export const NUM_COMMON_CHAINS = STEP_COUNTS.length + NUM_SEED_CHAINS;

type Levels = readonly number[];

const ALL_LEVELS = Array.from({ length: TIME_GRID + 1 }, (_, k) => k);

/**
 * Main chains in the order of STEP_COUNTS, then seed chains, the one that needs most bits first, then, where there are
 * any, late main chains and late seed chains.
 */
type Chains = readonly Levels[];

/** Common chains have the same lengths in all conditions. By condition: the finest and the second level of photographs, their coarser levels, and small images. */
const CHAINS: readonly Chains[] = [
  [
    [3, 11, 14],
    [0, 9, 11, 13, 15],
    [0, 6, 9, 11, 12, 13, 14, 15, 16],
    ALL_LEVELS,
    [1, 4, 9, 10, 12, 14],
    [4, 5, 9, 11, 12],
    [2, 8, 9, 10],
    [2, 6, 7, 8],
    [11, 13],
    [10, 12, 13, 15],
    [10, 11, 12, 13, 14, 15, 16],
    [9, 10, 11, 12, 13, 14, 15, 16],
    [10, 11, 12],
    [10],
    [9],
    [7],
  ],
  [
    [3, 9, 12],
    [0, 6, 9, 11, 13],
    [0, 6, 8, 9, 10, 11, 12, 13, 14],
    ALL_LEVELS,
    [4, 6, 9, 10, 11, 12],
    [0, 1, 5, 9, 10],
    [1, 4, 7, 8],
    [1, 2, 4, 5],
  ],
  [
    [2, 6, 9],
    [1, 4, 6, 8, 10],
    [1, 3, 4, 5, 6, 7, 8, 10, 12],
    ALL_LEVELS,
    [0, 2, 4, 5, 7, 8],
    [0, 2, 4, 5, 6],
    [0, 2, 3, 4],
    [0, 1, 2, 3],
  ],
  [
    [2, 8, 11],
    [1, 6, 9, 11, 13],
    [1, 5, 7, 9, 10, 11, 12, 13, 15],
    ALL_LEVELS,
    [2, 5, 7, 8, 10, 11],
    [2, 5, 6, 8, 9],
    [1, 4, 5, 6],
    [0, 2, 3, 4],
  ],
];

/** Levels of every chain of a condition. */
export const chainLevels = (condition: number): Chains => CHAINS[Math.min(condition, CHAINS.length - 1)]!;

/** The late chain for T = 16 starts a little too early, and images are larger with it than with that for 8. */
const LAST_LATE = 2;

export interface ChainOptions {
  readonly numSteps: number;
  readonly startsLate: boolean;
}

/**
 * The chains that a tile may take, as indices among those of its condition: the main chain, then the seed chains by
 * falling need of bits; the late ones if they are asked for and there.
 */
export function chainsFor(condition: number, { numSteps, startsLate }: ChainOptions): number[] {
  const isLate = startsLate && chainLevels(condition).length > NUM_COMMON_CHAINS;
  const first = isLate ? NUM_COMMON_CHAINS : 0;
  const steps = (STEP_COUNTS as readonly number[]).indexOf(numSteps);
  const main = first + (isLate ? Math.min(steps, LAST_LATE) : steps);
  const seeds = Array.from({ length: NUM_SEED_CHAINS }, (_, i) => first + STEP_COUNTS.length + i);
  return [main, ...seeds];
}
