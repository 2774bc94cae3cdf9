import { Worker } from 'node:worker_threads';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { PlainDense } from '../../src/absorbing/plain-dense.ts';
import { DenseKernel } from '../../src/kernels/dense.ts';
import { type DenseBackend, type DenseStep, type DenseWeights, padOutputs } from '../../src/kernels/dense-backend.ts';
import { loadDense, loadSharedDense, type SharedDense } from '../../src/kernels/load.ts';
import { seededRandom } from '../helpers/random.ts';
import { referenceAdd, referenceDense, referenceRectify } from '../helpers/reference-dense.ts';

vi.mock('node:worker_threads', { spy: true });
afterEach(() => vi.mocked(Worker).mockReset());

/** Sources of numbers; those of 'huge' make sums of infinities of one sign, those of 'minute' such that are not normal. */
const NUMBERS = {
  usual: (random: () => number) => 4 * random() - 2,
  sparse: (random: () => number) => (random() < 0.5 ? -0 : random() - 0.5),
  huge: (random: () => number) => 1e30 * random(),
  minute: (random: () => number) => 1e-20 * (random() - 0.5),
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

/** A network with every operation; its widths are in none of the maps' first. */
class Layers {
  readonly first: DenseWeights;
  readonly second: DenseWeights;
  readonly third: DenseWeights;
  readonly last: DenseWeights;
  readonly inputs: readonly (readonly number[])[];

  constructor({ inputs, channels, inner, outputs, rows, numbers = 'usual' }: Case) {
    const random = seededRandom(1000 * rows + outputs);
    const fill = (length: number) => Float32Array.from({ length }, () => NUMBERS[numbers](random));
    const layer = (from: number, to: number) => ({
      inputs: from,
      outputs: to,
      weights: fill(from * to),
      bias: fill(to),
    });
    this.first = layer(inputs, channels);
    this.second = layer(channels, inner);
    this.third = layer(inner, channels);
    this.last = layer(channels, outputs);
    this.inputs = Array.from({ length: rows }, () => [...fill(inputs)]);
  }
}

const expectedOf = ({ first, second, third, last, inputs }: Layers): number[][] =>
  inputs.map((row) => {
    const stream = referenceDense(row, first);
    const inner = referenceRectify(referenceDense(referenceRectify(stream), second));
    return referenceDense(referenceRectify(referenceAdd(stream, referenceDense(inner, third))), last);
  });

/** A backend that holds the layers, with a map of columns to spare on both sides of the network. */
function networkOn<Layer, DenseMap, Program>(backend: DenseBackend<Layer, DenseMap, Program>, layers: Layers) {
  const { first, second, third, last, inputs } = layers;
  const widthOf = (columns: number) => padOutputs(columns) + 4;
  const [from, to] = [widthOf(first.inputs), widthOf(last.outputs)];
  const map = (columns: number) => backend.addMap(inputs.length + 3, widthOf(columns));
  const [input, stream, features] = [map(first.inputs), map(first.outputs), map(first.outputs)];
  const [inner, output] = [map(second.outputs), map(last.outputs)];
  const rectify = {
    operation: 'rectify-input',
    columns: padOutputs(first.outputs),
    from: stream,
    to: features,
  } as const;
  const steps: DenseStep<Layer, DenseMap>[] = [
    { operation: 'store', layer: backend.addLayer(first), from: input, to: stream },
    rectify,
    { operation: 'rectify', layer: backend.addLayer(second), from: features, to: inner },
    { operation: 'add', layer: backend.addLayer(third), from: inner, to: stream },
    rectify,
    { operation: 'store', layer: backend.addLayer(last), from: features, to: output },
  ];
  const program = backend.addProgram(steps);
  return {
    run(count = inputs.length): number[][] {
      const values = backend.rows(input, count);
      for (let row = 0; row < count; row++) values.set(inputs[row]!, row * from);
      backend.run(program, count);
      const found = backend.rows(output, count);
      return inputs.slice(0, count).map((_, row) => [...found.subarray(row * to, row * to + last.outputs)]);
    },
    clear: () => void backend.rows(output, inputs.length).fill(7),
    /** All that the rows of the output hold. */
    outputs: (count: number): number[] => [...backend.rows(output, count)],
  };
}

const bitsOf = (rows: readonly (readonly number[])[]): number[] => [
  ...new Uint32Array(Float32Array.from(rows.flat()).buffer),
];

const SHAPES: readonly Shape[] = [
  { inputs: 1, channels: 8, inner: 8, outputs: 1 },
  { inputs: 7, channels: 5, inner: 13, outputs: 6 },
  { inputs: 33, channels: 16, inner: 24, outputs: 15 },
  { inputs: 50, channels: 40, inner: 9, outputs: 33 },
];
const ROWS = Array.from({ length: 40 }, (_, i) => i + 1);

describe.each([
  ['the kernel', () => new DenseKernel(loadDense()!)],
  ['the shared kernel', () => new DenseKernel(loadSharedDense()!)],
  ['plain TypeScript', () => new PlainDense()],
] as const)('%s', (_title, create) => {
  const backendOf = create as () => DenseBackend<unknown, unknown, unknown>;

  it.each(SHAPES)('has the bits of the reference for 1 to 40 rows: $inputs to $outputs', (shape) => {
    const wrong = ROWS.filter((rows) => {
      const layers = new Layers({ ...shape, rows });
      return bitsOf(networkOn(backendOf(), layers).run()).join() !== bitsOf(expectedOf(layers)).join();
    });
    expect(wrong).toEqual([]);
  });

  it.each(Object.keys(NUMBERS) as Numbers[])('has them for %s numbers too', (numbers) => {
    const layers = new Layers({ ...SHAPES[2]!, rows: 21, numbers });
    const expected = expectedOf(layers);
    expect(expected.flat().some(Number.isNaN)).toBe(false);
    expect(bitsOf(networkOn(backendOf(), layers).run())).toEqual(bitsOf(expected));
  });

  it('runs the first rows alone, and leaves the others', () => {
    const layers = new Layers({ ...SHAPES[1]!, rows: 20 });
    const network = networkOn(backendOf(), layers);
    const expected = expectedOf(layers);
    network.clear();
    expect(bitsOf(network.run(6))).toEqual(bitsOf(expected.slice(0, 6)));
    const width = network.outputs(20).length / 20;
    expect(new Set(network.outputs(20).slice(6 * width))).toEqual(new Set([7]));
  });

  it('fills its outputs with 0 up to whole panels, and no further', () => {
    const layers = new Layers({ ...SHAPES[1]!, rows: 3 });
    const network = networkOn(backendOf(), layers);
    network.clear();
    network.run();
    const row = network.outputs(3).slice(-12);
    expect(row.slice(6)).toEqual([0, 0, 7, 7, 7, 7]);
  });

  it('gives rows the same bits wherever they are in a batch', () => {
    const layers = new Layers({ ...SHAPES[2]!, rows: 40 });
    const together = networkOn(backendOf(), layers).run();
    const moved = Object.assign(Object.create(layers), {
      inputs: [...layers.inputs.slice(3), ...layers.inputs.slice(0, 3)],
    });
    const others = networkOn(backendOf(), moved as Layers).run();
    expect(bitsOf([...others.slice(-3), ...others.slice(0, -3)])).toEqual(bitsOf(together));
  });
});

it('keeps what was there when its memory grows', () => {
  const backend = new DenseKernel(loadDense()!);
  const layers = new Layers({ ...SHAPES[2]!, rows: 9 });
  const network = networkOn(backend, layers);
  const before = network.run();
  backend.addMap(256, 1024);
  expect(bitsOf([network.outputs(9)])).toEqual(bitsOf(before.map((row) => [...row, 0, 0, 0, 0, 0])));
  expect(bitsOf(network.run())).toEqual(bitsOf(before));
});

const BIG = new Layers({ inputs: 60, channels: 32, inner: 32, outputs: 15, rows: 256 });
const EXPECTED = bitsOf(networkOn(new PlainDense(), BIG).run());

describe('threads', () => {
  it.each([2, 4])('give the same bits: %d', async (threads) => {
    const network = networkOn(new DenseKernel(loadSharedDense()!, threads), BIG);
    for (const count of [256, 31, 32, 33, 255, 256, 1, 100]) {
      network.clear();
      expect(bitsOf(network.run(count))).toEqual(EXPECTED.slice(0, 15 * count));
      await new Promise((resolve) => setTimeout(resolve, 5)); // helpers fall asleep
    }
    expect(Worker).toHaveBeenCalledTimes(threads - 1);
  });

  it('are not started for small batches', () => {
    networkOn(new DenseKernel(loadSharedDense()!, 4), BIG).run(31);
    expect(Worker).not.toHaveBeenCalled();
  });

  it('are done without where none can be started', () => {
    vi.mocked(Worker).mockImplementation(function refuse() {
      throw new Error('no threads here');
    });
    expect(bitsOf(networkOn(new DenseKernel(loadSharedDense()!, 4), BIG).run())).toEqual(EXPECTED);
  });

  it('are done without where the kernel is not shared', () => {
    expect(bitsOf(networkOn(new DenseKernel(loadDense()!, 4), BIG).run())).toEqual(EXPECTED);
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
    ['that did its part', (kernel: SharedDense, args: Parameters<SharedDense['lead']>) => kernel.lead(...args) * 0],
    ['that did nothing, like all others', () => 0],
  ])('%s is done without from then on', (_title, loseHelper) => {
    const kernel = loadSharedDense()!;
    const lead = vi.fn((...args: Parameters<SharedDense['lead']>) =>
      lead.mock.calls.length > 2 ? loseHelper(kernel, args) : kernel.lead(...args),
    );
    const backend = new DenseKernel({ ...kernel, lead }, 2);
    const network = networkOn(backend, BIG);
    for (let i = 0; i < 5; i++) expect(bitsOf(network.run())).toEqual(EXPECTED);
    expect(lead).toHaveBeenCalledTimes(3);
    expect(bitsOf(networkOn(backend, BIG).run())).toEqual(EXPECTED);
  });

  it('that keeps a chunk and does not finish it does no harm', async () => {
    const kernel = loadSharedDense()!;
    const returned: number[] = [];
    let unclaimed: Int32Array | undefined;
    const lead: SharedDense['lead'] = (job, team, workspace) => {
      unclaimed = new Int32Array(kernel.memory.buffer, team + UNCLAIMED, 1);
      returned.push(kernel.lead(job, team, workspace, 20));
      return returned.at(-1)!;
    };
    const network = networkOn(new DenseKernel({ ...kernel, lead }, 2), BIG);
    network.run();
    const thief = new Worker(THIEF, { eval: true, workerData: { unclaimed } });
    onTestFinished(async () => void (await thief.terminate()));
    await vi.waitUntil(
      () => {
        expect(bitsOf(network.run())).toEqual(EXPECTED);
        return returned.at(-1) === 0;
      },
      { timeout: 20_000, interval: 1 },
    );
    expect(bitsOf(network.run())).toEqual(EXPECTED);
  });
});
