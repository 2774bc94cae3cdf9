import { expect, it } from 'vitest';
import { STEP_COUNTS } from '../src/diffusion/chains.ts';
import {
  absorbingModelFor,
  DEFAULT_EFFORT,
  EFFORT_MODELS,
  EFFORT_STEPS,
  EFFORTS,
  type Effort,
  type EffortOptions,
  stepsFor,
} from '../src/effort.ts';
import { pixelMacs } from '../src/model/absorbing-model.ts';
import { loadModel } from '../src/model/installed-models.ts';

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

it.each([
  [{}, EFFORT_MODELS[DEFAULT_EFFORT]],
  [{ effort: 1 }, EFFORT_MODELS[1]],
  [{ effort: 4 }, EFFORT_MODELS[4]],
  [{ numSteps: 2 }, EFFORT_MODELS[DEFAULT_EFFORT]],
] as const)('%j takes the model %s of absorbing diffusion', (options, name) => {
  expect(absorbingModelFor(options)).toBe(name);
});

it('has models of absorbing diffusion that grow with effort, and no others', async () => {
  const models = await Promise.all(EFFORTS.map((effort) => loadModel(EFFORT_MODELS[effort])));
  const macs = models.map((model) => {
    if (model.process !== 'absorbing') throw new Error(`${model.name} is not one of absorbing diffusion`);
    return pixelMacs(model.weights);
  });
  expect(macs).toEqual([...macs].sort((a, b) => a - b));
  expect(() => absorbingModelFor({ effort: 7 as Effort })).toThrow('"effort" must be one of 1, 2, 3, 4, got 7');
});
