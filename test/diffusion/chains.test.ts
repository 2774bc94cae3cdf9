import { describe, expect, it } from 'vitest';
import { chainLevels, mainChain, NUM_CHAINS, SEED_CHAINS, STEP_COUNTS } from '../../src/diffusion/chains.ts';
import { NUM_CONDITIONS } from '../../src/diffusion/conditions.ts';
import { TIME_GRID } from '../../src/diffusion/dimensions.ts';
import { tinyModel } from '../helpers/fixtures.ts';

describe.each(Array.from({ length: NUM_CONDITIONS }, (_, i) => i))('the chains of condition %i', (condition) => {
  const chains = chainLevels(condition);

  it('rise on the grid', () => {
    expect(chains).toHaveLength(NUM_CHAINS);
    for (const levels of chains) {
      expect(levels.every((level, i) => Number.isInteger(level) && level > (levels[i - 1] ?? -1))).toBe(true);
      expect(levels.at(-1)).toBeLessThanOrEqual(TIME_GRID);
    }
  });

  it('begin with little noise, but for those that start late', () => {
    const early = [...STEP_COUNTS.map((numSteps) => mainChain(numSteps, false)), ...SEED_CHAINS];
    for (const index of early) expect(chains[index]![0]).toBeLessThan(TIME_GRID / 4);
  });

  it('have one main chain for each number of steps, and a late one that is not longer', () => {
    for (const numSteps of STEP_COUNTS) {
      expect(chains[mainChain(numSteps, false)]).toHaveLength(numSteps + 1);
      expect(chains[mainChain(numSteps, true)]!.length).toBeLessThanOrEqual(numSteps + 1);
    }
  });

  it('are those of the tiny model', () => {
    expect(tinyModel.conditions[condition]!.chains.map(({ levels }) => [...levels])).toEqual(chains);
  });

  it('have seed chains, each of which ends at less noise than the one before', () => {
    const last = SEED_CHAINS.map((index) => chains[index]!.at(-1)!);
    expect(last).toEqual(last.toSorted((a, b) => b - a));
  });
});
