import { expect, it } from 'vitest';
import { createWasmEngine } from '../../src/network/wasm-engine.ts';
import { checkEngine, ENGINE_CASES, runEngine } from '../helpers/check-engine.ts';
import { randomFilm, randomNetwork } from '../helpers/random-network.ts';

it.each(ENGINE_CASES)('equals the reference bit for bit: $title', ({ weights, calls }) => {
  checkEngine(createWasmEngine(weights), { weights, calls });
});

it('makes activations in the random networks that are alive', () => {
  const weights = randomNetwork({ seed: 2, channels: 16, trunkBlocks: 3, denoiserBlocks: 4 });
  const { context, output } = runEngine(createWasmEngine(weights), weights, { height: 16, width: 16, seed: 1 });
  for (const values of [context, output]) {
    const active = values.filter((value) => value !== 0 && Math.abs(value) < 32767);
    expect(active.length).toBeGreaterThan(0.9 * values.length);
    expect(new Set(values).size).toBeGreaterThan(100);
  }
});

it('returns copies that later calls do not change', () => {
  const weights = randomNetwork();
  const engine = createWasmEngine(weights);
  const first = runEngine(engine, weights, { height: 4, width: 4, seed: 1 });
  const copy = { context: first.context.slice(), output: first.output.slice() };
  runEngine(engine, weights, { height: 4, width: 4, seed: 2 });
  runEngine(engine, weights, { height: 64, width: 64, seed: 2 });
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
