/**
 * The best lists of noise levels by dynamic programming over the terms of all pairs of levels (Watson et al., arXiv:2106.03802). The bound
 * is a sum of terms that depend on neighbours of the list alone, so the best list that ends at a level holds the best one that ends before it.
 */

/** What terms of the bound cost at levels 0, 1, ... of rising noise, in any unit. */
export interface LevelCosts {
  /** L0 of a list whose first level this is; the prior of one whose last level it is. */
  readonly recon: readonly number[];
  readonly prior: readonly number[];
  /** steps[t][s], s < t: the step from level t to s. */
  readonly steps: readonly (readonly number[])[];
}

export interface LevelList {
  /** Rising, [T + 1]. */
  readonly levels: readonly number[];
  readonly cost: number;
}

/** The best list of so many steps, which may begin and end at any level. */
export function bestLevels({ recon, prior, steps }: LevelCosts, numSteps: number): LevelList {
  if (numSteps < 1 || numSteps >= recon.length) {
    throw new RangeError(`"numSteps" must be 1..${recon.length - 1}, got ${numSteps}`);
  }
  let ending = recon.map((cost, level): LevelList | undefined => ({ levels: [level], cost }));
  for (let k = 0; k < numSteps; k++) {
    ending = ending.map((_, t) =>
      cheapest(ending.slice(0, t).map((list, s) => list && extended(list, t, steps[t]![s]!))),
    );
  }
  return cheapest(ending.map((list, t) => list && { ...list, cost: list.cost + prior[t]! }))!;
}

const extended = ({ levels, cost }: LevelList, level: number, step: number): LevelList => ({
  levels: [...levels, level],
  cost: cost + step,
});

/** Of those that there are. */
const cheapest = (lists: readonly (LevelList | undefined)[]): LevelList | undefined =>
  lists.reduce(
    (best, list) => (best === undefined || (list !== undefined && list.cost < best.cost) ? list : best),
    undefined,
  );

/** The bound of a list. */
export const costOfLevels = ({ recon, prior, steps }: LevelCosts, levels: readonly number[]): number =>
  levels.slice(1).reduce((sum, t, i) => sum + steps[t]![levels[i]!]!, recon[levels[0]!]! + prior[levels.at(-1)!]!);
