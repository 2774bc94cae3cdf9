import { describe, expect, it } from 'vitest';
import { conditionOf, NUM_CONDITIONS } from '../../src/diffusion/conditions.ts';
import { stageSizes } from '../../src/pyramid/stages.ts';

describe('the condition of a stage', () => {
  it.each([
    [0, 1, 2, 5],
    [0, 4, 4, 5],
    [3, 4, 3, 5],
    [0, 5, 1, 4],
    [0, 16, 16, 4],
    [2, 1, 17, 3],
    [0, 64, 64, 3],
    [5, 64, 2, 3],
    [0, 65, 1, 0],
    [0, 1, 65_535, 0],
    [1, 500, 400, 1],
    [2, 65, 65, 2],
    [9, 100, 100, 2],
  ])('of level %i and %i x %i pixels is %i', (level, height, width, condition) => {
    expect(conditionOf(level, height, width)).toBe(condition);
  });

  it('never falls from level to level of the largest image, and reaches every condition', () => {
    const conditions = [...stageSizes(65_535, 2048).entries()].map(([level, { height, width }]) =>
      conditionOf(level, height, width),
    );
    expect(conditions).toEqual(conditions.toSorted((a, b) => a - b));
    expect(new Set(conditions).size).toBe(NUM_CONDITIONS);
  });
});
