import { Worker } from 'node:worker_threads';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { PlainDense } from '../../src/absorbing/plain-dense.ts';
import { DenseKernel } from '../../src/kernels/dense.ts';
import {
  type DenseBackend,
  type DenseStep,
  type DenseWeights,
  MAX_ACTIVATION,
  padOutputs,
} from '../../src/kernels/dense-backend.ts';
import { loadDense, loadSharedDense, type SharedDense } from '../../src/kernels/load.ts';
import { seededRandom } from '../helpers/random.ts';
import { referenceAdd, referenceDense, referenceRectify, referenceRectifyStream } from '../helpers/reference-dense.ts';

vi.mock('node:worker_threads', { spy: true });
afterEach(() => vi.mocked(Worker).mockReset());

const MAX_SUM = 2 ** 31 - 1;
const MAX_WEIGHT = 32_767;

/** Shares of the largest numbers that there may be; of 'largest' ones sums are near 2^31, or near 0. */
const NUMBERS = {
  usual: (random: () => number) => 2 * random() - 1,
  sparse: (random: () => number) => (random() < 0.5 ? 0 : 2 * random() - 1),
  largest: (random: () => number) => (random() < 0.5 ? -1 : 1),
} as const;
type Numbers = keyof typeof NUMBERS;

interface Shape {
  readonly inputs: number;
  readonly channels: number;
  readonly inner: number;
  readonly outputs: number;
}

interface Case extends Shape {
  readonly rows: number;
  readonly numbers?: Numbers;
}

/** Of the layers: so that some activations are between 0 and the largest. */
const [STREAM_SHIFT, SHIFTS] = [4, { stream: 12, inner: 16, last: 2 }] as const;
const MAX_BIAS = 2 ** 28;

/** A network with every operation; its widths are in none of the maps' first. */
class Layers {
  readonly first: DenseWeights;
  readonly second: DenseWeights;
  readonly third: DenseWeights;
  readonly last: DenseWeights;
  readonly inputs: readonly (readonly number[])[];

  constructor({ inputs, channels, inner, outputs, rows, numbers = 'usual' }: Case) {
    const random = seededRandom(1000 * rows + outputs);
    const share = () => NUMBERS[numbers](random);
    const layer = (from: number, to: number, shift: number): DenseWeights => {
      const most = Math.min(MAX_WEIGHT, Math.floor((MAX_SUM - MAX_BIAS) / (from * MAX_ACTIVATION)));
      return {
        inputs: from,
        outputs: to,
        weights: Int16Array.from({ length: from * to }, () => Math.round(most * share())),
        bias: Int32Array.from({ length: to }, () => Math.round(MAX_BIAS * share())),
        shift: Uint8Array.of(shift),
      };
    };
    this.first = layer(inputs, channels, SHIFTS.stream);
    this.second = layer(channels, inner, SHIFTS.inner);
    this.third = layer(inner, channels, SHIFTS.stream);
    this.last = layer(channels, outputs, SHIFTS.last);
    this.inputs = Array.from({ length: rows }, () =>
      Array.from({ length: inputs }, () => Math.round(MAX_ACTIVATION * share()) + 0),
    );
  }
}

const expectedOf = ({ first, second, third, last, inputs }: Layers): number[][] =>
  inputs.map((row) => {
    const stream = referenceDense(row, first);
    const inner = referenceRectify(referenceDense(referenceRectifyStream(stream, STREAM_SHIFT), second));
    const sum = referenceAdd(stream, referenceDense(inner, third));
    return referenceDense(referenceRectifyStream(sum, STREAM_SHIFT), last);
  });

type AnyBackend = DenseBackend<unknown, unknown, unknown, unknown>;

/** A backend that holds the layers, with a map of columns to spare on both sides of the network. */
function networkOn<Layer, Map16, Map32, Program>(backend: DenseBackend<Layer, Map16, Map32, Program>, layers: Layers) {
  const { first, second, third, last, inputs } = layers;
  const widthOf = (columns: number) => padOutputs(columns) + 8;
  const [from, to] = [widthOf(first.inputs), widthOf(last.outputs)];
  const map16 = (columns: number) => backend.addMap16(inputs.length + 3, widthOf(columns));
  const map32 = (columns: number) => backend.addMap32(inputs.length + 3, widthOf(columns));
  const [input, stream, features] = [map16(first.inputs), map32(first.outputs), map16(first.outputs)];
  const [inner, output] = [map16(second.outputs), map32(last.outputs)];
  const rectify = {
    operation: 'rectify-input',
    columns: padOutputs(first.outputs),
    shift: STREAM_SHIFT,
    from: stream,
    to: features,
  } as const;
  const steps: DenseStep<Layer, Map16, Map32>[] = [
    { operation: 'store', layer: backend.addLayer(first), from: input, to: stream },
    rectify,
    { operation: 'rectify', layer: backend.addLayer(second), from: features, to: inner },
    { operation: 'add', layer: backend.addLayer(third), from: inner, to: stream },
    rectify,
    { operation: 'store', layer: backend.addLayer(last), from: features, to: output },
  ];
  const program = backend.addProgram(steps);
  const begin = (count = inputs.length): void => {
    // What is beyond the inputs counts for nothing.
    const values = backend.rows16(input, count).fill(MAX_ACTIVATION);
    for (let row = 0; row < count; row++) values.set(inputs[row]!, row * from);
    backend.begin(program, count);
  };
  const found = (count = inputs.length): number[][] => {
    const rows = backend.rows32(output, count);
    return inputs.slice(0, count).map((_, row) => [...rows.subarray(row * to, row * to + last.outputs)]);
  };
  return {
    begin,
    found,
    run(count = inputs.length): number[][] {
      begin(count);
      backend.finish();
      return found(count);
    },
    clear: () => void backend.rows32(output, inputs.length).fill(7),
    /** All that the rows of the output hold. */
    outputs: (count: number): number[] => [...backend.rows32(output, count)],
  };
}

const SHAPES: readonly Shape[] = [
  { inputs: 1, channels: 8, inner: 8, outputs: 1 },
  { inputs: 7, channels: 5, inner: 13, outputs: 6 },
  { inputs: 33, channels: 16, inner: 24, outputs: 15 },
  { inputs: 50, channels: 40, inner: 9, outputs: 33 },
];
const ROWS = Array.from({ length: 40 }, (_, i) => i + 1);

/** A layer of one output, all of whose weights are the same. */
const layerOf = (weight: number, { inputs = 8, bias = 0, shift = 2 } = {}): DenseWeights => ({
  inputs,
  outputs: 1,
  weights: new Int16Array(inputs).fill(weight),
  bias: Int32Array.of(bias),
  shift: Uint8Array.of(shift),
});

/** With eight of the largest weights and inputs, the largest sum. */
const LARGEST_BIAS = MAX_SUM - 8 * MAX_WEIGHT * MAX_ACTIVATION;

/** Sums that are stored and that are activations of one layer, all of whose inputs are the same. */
function resultsOf(backend: AnyBackend, layer: DenseWeights, input: number): { stored: number; activation: number } {
  const [from, stored, activations] = [backend.addMap16(5, 8), backend.addMap32(5, 8), backend.addMap16(5, 8)];
  const added = backend.addLayer(layer);
  const program = backend.addProgram([
    { operation: 'store', layer: added, from, to: stored },
    { operation: 'rectify', layer: added, from, to: activations },
  ]);
  backend.rows16(from, 5).fill(input);
  backend.begin(program, 5);
  backend.finish();
  const results = Array.from({ length: 5 }, (_, row) => ({
    stored: backend.rows32(stored, 5)[8 * row]!,
    activation: backend.rows16(activations, 5)[8 * row]!,
  }));
  // Four rows at once and the one that is left.
  for (const result of results) expect(result).toEqual(results[0]);
  return results[0]!;
}

/** Activations of a stream that layers without weights have made, one bias each. */
function streamOf(backend: AnyBackend, sums: readonly number[], shift: number): { sum: number; activation: number } {
  const [from, stream, to] = [backend.addMap16(5, 8), backend.addMap32(5, 8), backend.addMap16(5, 8)];
  const [first, ...others] = sums.map((bias) => backend.addLayer(layerOf(0, { bias: 4 * bias })));
  const program = backend.addProgram([
    { operation: 'store', layer: first, from, to: stream },
    ...others.map((layer) => ({ operation: 'add', layer, from, to: stream }) as const),
    { operation: 'rectify-input', columns: 8, shift, from: stream, to },
  ]);
  backend.begin(program, 5);
  backend.finish();
  return { sum: backend.rows32(stream, 5)[32]!, activation: backend.rows16(to, 5)[32]! };
}

describe.each([
  ['the kernel', () => new DenseKernel(loadDense()!)],
  ['the shared kernel', () => new DenseKernel(loadSharedDense()!)],
  ['plain TypeScript', () => new PlainDense()],
] as const)('%s', (_title, create) => {
  const backendOf = create as () => AnyBackend;

  it.each(SHAPES)('has the numbers of the reference for 1 to 40 rows: $inputs to $outputs', (shape) => {
    const wrong = ROWS.filter((rows) => {
      const layers = new Layers({ ...shape, rows });
      return networkOn(backendOf(), layers).run().join() !== expectedOf(layers).join();
    });
    expect(wrong).toEqual([]);
  });

  it.each(SHAPES.flatMap((shape) => (['sparse', 'largest'] as const).map((numbers) => ({ ...shape, numbers }))))(
    'has them for $numbers numbers too: $inputs to $outputs',
    (given) => {
      const layers = new Layers({ ...given, rows: 21 });
      expect(networkOn(backendOf(), layers).run()).toEqual(expectedOf(layers));
    },
  );

  it.each([
    ['0', 0, 0, 0],
    ['1/2', 0.5, 1, 1],
    ['less than 1/2', 0.25, 0, 0],
    ['3/2', 1.5, 2, 2],
    ['-1/4', -0.25, 0, 0],
    ['-1/2, upward', -0.5, 0, 0],
    ['-3/4', -0.75, -1, 0],
    ['-3/2, upward', -1.5, -1, 0],
    ['-7/4', -1.75, -2, 0],
    ['the largest activation', 8191, 8191, 8191],
    ['a bit more', 8191.25, 8191, 8191],
    ['what would be rounded beyond it', 8191.5, 8192, 8191],
    ['more than 16 bits', 40_000, 40_000, 8191],
    ['less than 16 bits', -40_000, -40_000, 0],
  ])('rounds %s', (_title, quotient, stored, activation) => {
    for (const shift of [2, 5, 13]) {
      const layer = layerOf(0, { bias: quotient * 2 ** shift, shift });
      expect(resultsOf(backendOf(), layer, 1)).toEqual({ stored, activation });
      // The same sum of products.
      const half = { ...layer, weights: Int16Array.of(3, -3, 0, 0, 0, 0, 0, 1), bias: layer.bias.map((b) => b - 7) };
      expect(resultsOf(backendOf(), half, 7)).toEqual({ stored, activation });
    }
  });

  it.each([
    [2, 2 ** 29, 8191],
    [3, 2 ** 28, 8191],
    [19, 4096, 4096],
    [20, 2048, 2048],
  ])('holds the largest sums, divided by 2^%i', (shift, stored, activation) => {
    const results = (weight: number, input: number, bias: number) =>
      resultsOf(backendOf(), layerOf(weight, { bias, shift }), input);
    for (const sign of [1, -1]) {
      const largest = results(sign * MAX_WEIGHT, sign * MAX_ACTIVATION, LARGEST_BIAS);
      expect(largest).toEqual({ stored, activation });
      const least = results(sign * MAX_WEIGHT, -sign * MAX_ACTIVATION, -LARGEST_BIAS);
      expect(least).toEqual({ stored: -stored, activation: 0 });
    }
    // From one end to the other and back, within a sum.
    const inputs = 16;
    const weights = Int16Array.from({ length: inputs }, (_, i) => (i < 8 ? 1 : -1) * 16_000);
    const there = { ...layerOf(0, { inputs, bias: 5 * 2 ** shift, shift }), weights };
    const from = [1, -1].map((sign) => {
      const backend = backendOf();
      const [map, to] = [backend.addMap16(1, inputs), backend.addMap32(1, 8)];
      const program = backend.addProgram([{ operation: 'store', layer: backend.addLayer(there), from: map, to }]);
      backend.rows16(map, 1).fill(sign * MAX_ACTIVATION);
      backend.begin(program, 1);
      backend.finish();
      return backend.rows32(to, 1)[0];
    });
    expect(from).toEqual([5, 5]);
  });

  it.each([
    ['beyond 16 bits', [40_000, -30_000], 2, 10_000, 2500],
    ['beyond the largest activation', [40_000, 90_000], 2, 130_000, 8191],
    ['below 0', [100_000, -100_001], 4, -1, 0],
    ['at a half', [1_000_000, -1_000_000, 40], 4, 40, 3],
    ['below a half', [1_000_000, -1_000_000, 39], 4, 39, 2],
    ['near 2^31', [2 ** 29 - 1, 2 ** 29 - 1, 2 ** 29 - 1, 2 ** 29 - 1, 3], 20, MAX_SUM, 2048],
    ['near 2^31, by 16', [2 ** 29 - 1, 2 ** 29 - 1, 2 ** 29 - 1, 2 ** 29 - 1, 3], 4, MAX_SUM, 8191],
    ['near -2^31', [1 - 2 ** 29, 1 - 2 ** 29, 1 - 2 ** 29, 1 - 2 ** 29, -3], 2, -MAX_SUM, 0],
  ])('keeps a stream of 32 bits, %s', (_title, sums, shift, sum, activation) => {
    expect(streamOf(backendOf(), sums, shift)).toEqual({ sum, activation });
  });

  it('runs the first rows alone, and leaves the others', () => {
    const layers = new Layers({ ...SHAPES[1]!, rows: 20 });
    const network = networkOn(backendOf(), layers);
    const expected = expectedOf(layers);
    network.clear();
    expect(network.run(6)).toEqual(expected.slice(0, 6));
    const width = network.outputs(20).length / 20;
    expect(new Set(network.outputs(20).slice(6 * width))).toEqual(new Set([7]));
  });

  it('fills its outputs with 0 up to whole panels, and no further', () => {
    const layers = new Layers({ ...SHAPES[1]!, rows: 3 });
    const network = networkOn(backendOf(), layers);
    network.clear();
    network.run();
    const row = network.outputs(3).slice(-16);
    expect(row.slice(6)).toEqual([0, 0, 7, 7, 7, 7, 7, 7, 7, 7]);
  });

  it('gives rows the same numbers wherever they are in a batch', () => {
    const layers = new Layers({ ...SHAPES[2]!, rows: 40 });
    const together = networkOn(backendOf(), layers).run();
    const moved = Object.assign(Object.create(layers), {
      inputs: [...layers.inputs.slice(3), ...layers.inputs.slice(0, 3)],
    });
    const others = networkOn(backendOf(), moved as Layers).run();
    expect([...others.slice(-3), ...others.slice(0, -3)]).toEqual(together);
  });
});

it('the networks of these tests are alive: activations of every kind come up', () => {
  const { first, inputs } = new Layers({ ...SHAPES[3]!, rows: 40 });
  const features = inputs.flatMap((row) => referenceRectifyStream(referenceDense(row, first), STREAM_SHIFT));
  const share = (isOne: (value: number) => boolean) => features.filter(isOne).length / features.length;
  expect(share((value) => value === 0)).toBeLessThan(0.7);
  expect(share((value) => value > 0 && value < MAX_ACTIVATION)).toBeGreaterThan(0.2);
});

it('keeps what was there when its memory grows', () => {
  const backend = new DenseKernel(loadDense()!);
  const layers = new Layers({ ...SHAPES[2]!, rows: 9 });
  const network = networkOn(backend, layers);
  const before = network.run();
  const outputs = network.outputs(9);
  backend.addMap16(256, 1024);
  backend.addMap32(256, 1024);
  expect(network.outputs(9)).toEqual(outputs);
  expect(network.run()).toEqual(before);
});

const BIG = new Layers({ inputs: 60, channels: 32, inner: 32, outputs: 15, rows: 256 });
const EXPECTED = networkOn(new PlainDense(), BIG).run();

describe('threads', () => {
  it.each([2, 4])('give the same numbers: %d', async (threads) => {
    const network = networkOn(new DenseKernel(loadSharedDense()!, threads), BIG);
    for (const count of [256, 31, 32, 33, 255, 256, 1, 100]) {
      network.clear();
      expect(network.run(count)).toEqual(EXPECTED.slice(0, count));
      await new Promise((resolve) => setTimeout(resolve, 5)); // helpers fall asleep
    }
    expect(Worker).toHaveBeenCalledTimes(threads - 1);
  });

  it('finish what was begun before they begin anew, and finish only once', () => {
    const kernel = loadSharedDense()!;
    const finish = vi.fn(kernel.finish);
    const backend = new DenseKernel({ ...kernel, finish }, 2);
    const network = networkOn(backend, BIG);
    network.begin();
    network.clear();
    network.begin();
    expect(finish).toHaveBeenCalledTimes(1);
    backend.finish();
    backend.finish();
    expect(finish).toHaveBeenCalledTimes(2);
    expect(network.found()).toEqual(EXPECTED);
  });

  it('are not started for small batches', () => {
    networkOn(new DenseKernel(loadSharedDense()!, 4), BIG).run(31);
    expect(Worker).not.toHaveBeenCalled();
  });

  it('are done without where none can be started', () => {
    vi.mocked(Worker).mockImplementation(function refuse() {
      throw new Error('no threads here');
    });
    expect(networkOn(new DenseKernel(loadSharedDense()!, 4), BIG).run()).toEqual(EXPECTED);
  });

  it('are done without where the kernel is not shared', () => {
    expect(networkOn(new DenseKernel(loadDense()!, 4), BIG).run()).toEqual(EXPECTED);
    expect(Worker).not.toHaveBeenCalled();
  });
});

/** Takes one chunk and keeps it. */
const THIEF = `
const { unclaimed } = require('node:worker_threads').workerData;
for (let taken = false; !taken; ) {
  const left = Atomics.load(unclaimed, 0);
  taken = left > 0 && Atomics.compareExchange(unclaimed, 0, left, left - 1) === left;
}`;
/** Offset in a team of kernels/team.ts. */
const UNCLAIMED = 64;

describe('a lost helper', () => {
  it.each([
    ['that did its part', (kernel: SharedDense, args: Parameters<SharedDense['finish']>) => kernel.finish(...args) * 0],
    ['that did nothing, like all others', () => 0],
  ])('%s is done without from then on', (_title, loseHelper) => {
    const kernel = loadSharedDense()!;
    const finish = vi.fn((...args: Parameters<SharedDense['finish']>) =>
      finish.mock.calls.length > 2 ? loseHelper(kernel, args) : kernel.finish(...args),
    );
    const backend = new DenseKernel({ ...kernel, finish }, 2);
    const network = networkOn(backend, BIG);
    for (let i = 0; i < 5; i++) expect(network.run()).toEqual(EXPECTED);
    expect(finish).toHaveBeenCalledTimes(3);
    expect(networkOn(backend, BIG).run()).toEqual(EXPECTED);
  });

  it('that keeps a chunk and does not finish it does no harm', async () => {
    const kernel = loadSharedDense()!;
    const returned: number[] = [];
    let unclaimed: Int32Array | undefined;
    const finish: SharedDense['finish'] = (job, team, workspace) => {
      unclaimed = new Int32Array(kernel.memory.buffer, team + UNCLAIMED, 1);
      returned.push(kernel.finish(job, team, workspace, 20));
      return returned.at(-1)!;
    };
    const network = networkOn(new DenseKernel({ ...kernel, finish }, 2), BIG);
    network.run();
    const thief = new Worker(THIEF, { eval: true, workerData: { unclaimed } });
    onTestFinished(async () => void (await thief.terminate()));
    await vi.waitUntil(
      () => {
        expect(network.run()).toEqual(EXPECTED);
        return returned.at(-1) === 0;
      },
      { timeout: 20_000, interval: 1 },
    );
    expect(network.run()).toEqual(EXPECTED);
  });
});
