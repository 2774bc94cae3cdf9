import { expect, it, vi } from 'vitest';
import { loadSharedConv3x3 } from '../../src/kernels/load.ts';
import { createEngine, ThreadedEngine } from '../../src/network/engine.ts';
import type { NetworkEngine } from '../../src/network/network.ts';
import { KNOWN_PLANES } from '../../src/network/network.ts';
import { WasmEngine } from '../../src/network/wasm-engine.ts';
import { randomFilm, randomInt8, randomNetwork } from '../helpers/random-network.ts';

const WEIGHTS = randomNetwork({ seed: 2, channels: 16, trunkBlocks: 2, denoiserBlocks: 2 });
const FILM = randomFilm(1, 2, 16);
const ROUNDS = 5;

/** Sizes around the smallest map that is shared, and some that divide badly. */
const SIZES = [
  [1, 5000],
  [2, 1027],
  [3, 700],
  [5000, 1],
  [33, 17],
  [45, 46],
  [78, 78],
] as const;

interface Inputs {
  readonly height: number;
  readonly width: number;
  readonly known: Int8Array;
  readonly planes: Int8Array;
}

const inputsOf = (height: number, width: number): Inputs => ({
  height,
  width,
  known: randomInt8(1, height * width * KNOWN_PLANES),
  planes: randomInt8(2, height * width * 54),
});

/** Context and output. */
function run(engine: NetworkEngine, { height, width, known, planes }: Inputs): Int16Array[] {
  const context = engine.trunk(known, height, width, FILM);
  return [context, engine.denoise(planes, context, height, width, FILM)];
}

const areSame = (a: readonly Int16Array[], b: readonly Int16Array[]): boolean =>
  a.every((values, i) => Buffer.compare(new Uint8Array(values.buffer), new Uint8Array(b[i]!.buffer)) === 0);

const single = createEngine(WEIGHTS, 1);
const threaded = [2, 3, 4].map((threads) => ({ threads, engine: createEngine(WEIGHTS, threads) }));

it.each(SIZES)('gives the same bits with 1, 2, 3 and 4 threads: %d x %d', async (height, width) => {
  const inputs = inputsOf(height, width);
  const expected = run(single, inputs);
  for (let round = 0; round < ROUNDS; round++) {
    const wrong = threaded.filter(({ engine }) => !areSame(run(engine, inputs), expected));
    expect(wrong.map(({ threads }) => threads)).toEqual([]);
    await new Promise((resolve) => setTimeout(resolve, 5)); // helpers fall asleep
  }
});

it('has an engine without threads where memory cannot be shared', () => {
  vi.stubGlobal('SharedArrayBuffer', undefined);
  const engine = createEngine(WEIGHTS, 4);
  vi.unstubAllGlobals();
  expect(engine).toBeInstanceOf(WasmEngine);
});

it('repeats a call that lost a helper, and goes on without', () => {
  const kernel = loadSharedConv3x3()!;
  const finish = vi.fn((...args: Parameters<typeof kernel.finish>) => {
    const isLate = finish.mock.calls.length > 3;
    kernel.finish(...args);
    return isLate ? 0 : 1;
  });
  const engine = new ThreadedEngine({ ...kernel, finish }, WEIGHTS, 2);
  const inputs = inputsOf(50, 50);
  const expected = run(single, inputs);
  expect(areSame(run(engine, inputs), expected)).toBe(true);
  expect(areSame(run(engine, inputs), expected)).toBe(true);
  expect(finish).toHaveBeenCalledTimes(4);
});
