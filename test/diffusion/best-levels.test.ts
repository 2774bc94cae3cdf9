import { describe, expect, it } from 'vitest';
import { bestLevels, costOfLevels, type LevelCosts } from '../../src/diffusion/best-levels.ts';
import { seededRandom } from '../helpers/random.ts';

function randomCosts(seed: number, count: number): LevelCosts {
  const random = seededRandom(seed);
  const row = (length: number) => Array.from({ length }, () => random());
  return { recon: row(count), prior: row(count), steps: Array.from({ length: count }, (_, t) => row(t)) };
}

/** All rising lists of so many levels. */
function lists(count: number, length: number, first = 0): number[][] {
  if (length === 0) return [[]];
  return Array.from({ length: count - first }, (_, i) => first + i).flatMap((level) =>
    lists(count, length - 1, level + 1).map((rest) => [level, ...rest]),
  );
}

describe('bestLevels', () => {
  it.each([1, 2, 3, 4, 5])('is the cheapest of all lists of %d steps', (numSteps) => {
    for (let seed = 1; seed <= 8; seed++) {
      const costs = randomCosts(seed, 7);
      const all = lists(7, numSteps + 1).map((levels) => ({ levels, cost: costOfLevels(costs, levels) }));
      const cheapest = all.reduce((best, list) => (list.cost < best.cost ? list : best));
      const { levels, cost } = bestLevels(costs, numSteps);
      expect(levels).toEqual(cheapest.levels);
      expect(cost).toBeCloseTo(cheapest.cost, 12);
    }
  });

  it('has all levels where there are as many steps as between them', () => {
    expect(bestLevels(randomCosts(1, 5), 4).levels).toEqual([0, 1, 2, 3, 4]);
  });

  it.each([0, 5])('refuses %d steps of 5 levels', (numSteps) => {
    expect(() => bestLevels(randomCosts(1, 5), numSteps)).toThrow('"numSteps" must be 1..4, got');
  });
});

it('costOfLevels is L0 of the first level, the steps, and the prior of the last', () => {
  const costs = { recon: [1, 2, 3], prior: [10, 20, 30], steps: [[], [100], [200, 300]] };
  expect(costOfLevels(costs, [0, 2])).toBe(1 + 200 + 30);
  expect(costOfLevels(costs, [0, 1, 2])).toBe(1 + 100 + 300 + 30);
});
