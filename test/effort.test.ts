import { expect, it } from 'vitest';
import { STEP_COUNTS } from '../src/diffusion/chains.ts';
import { DEFAULT_EFFORT, EFFORT_STEPS, EFFORTS, type EffortOptions, stepsFor } from '../src/effort.ts';

it.each([
  [{}, 8],
  [{ effort: 1 }, 2],
  [{ effort: 2 }, 4],
  [{ effort: 3 }, 8],
  [{ effort: 4 }, 16],
  [{ effort: undefined, numSteps: 16 }, 16],
  [{ effort: 1, numSteps: undefined }, 2],
] as const)('%j is coded in %i steps', (options, expected) => {
  expect(stepsFor(options)).toBe(expected);
});

it.each([
  [{ effort: 0 }, RangeError, '"effort" must be one of 1, 2, 3, 4, got 0'],
  [{ effort: 5 }, RangeError, '"effort" must be one of 1, 2, 3, 4, got 5'],
  [{ effort: '3' }, RangeError, '"effort" must be one of 1, 2, 3, 4, got 3'],
  [{ numSteps: 3 }, RangeError, '"numSteps" must be one of 2, 4, 8, 16, got 3'],
  [{ numSteps: 0 }, RangeError, '"numSteps" must be one of 2, 4, 8, 16, got 0'],
  [{ effort: 3, numSteps: 8 }, TypeError, 'give "effort" or "numSteps", not both'],
])('%j is an error of the caller', (options, type, message) => {
  const ask = () => stepsFor(options as EffortOptions);
  expect(ask).toThrow(type);
  expect(ask).toThrow(message);
});

it('has an effort for every number of steps, rising', () => {
  expect(EFFORTS.map((effort) => EFFORT_STEPS[effort])).toEqual(STEP_COUNTS);
  expect(EFFORTS).toContain(DEFAULT_EFFORT);
});
