import { describe, expect, it } from 'vitest';
import type { Film, NetworkEngine, NetworkWeights } from '../../src/network/network.ts';
import { createReferenceEngine } from '../../src/network/reference-engine.ts';
import { createWasmEngine } from '../../src/network/wasm-engine.ts';
import { type RandomNetworkOptions, randomFilm, randomInt8, randomNetwork } from '../helpers/random-network.ts';

const filled = (blocks: number, channels: number, multiplier: number, offset: number): Film => ({
  multiplier: new Int16Array(blocks * channels).fill(multiplier),
  offset: new Int32Array(blocks * channels).fill(offset),
});

interface Call {
  readonly height: number;
  readonly width: number;
  readonly seed: number;
  readonly film?: { multiplier: number; offset: number };
}

function run(engine: NetworkEngine, weights: NetworkWeights, { height, width, seed, film }: Call) {
  const filmOf = (blocks: number) =>
    film === undefined
      ? randomFilm(seed, blocks, weights.channels)
      : filled(blocks, weights.channels, film.multiplier, film.offset);
  const positions = height * width;
  const known = randomInt8(seed, positions * 5);
  const context = engine.trunk(known, height, width, filmOf(weights.trunkBlocks.length));
  const planes = randomInt8(seed + 1, positions * 54);
  const output = engine.denoise(planes, context, height, width, filmOf(weights.denoiserBlocks.length));
  return { context, output };
}

function expectSameBits(weights: NetworkWeights, calls: readonly Call[]): void {
  const reference = createReferenceEngine(weights);
  const wasm = createWasmEngine(weights);
  for (const call of calls) expect(run(wasm, weights, call)).toEqual(run(reference, weights, call));
}

const NETWORKS: RandomNetworkOptions[] = [
  { seed: 1, channels: 8, trunkBlocks: 1, denoiserBlocks: 1 },
  { seed: 2, channels: 16, trunkBlocks: 3, denoiserBlocks: 4 },
  { seed: 3, channels: 24, trunkBlocks: 0, denoiserBlocks: 2 },
];

const SIZES = [
  [1, 1],
  [1, 5],
  [7, 3],
  [16, 16],
  [33, 17],
  [2, 2],
] as const;

describe('equals the reference bit for bit', () => {
  it.each(NETWORKS)('on all sizes in turn: $channels channels', (options) => {
    const calls = SIZES.map(([height, width], seed) => ({ height, width, seed }));
    expectSameBits(randomNetwork(options), calls);
  });

  it('with 96 channels', () => {
    const weights = randomNetwork({ seed: 4, channels: 96, trunkBlocks: 1, denoiserBlocks: 1 });
    expectSameBits(weights, [
      { height: 6, width: 5, seed: 1 },
      { height: 3, width: 9, seed: 2 },
    ]);
  });

  const FILMS = [-1023, 0, 1023].flatMap((multiplier) =>
    [-(2 ** 22), 0, 2 ** 22].map((offset) => ({ multiplier, offset })),
  );
  it.each(FILMS)('with all multipliers $multiplier and offsets $offset', (film) => {
    const weights = randomNetwork({ seed: 5, channels: 8, trunkBlocks: 2, denoiserBlocks: 2 });
    expectSameBits(weights, [{ height: 5, width: 6, seed: 3, film }]);
  });

  it.each([-128, 127])('with all weights %i, where streams and outputs saturate', (weight) => {
    const weights = randomNetwork({ seed: 6, channels: 56, trunkBlocks: 1, denoiserBlocks: 1 });
    const layers = [weights.trunkIn, weights.denoiserIn, weights.denoiserOut];
    for (const { conv1, conv2 } of [...weights.trunkBlocks, ...weights.denoiserBlocks]) layers.push(conv1, conv2);
    for (const layer of layers) {
      layer.weights.fill(weight);
      layer.bias.fill(Math.sign(weight) * 300_000);
      layer.shift.fill(0);
    }
    expectSameBits(weights, [
      { height: 5, width: 6, seed: 3, film: { multiplier: 1023, offset: 0 } },
      { height: 5, width: 6, seed: 3, film: { multiplier: -1023, offset: 2 ** 22 } },
    ]);
  });
});

it('makes activations in the random networks that are alive', () => {
  const weights = randomNetwork({ seed: 2, channels: 16, trunkBlocks: 3, denoiserBlocks: 4 });
  const { context, output } = run(createWasmEngine(weights), weights, { height: 16, width: 16, seed: 1 });
  for (const values of [context, output]) {
    const active = values.filter((value) => value !== 0 && Math.abs(value) < 32767);
    expect(active.length).toBeGreaterThan(0.9 * values.length);
    expect(new Set(values).size).toBeGreaterThan(100);
  }
});

it('returns copies that later calls do not change', () => {
  const weights = randomNetwork();
  const engine = createWasmEngine(weights);
  const first = run(engine, weights, { height: 4, width: 4, seed: 1 });
  const copy = { context: first.context.slice(), output: first.output.slice() };
  run(engine, weights, { height: 4, width: 4, seed: 2 });
  run(engine, weights, { height: 64, width: 64, seed: 2 });
  expect(first).toEqual(copy);
});

it.each([
  [0, 1],
  [2 ** 20, 2],
  [1, 2 ** 21],
  [1, 0.5],
])('refuses a map of %d x %d', (height, width) => {
  const engine = createWasmEngine(randomNetwork());
  expect(() => engine.trunk(new Int8Array(5), height, width, randomFilm(1, 1, 8))).toThrow(RangeError);
});

it('refuses a context of the wrong size', () => {
  const engine = createWasmEngine(randomNetwork());
  expect(() => engine.denoise(new Int8Array(54), new Int16Array(9), 1, 1, randomFilm(1, 1, 8))).toThrow(
    '"context" must have 8 values, got 9',
  );
});
