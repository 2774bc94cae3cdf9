/** Helpers of a convolution: they do all of it, some of it or nothing, and the result is the same. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Worker } from 'node:worker_threads';
import { afterEach, expect, it, onTestFinished, vi } from 'vitest';
import { Conv3x3, tileGrid } from '../../src/kernels/conv3x3.ts';
import { loadSharedConv3x3, type SharedConv3x3 } from '../../src/kernels/load.ts';
import { HelperLostError } from '../../src/kernels/team.ts';
import { seededRandom } from '../helpers/random-network.ts';

vi.mock('node:worker_threads', { spy: true });
afterEach(() => vi.mocked(Worker).mockReset());

const CHANNELS = 8;
const SIZE = 64;

interface Convolution {
  run(): void;
  clear(): void;
  /** The activations. */
  result(): Int16Array;
}

/** A convolution of a map large enough to share. */
function makeConvolution(wasm: SharedConv3x3, threads: number): Convolution {
  const random = seededRandom(1);
  const conv = new Conv3x3(wasm, CHANNELS, threads);
  const layer = conv.addLayer({
    inChannels: CHANNELS,
    outChannels: CHANNELS,
    weights: new Int8Array(CHANNELS * 9 * CHANNELS).map(() => Math.floor(random() * 255) - 127),
    bias: new Int32Array(CHANNELS),
    shift: new Uint8Array(CHANNELS).fill(8),
  });
  const grid = tileGrid(SIZE, SIZE);
  const [input, output] = [conv.allocateMap(grid, CHANNELS), conv.allocateMap(grid, CHANNELS)];
  const length = (SIZE + 2) * (SIZE + 2) * CHANNELS;
  const values = conv.memory.int16(input, length);
  for (let row = 1; row <= SIZE; row++) {
    const start = (row * (SIZE + 2) + 1) * CHANNELS;
    values.subarray(start, start + SIZE * CHANNELS).forEach((_, i, inside) => {
      inside[i] = Math.floor(random() * 256);
    });
  }
  const film = conv.memory.allocate(CHANNELS * 8);
  conv.memory
    .int32(film, CHANNELS * 2)
    .fill(256, 0, CHANNELS)
    .fill(0, CHANNELS);
  return {
    run: () => conv.convolveWithFilm(layer, grid, { input, film, output }),
    clear: () => conv.memory.int16(output, length).fill(0),
    result: () => conv.memory.int16(output, length).slice(),
  };
}

function resultAlone(): Int16Array {
  const convolution = makeConvolution(loadSharedConv3x3()!, 1);
  convolution.run();
  return convolution.result();
}

/** A kernel, and the pointers of its last shared job. */
function watchedKernel() {
  const pointers = { job: 0, team: 0, workspace: 0 };
  const kernel = loadSharedConv3x3()!;
  const finish: SharedConv3x3['finish'] = (job, team, workspace, patience) => {
    Object.assign(pointers, { job, team, workspace });
    return kernel.finish(job, team, workspace, patience);
  };
  const counter = (offset: number) => new Int32Array(kernel.memory.buffer, pointers.team + offset, 1);
  return { kernel: { ...kernel, finish }, pointers, counter };
}

// Offsets of kernels/conv3x3-shared.ts.
const [JOBS, UNCLAIMED, UNFINISHED, DISMISSED] = [0, 64, 128, 192];

it('has helpers that compute a whole job without their leader', async () => {
  const { kernel, counter } = watchedKernel();
  const convolution = makeConvolution(kernel, 3);
  convolution.run();
  expect(convolution.result()).toEqual(resultAlone());

  convolution.clear();
  const chunks = (SIZE * SIZE) / 16 / 16;
  Atomics.store(counter(UNFINISHED), 0, chunks);
  Atomics.store(counter(UNCLAIMED), 0, chunks);
  Atomics.add(counter(JOBS), 0, 1);
  Atomics.notify(counter(JOBS), 0);
  await vi.waitUntil(() => Atomics.load(counter(UNFINISHED), 0) === 0, { timeout: 20_000 });
  expect(convolution.result()).toEqual(resultAlone());
});

it('starts helpers once', () => {
  const convolution = makeConvolution(loadSharedConv3x3()!, 4);
  convolution.run();
  convolution.run();
  expect(Worker).toHaveBeenCalledTimes(3);
});

it('does without helpers where no thread can be started', () => {
  vi.mocked(Worker).mockImplementation(function refuse() {
    throw new Error('no threads here');
  });
  const convolution = makeConvolution(loadSharedConv3x3()!, 4);
  convolution.run();
  expect(convolution.result()).toEqual(resultAlone());
});

/** Takes one chunk and keeps it. */
const THIEF = `
const { unclaimed } = require('node:worker_threads').workerData;
for (let taken = false; !taken; ) {
  const left = Atomics.load(unclaimed, 0);
  taken = left > 0 && Atomics.compareExchange(unclaimed, 0, left, left - 1) === left;
}`;

it('does not wait for ever for a thread that keeps a chunk', async () => {
  const { kernel, pointers, counter } = watchedKernel();
  makeConvolution(kernel, 2).run();
  const thief = new Worker(THIEF, { eval: true, workerData: { unclaimed: counter(UNCLAIMED) } });
  onTestFinished(async () => void (await thief.terminate()));
  const { job, team, workspace } = pointers;
  const isKept = () => {
    kernel.begin(job, team);
    return kernel.finish(job, team, workspace, 20) === 0;
  };
  await vi.waitUntil(isKept, { timeout: 20_000, interval: 1 });
});

it('says that a helper was lost, and dismisses the others', () => {
  const { kernel, counter } = watchedKernel();
  const finish: SharedConv3x3['finish'] = (...args) => kernel.finish(...args) * 0;
  expect(() => makeConvolution({ ...kernel, finish }, 2).run()).toThrow(HelperLostError);
  expect(Atomics.load(counter(DISMISSED), 0)).toBe(1);
});

it('dismisses its helpers when it is garbage', async () => {
  setFlagsFromString('--expose-gc');
  const collectGarbage = runInNewContext('gc') as () => void;
  const { kernel, counter } = watchedKernel();
  makeConvolution(kernel, 2).run();
  const isDismissed = () => {
    collectGarbage();
    return Atomics.load(counter(DISMISSED), 0) === 1;
  };
  await vi.waitUntil(isDismissed, { timeout: 20_000 });
});
