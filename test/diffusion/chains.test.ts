import { describe, expect, it } from 'vitest';
import { chainLevels, NUM_CHAINS, STEP_COUNTS } from '../../src/diffusion/chains.ts';
import { NUM_CONDITIONS } from '../../src/diffusion/conditions.ts';
import { TIME_GRID } from '../../src/diffusion/dimensions.ts';
import { tinyModel } from '../helpers/fixtures.ts';

describe.each(Array.from({ length: NUM_CONDITIONS }, (_, i) => i))('the chains of condition %i', (condition) => {
  const chains = chainLevels(condition);

  it('rise from little noise on the grid', () => {
    expect(chains).toHaveLength(NUM_CHAINS);
    for (const levels of chains) {
      expect(levels[0]).toBeLessThan(TIME_GRID / 4);
      expect(levels.every((level, i) => Number.isInteger(level) && level > (levels[i - 1] ?? -1))).toBe(true);
      expect(levels.at(-1)).toBeLessThanOrEqual(TIME_GRID);
    }
  });

  it('are as long as those of the other conditions', () => {
    expect(chains.map((levels) => levels.length)).toEqual([3, 5, 9, 17, 6, 5, 4, 4]);
  });

  it('begin with one main chain for each number of steps', () => {
    expect(STEP_COUNTS.map((_, i) => chains[i]!.length - 1)).toEqual([...STEP_COUNTS]);
  });

  it('are those of the tiny model', () => {
    expect(tinyModel.conditions[condition]!.chains.map(({ levels }) => [...levels])).toEqual(chains);
  });

  it('end with seed chains, each of which ends at less noise than the one before', () => {
    const last = chains.slice(STEP_COUNTS.length).map((levels) => levels.at(-1)!);
    expect(last).toEqual(last.toSorted((a, b) => b - a));
  });
});
