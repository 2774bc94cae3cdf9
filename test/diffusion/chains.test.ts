import { describe, expect, it } from 'vitest';
import { chainLevels, chainsFor, NUM_COMMON_CHAINS, NUM_SEED_CHAINS, STEP_COUNTS } from '../../src/diffusion/chains.ts';
import { NUM_CONDITIONS } from '../../src/diffusion/conditions.ts';
import { TIME_GRID } from '../../src/diffusion/dimensions.ts';
import { tinyModel } from '../helpers/fixtures.ts';

describe.each(Array.from({ length: NUM_CONDITIONS }, (_, i) => i))('the chains of condition %i', (condition) => {
  const chains = chainLevels(condition);

  it('rise on the grid', () => {
    for (const levels of chains) {
      expect(levels.every((level, i) => Number.isInteger(level) && level > (levels[i - 1] ?? -1))).toBe(true);
      expect(levels.at(-1)).toBeLessThanOrEqual(TIME_GRID);
    }
  });

  it('begin with little noise, but for late chains', () => {
    for (const levels of chains.slice(0, NUM_COMMON_CHAINS)) expect(levels[0]).toBeLessThanOrEqual(TIME_GRID / 4);
  });

  it('have one main chain for each number of steps, and a late one that is not longer', () => {
    for (const numSteps of STEP_COUNTS) {
      const early = chainsFor(condition, { numSteps, startsLate: false })[0]!;
      const late = chainsFor(condition, { numSteps, startsLate: true })[0]!;
      expect(chains[early]).toHaveLength(numSteps + 1);
      expect(chains[late]!.length).toBeLessThanOrEqual(numSteps + 1);
      expect(chains[late]![0]).toBeGreaterThanOrEqual(chains[early]![0]!);
    }
  });

  it('are those of the tiny model', () => {
    expect(tinyModel.conditions[condition]!.chains.map(({ levels }) => [...levels])).toEqual(chains);
  });

  it.each([false, true])(
    'have seed chains, each of which ends at less noise than the one before (late: %s)',
    (startsLate) => {
      const [, ...seeds] = chainsFor(condition, { numSteps: 8, startsLate });
      expect(seeds).toHaveLength(NUM_SEED_CHAINS);
      const last = seeds.map((index) => chains[index]!.at(-1)!);
      expect(last).toEqual(last.toSorted((a, b) => b - a));
    },
  );
});
