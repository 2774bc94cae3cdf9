import { expect, it } from 'vitest';
import { assertAccumulatorBounds } from '../../src/network/bounds.ts';
import type { NetworkWeights } from '../../src/network/network.ts';
import { KNOWN_PLANES } from '../../src/network/network.ts';
import { randomNetwork } from '../helpers/random-network.ts';

const make = () => randomNetwork({ channels: 8, trunkBlocks: 1, denoiserBlocks: 2 });

it('accepts a network within bounds', () => {
  expect(() => assertAccumulatorBounds(make())).not.toThrow();
});

/** Weights of one channel to 1, so that its sum is at most 9 * inChannels * maxInput. */
function fillChannel({ weights, inChannels }: NetworkWeights['trunkIn'], channel: number): void {
  weights.fill(1, channel * 9 * inChannels, (channel + 1) * 9 * inChannels);
}

const LAYERS = [
  { name: 'trunkIn', of: (w: NetworkWeights) => w.trunkIn, reach: 9 * KNOWN_PLANES * 128 },
  { name: 'trunkBlocks[0].conv2', of: (w: NetworkWeights) => w.trunkBlocks[0]!.conv2, reach: 9 * 8 * 255 },
  { name: 'denoiserIn', of: (w: NetworkWeights) => w.denoiserIn, reach: 9 * 54 * 128 },
  { name: 'denoiserBlocks[1].conv1', of: (w: NetworkWeights) => w.denoiserBlocks[1]!.conv1, reach: 9 * 8 * 255 },
  { name: 'denoiserOut', of: (w: NetworkWeights) => w.denoiserOut, reach: 9 * 8 * 255 },
];

it.each(LAYERS)('names layer and channel at the bound: $name', ({ name, of, reach }) => {
  const weights = make();
  const layer = of(weights);
  fillChannel(layer, 3);
  layer.bias[3] = -(2 ** 24 - 1 - reach);
  expect(() => assertAccumulatorBounds(weights)).not.toThrow();
  layer.bias[3]! -= 1;
  expect(() => assertAccumulatorBounds(weights)).toThrow(`layer ${name}, channel 3: accumulator may reach 16777216`);
});

it('refuses shifts above 20', () => {
  const weights = make();
  weights.denoiserOut.shift[17] = 20;
  expect(() => assertAccumulatorBounds(weights)).not.toThrow();
  weights.denoiserOut.shift[17] = 21;
  expect(() => assertAccumulatorBounds(weights)).toThrow('layer denoiserOut, channel 17: shift 21');
});

it('refuses layers of another shape', () => {
  const wrongLayer = { ...make(), denoiserOut: make().trunkIn };
  expect(() => assertAccumulatorBounds(wrongLayer)).toThrow('layer denoiserOut must map 8 to 18 channels');
  const shortWeights = { ...make().trunkIn, weights: new Int8Array(3) };
  expect(() => assertAccumulatorBounds({ ...make(), trunkIn: shortWeights })).toThrow('layer trunkIn must map');
});

it.each([0, 12, -8])('refuses %i channels', (channels) => {
  expect(() => assertAccumulatorBounds({ ...make(), channels })).toThrow('channels must be a positive multiple of 8');
});
