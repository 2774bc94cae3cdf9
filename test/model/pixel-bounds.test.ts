import { expect, it } from 'vitest';
import { emptyPixelWeights } from '../../src/model/absorbing-model.ts';
import { assertPixelBounds } from '../../src/model/pixel-bounds.ts';
import { tinyPixels } from '../helpers/fixtures.ts';

const weightsOf = () => emptyPixelWeights({ channels: 8, blocks: 1, headChannels: 8, components: 1 });

it('takes trained networks, and one of zeros', () => {
  assertPixelBounds(tinyPixels.weights);
  assertPixelBounds(weightsOf());
});

it('refuses a product of layers beyond 1e30, each of which is harmless', () => {
  const weights = weightsOf();
  weights.input.weights.fill(1e8);
  for (const layer of weights.hidden) layer.weights.fill(1e8);
  expect(() => assertPixelBounds(weights)).not.toThrow();
  weights.outputs[2]!.weights.fill(1e8);
  expect(() => assertPixelBounds(weights)).not.toThrow();
  weights.heads[2]!.weights.fill(1e8);
  expect(() => assertPixelBounds(weights)).toThrow(RangeError);
});

it('refuses a bias that is too large', () => {
  const weights = weightsOf();
  weights.outputs[0]!.bias[1] = -2e30;
  expect(() => assertPixelBounds(weights)).toThrow(/overflow/);
});
