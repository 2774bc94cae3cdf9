import { describe, expect, it, vi } from 'vitest';
import { type Diagonal, diagonalAt, partOfDiagonal, SLOPE } from '../../src/absorbing/diagonals.ts';
import { KernelPredictor } from '../../src/absorbing/kernel-predictor.ts';
import { CHANNEL_ORDER, NUM_INPUTS, type Pixels } from '../../src/absorbing/neighbourhood.ts';
import { PixelMixture } from '../../src/absorbing/pixel-mixture.ts';
import { createPixelNetwork, NUM_KNOWN, type PixelWeights } from '../../src/absorbing/pixel-network.ts';
import { PlainDense } from '../../src/absorbing/plain-dense.ts';
import { PlainPredictor } from '../../src/absorbing/plain-predictor.ts';
import { FACTS } from '../../src/absorbing/sample-facts.ts';
import { type SamplePredictor, sampleLength } from '../../src/absorbing/sample-predictor.ts';
import { NUM_CLASSES } from '../../src/absorbing/scale-classes.ts';
import { WINDOW_STARTS } from '../../src/absorbing/window-mixture.ts';
import { DenseKernel } from '../../src/kernels/dense.ts';
import type { DenseWeights } from '../../src/kernels/dense-backend.ts';
import { loadDense, loadSharedDense, type SharedDense } from '../../src/kernels/load.ts';
import { type PlaneState, ROW_FACTS, ROW_WINDOW, type SampleRows } from '../../src/kernels/samples.ts';
import { assertPixelBounds } from '../../src/model/pixel-bounds.ts';
import { blackPixels } from '../helpers/pixels.ts';
import { randomInteger, seededRandom } from '../helpers/random.ts';

/** What the network says: of usual images; spread over all deviations; as far as integers of 32 bits go. */
const KINDS = {
  usual: { offset: 4000, octave: 6000, logit: 12_000 },
  wide: { offset: 9000, octave: 40_000, logit: 40_000 },
  extreme: { offset: 2 ** 28, octave: 2 ** 28, logit: 2 ** 28 },
} as const;
type Kind = keyof typeof KINDS;

interface Case {
  readonly kind: Kind;
  readonly components: number;
  readonly planes: 1 | 3;
}

const CASES: readonly Case[] = (['usual', 'wide', 'extreme'] as const).flatMap((kind) =>
  ([1, 3] as const).flatMap((planes) => [1, 2, 5].map((components) => ({ kind, components, planes }))),
);

const signed = (random: () => number, most: number): number => Math.round(most * (2 * random() - 1)) + 0;

/** A network of random weights, whose last biases are of a kind: its outputs vary around them. */
function randomWeights({ kind, components }: Case, random: () => number): PixelWeights {
  const [channels, headChannels] = [16, 8];
  const layer = (inputs: number, outputs: number, most: number, shift: number): DenseWeights => ({
    inputs,
    outputs,
    weights: Int16Array.from({ length: inputs * outputs }, () => signed(random, most)),
    bias: Int32Array.from({ length: outputs }, () => signed(random, 2000)),
    shift: Uint8Array.of(shift),
  });
  const head = () => layer(channels + NUM_KNOWN, headChannels, 300, 7);
  const last = (): DenseWeights => {
    const { offset, octave, logit } = KINDS[kind];
    const mosts = [offset, octave, logit].flatMap((most) => new Array(components).fill(most));
    return {
      ...layer(headChannels, 3 * components, kind === 'usual' ? 4 : 40, 2),
      bias: Int32Array.from(mosts, (most) => 4 * signed(random, most)),
    };
  };
  const weights = {
    channels,
    blocks: 1,
    headChannels,
    components,
    input: layer(NUM_INPUTS, channels, 60, 4),
    hidden: [layer(channels, channels, 300, 8), layer(channels, channels, 300, 8)],
    heads: [head(), head(), head()],
    outputs: [last(), last(), last()],
  };
  assertPixelBounds(weights);
  return weights;
}

const MAX_CLASS_STEP = 16;

/** What an image may have taught. */
function randomState(plane: number, planes: number, random: () => number): PlaneState {
  const most = [0, 0.05, 0.3, 1e3][randomInteger(random, 4)]!;
  const trusts = Float64Array.from({ length: 3 }, () => 0.02 + random());
  const sum = trusts[0]! + trusts[1]! + trusts[2]!;
  return {
    plane,
    planes,
    weights: Float64Array.from({ length: 2 * sampleLength(planes) }, () => most * (2 * random() - 1)),
    trusts: trusts.map((trust) => trust / sum),
    classSteps: Int32Array.from({ length: NUM_CLASSES }, () => signed(random, MAX_CLASS_STEP)),
  };
}

/** Rows of an image above a batch, and below. */
const MARGIN = 5;
/** Diagonals before a batch that its pixels see. */
const SEEN_DIAGONALS = 6 * SLOPE;

/** Parts of an image as smooth or as noisy as there can be. */
function unevenPixels(height: number, width: number, planes: 1 | 3, random: () => number): Pixels {
  const pixels = blackPixels(height, width);
  let [level, most] = [0, 0];
  for (let i = 0; i < pixels.data.length; i++) {
    if (i % 30 === 0) [level, most] = [256 * random(), [0, 1, 8, 255][randomInteger(random, 4)]!];
    const value = Math.min(Math.max(level + most * (2 * random() - 1), 0), 255);
    pixels.data[i] = planes === 1 && i % 3 > 0 ? pixels.data[i - 1]! : value;
  }
  return pixels;
}

/** So few that no thread helps. */
const REVEALED_AT_ONCE = 16;

/** A batch of an image, to be predicted by several predictors. */
class Batch {
  readonly count: number;
  readonly planes: 1 | 3;
  readonly states: readonly PlaneState[];
  private readonly pixels: Pixels;
  private readonly known: readonly number[][];
  /** [planes][count], of which the first are not used. */
  private readonly bases: readonly Float64Array[];
  private readonly errors: readonly Float64Array[];
  /** Errors of earlier pixels, by the sum of row, column and plane. */
  private readonly earlier: Float64Array;

  constructor(count: number, planes: 1 | 3, random: () => number) {
    this.count = count;
    this.planes = planes;
    this.states = Array.from({ length: planes }, (_, plane) => randomState(plane, planes, random));
    this.pixels = unevenPixels(count + 2 * MARGIN, SLOPE * (count + 2 * MARGIN), planes, random);
    this.known = Array.from({ length: count }, () => Array.from({ length: NUM_KNOWN }, () => signed(random, 1024)));
    const end = [0, 255, 128, 300];
    const base = () => (random() < 0.4 ? end[randomInteger(random, 4)]! + signed(random, 4) : 512 * random() - 128);
    this.bases = this.states.map(() => Float64Array.from({ length: count }, base));
    this.errors = this.states.map(() => Float64Array.from({ length: count }, () => 12 * random() - 6));
    this.earlier = Float64Array.from({ length: 8191 }, () => 2 ** (16 * random() - 8) * (random() < 0.5 ? -1 : 1));
  }

  /** Predicts a plane of the batch; the planes before are to be predicted. */
  predict(predictor: SamplePredictor, plane: number): SampleRows {
    return this.predictPart(predictor, plane, 0, this.count);
  }

  /** The same for a part of the batch. */
  predictPart(predictor: SamplePredictor, plane: number, start: number, count: number): SampleRows {
    const part = partOfDiagonal(this.diagonal(), MARGIN + start, count);
    if (plane === 0) {
      this.reveal(predictor);
      predictor.look(part);
    } else {
      this.revealPlane(predictor, part, plane - 1);
      this.tell(predictor, plane, start, count);
      predictor.begin(plane);
    }
    return predictor.predict(this.states[plane]!, true);
  }

  /** Writes the errors of a plane, as what is learned does. */
  learn({ samples }: SampleRows, plane: number): void {
    const length = sampleLength(this.planes);
    for (const [i, error] of this.errors[plane]!.entries()) samples[i * length + length - this.planes + plane] = error;
  }

  /** The one that the batch is of. */
  private diagonal(): Diagonal {
    return diagonalAt(this.pixels, SLOPE * (this.count + 2 * MARGIN) - SLOPE);
  }

  /** Reveals all that the batch sees. */
  private reveal(predictor: SamplePredictor): void {
    const { pixels, planes } = this;
    const { column } = this.diagonal();
    predictor.start({ pixels, planes, weighsColours: true });
    for (let index = Math.max(0, column - SEEN_DIAGONALS); index < column; index++) {
      const diagonal = diagonalAt(pixels, index);
      for (let i = 0; i < diagonal.length; i += REVEALED_AT_ONCE) {
        const part = partOfDiagonal(diagonal, i, Math.min(REVEALED_AT_ONCE, diagonal.length - i));
        predictor.look(part);
        for (let plane = 0; plane < planes; plane++) this.revealPlane(predictor, part, plane);
        predictor.count(part);
      }
    }
  }

  private revealPlane(predictor: SamplePredictor, { row, column, length }: Diagonal, plane: number): void {
    const { facts } = predictor.rows();
    for (let i = 0; i < length; i++) {
      const [y, x] = [row + i, column - SLOPE * i];
      const value = this.pixels.data[3 * (y * this.pixels.width + x) + CHANNEL_ORDER[plane]!]!;
      facts[i * ROW_FACTS + FACTS.mean] = value - this.earlier[(613 * y + 7 * x + plane) % this.earlier.length]!;
    }
    predictor.reveal(plane);
  }

  private tell(predictor: SamplePredictor, plane: number, start: number, count: number): void {
    const { values, width } = predictor.network.known(count);
    for (let i = 0; i < count; i++) values.set(this.known[start + i]!.slice(0, 5 * plane), i * width);
    predictor.rows().bases.set(this.bases[plane]!.subarray(start, start + count));
  }
}

/** Bits of all that rows of a batch say, window by window as far as it goes. */
function bitsOf(rows: SampleRows, { count, planes }: Batch, plane: number, components: number): string {
  const length = sampleLength(planes);
  const widths = { predictions: 3, bases: 1, spreads: 1, units: 1, inputs: length - planes, energies: planes } as const;
  const columns = { ...widths, means16: components, scales: components, shares: components, facts: ROW_FACTS };
  const parts = Object.entries(columns).map(([name, width]) => {
    const values = rows[name as keyof typeof columns].slice(0, count * width);
    return `${name} ${Buffer.from(values.buffer).toString('base64')}`;
  });
  const samples = Array.from({ length: count }, (_, i) =>
    rows.samples.slice(i * length, (i + 1) * length - planes + plane),
  );
  const windows = Array.from({ length: count }, (_, i) => `${windowOf(rows, i)} ${weighedOf(rows, i)}`);
  return [...parts, ...samples.map((sample) => Buffer.from(sample.buffer).toString('base64')), ...windows].join('\n');
}

function windowOf({ windows }: SampleRows, i: number): Int32Array {
  const at = i * ROW_WINDOW;
  return windows.slice(at, at + WINDOW_STARTS + windows[at + 1]! + 1);
}

function weighedOf({ windows, weighed }: SampleRows, i: number): Int32Array {
  const at = i * ROW_WINDOW;
  return weighed.slice(at + WINDOW_STARTS, at + WINDOW_STARTS + windows[at + 1]! + 1);
}

const plainOf = (weights: PixelWeights): PlainPredictor =>
  new PlainPredictor(createPixelNetwork(weights, new PlainDense()));

const KERNELS = {
  'the kernel': () => new DenseKernel(loadDense()!),
  'the kernel that is not shared, with 2 threads': () => new DenseKernel(loadDense()!, 2),
  'the shared kernel': () => new DenseKernel(loadSharedDense()!),
  'the shared kernel with 2 threads': () => new DenseKernel(loadSharedDense()!, 2),
} as const;

const COUNTS = [1, 31, 32, 33, 256, 2];

describe('rows are the same, bit for bit', () => {
  it.each(CASES)('$kind outputs of $components components, $planes planes', (given) => {
    const random = seededRandom(100 * given.components + given.planes);
    const weights = randomWeights(given, random);
    const plain = plainOf(weights);
    const kernels = Object.entries(KERNELS).map(
      ([title, create]) => [title, new KernelPredictor(weights, create())] as const,
    );
    for (const count of COUNTS) {
      const batch = new Batch(count, given.planes, random);
      for (let plane = 0; plane < given.planes; plane++) {
        const rows = batch.predict(plain, plane);
        const expected = bitsOf(rows, batch, plane, given.components);
        for (const [title, kernel] of kernels) {
          const found = batch.predict(kernel, plane);
          expect(bitsOf(found, batch, plane, given.components) === expected, `${title}, ${count} rows`).toBe(true);
          batch.learn(found, plane);
        }
        batch.learn(rows, plane);
      }
    }
  });
});

interface Predicted {
  readonly weights: PixelWeights;
  readonly predictor: SamplePredictor;
}

/** All planes of a batch of 256 rows by plain TypeScript. */
function predicted(given: Case, visit: (rows: SampleRows, batch: Batch, plane: number, of: Predicted) => void) {
  const random = seededRandom(100 * given.components + given.planes);
  const weights = randomWeights(given, random);
  const predictor = plainOf(weights);
  const batch = new Batch(256, given.planes, random);
  for (let plane = 0; plane < given.planes; plane++) {
    const rows = batch.predict(predictor, plane);
    visit(rows, batch, plane, { weights, predictor });
    batch.learn(rows, plane);
  }
}

it('the batches of these tests have classes, windows and deviations of every kind', () => {
  const seen = {
    classes: new Set<number>(),
    counts: new Set<number>(),
    shares: new Set<number>(),
    ends: new Set<string>(),
  };
  let [least, most, moved] = [Number.POSITIVE_INFINITY, 0, 0];
  for (const given of CASES) {
    predicted(given, ({ facts, shares, windows }, { count }) => {
      for (let i = 0; i < count; i++) {
        seen.shares.add(shares[i * given.components]!);
        const [first, values] = windows.subarray(i * ROW_WINDOW);
        const at = i * ROW_FACTS;
        seen.classes.add(facts[at + FACTS.scaleClass]!);
        seen.counts.add(values!);
        if (first === 0) seen.ends.add('first');
        if (first! + values! === 256) seen.ends.add('last');
        least = Math.min(least, facts[at + FACTS.deviation]!);
        most = Math.max(most, facts[at + FACTS.deviation]!);
        if (facts[at + FACTS.shift16] !== 0 && facts[at + FACTS.steps] !== 0) moved++;
      }
    });
  }
  expect([...seen.classes].sort((a, b) => a - b)).toEqual(Array.from({ length: NUM_CLASSES }, (_, i) => i));
  expect(seen.ends.size).toBe(2);
  expect(seen.shares.size).toBeGreaterThan(300);
  for (const count of [3, 4, 5, 25, 26, 48, 49]) expect(seen.counts).toContain(count);
  expect(least).toBeLessThan(0.3);
  expect(most).toBeGreaterThan(2000);
  expect(moved).toBeGreaterThan(1000);
});

it.each(CASES)('starts are those of the mixture: $kind outputs of $components components, $planes planes', (given) => {
  predicted(given, (rows, { count }) => {
    const mixture = new PixelMixture(given.components);
    for (let i = 0; i < count; i++) {
      mixture.load(i, rows);
      const [first, values, ...starts] = windowOf(rows, i);
      expect(starts).toEqual(Array.from({ length: values! + 1 }, (_, k) => mixture.start(first! + k)));
    }
  });
});

const clamp = (value: number, most: number): number => Math.min(Math.max(value, -most), most);

/** The facts of a row from the outputs of the network, by the text of docs/format.md. */
function factsOf(outputs: ArrayLike<number>, i: number, rows: SampleRows, { components }: PixelWeights) {
  const [base, spread] = [rows.bases[i]!, rows.spreads[i]!];
  const output = (part: number, k: number) => outputs[part * components + k]!;
  const sixteenths = (value: number) => Math.floor(value / 256 + 0.5);
  const gaussians = Array.from({ length: components }, (_, k) => {
    const index = Math.round(16 * (Math.log2(spread) + 5)) + sixteenths(output(1, k));
    return {
      mean: clamp(Math.floor(16 * (base + (spread * output(0, k)) / 4096) + 0.5) / 16, 8192),
      sigma: 2 ** (Math.min(Math.max(index, 0), 255) / 16 - 5),
      octaves: sixteenths(output(2, k)) / 16,
    };
  });
  const most = Math.max(...gaussians.map(({ octaves }) => octaves));
  const shares = gaussians.map(({ octaves }) => 2 ** Math.max(octaves - most, -20));
  const total = shares.reduce((a, b) => a + b);
  const over = (of: (gaussian: { mean: number; sigma: number }) => number) =>
    gaussians.reduce((sum, gaussian, k) => sum + (shares[k]! / total) * of(gaussian), 0);
  const mean = over((gaussian) => gaussian.mean);
  return { mean, deviation: Math.sqrt(1 / 12 + over((gaussian) => gaussian.sigma ** 2 + (gaussian.mean - mean) ** 2)) };
}

/** Steps of the scale of a row of the first plane, and the class they come from. */
function stepsOf(deviation: number, i: number, { energies }: SampleRows, { planes, states }: Batch) {
  const { trusts, classSteps } = states[0]!;
  const octave = Math.min(Math.max(Math.floor(Math.log2(4 * deviation)), 0), 5);
  const level = [1, 3, 7].filter((end) => energies[i * planes]! / deviation ** 2 >= end).length;
  const scaleClass = 4 * octave + level;
  return { scaleClass, steps: Math.floor((trusts[1]! + trusts[2]!) * classSteps[scaleClass]! + 0.5) };
}

/** 16 times the shift of the mean of a row of the first plane. */
function shiftOf(deviation: number, i: number, { inputs }: SampleRows, { planes, states }: Batch): number {
  const { weights, trusts } = states[0]!;
  const length = sampleLength(planes) - planes;
  const unit = Math.sqrt(deviation ** 2 + 1);
  const sample = [...inputs.subarray(i * length, (i + 1) * length)].map((input, k) =>
    clamp(((k < length / 2 ? 0.3 : 1) * input) / unit, 12),
  );
  const by = (regression: number) => {
    const shift = unit * sample.reduce((sum, value, k) => sum + value * weights[2 * k + regression]!, 0);
    return Math.floor(16 * clamp(shift, deviation) + 0.5);
  };
  return Math.floor(trusts[1]! * by(0) + trusts[2]! * by(1) + 0.5);
}

it.each(CASES)('facts are those of the formulas: $kind outputs of $components components, $planes planes', (given) => {
  predicted(given, (rows, batch, plane, { weights, predictor }) => {
    if (plane > 0) return;
    predictor.network.begin(0, batch.count);
    const { values, width } = predictor.network.finish();
    for (let i = 0; i < batch.count; i += 5) {
      const expected = factsOf(values.subarray(i * width), i, rows, weights);
      const [mean, deviation] = rows.facts.subarray(i * ROW_FACTS);
      expect(Math.abs(mean! - expected.mean)).toBeLessThan(1e-8);
      expect(deviation! / expected.deviation).toBeCloseTo(1, 10);
      const shift16 = shiftOf(expected.deviation, i, rows, batch);
      expect(rows.facts[i * ROW_FACTS + FACTS.shift16]).toBe(shift16);
      const { scaleClass, steps } = stepsOf(expected.deviation, i, rows, batch);
      expect(rows.facts[i * ROW_FACTS + FACTS.scaleClass]).toBe(scaleClass);
      expect(rows.facts[i * ROW_FACTS + FACTS.steps]).toBe(steps);
    }
  });
});

describe('a lost helper', () => {
  it.each([
    ['that did its part', (kernel: SharedDense, args: Parameters<SharedDense['finish']>) => kernel.finish(...args) * 0],
    ['that did nothing, like all others', () => 0],
  ])('%s does not change the rows', (_title, loseHelper) => {
    const given: Case = { kind: 'usual', components: 3, planes: 3 };
    for (const lostAt of [1, 2, 3, 4, 5, 6]) {
      const random = seededRandom(lostAt);
      const weights = randomWeights(given, random);
      const kernel = loadSharedDense()!;
      const finish = vi.fn((...args: Parameters<SharedDense['finish']>) =>
        finish.mock.calls.length === lostAt ? loseHelper(kernel, args) : kernel.finish(...args),
      );
      const [plain, shared] = [
        plainOf(weights),
        new KernelPredictor(weights, new DenseKernel({ ...kernel, finish }, 2)),
      ];
      for (let round = 0; round < 2; round++) {
        const batch = new Batch(100, 3, random);
        for (const plane of [0, 1, 2]) {
          const [rows, found] = [batch.predict(plain, plane), batch.predict(shared, plane)];
          expect(bitsOf(found, batch, plane, 3) === bitsOf(rows, batch, plane, 3), `plane ${plane}`).toBe(true);
          for (const each of [rows, found]) batch.learn(each, plane);
        }
      }
      expect(finish).toHaveBeenCalledTimes(lostAt);
    }
  });
});

it('rows are the same wherever they are in a batch', () => {
  const given: Case = { kind: 'usual', components: 2, planes: 1 };
  predicted(given, (rows, batch, _plane, { weights }) => {
    const predictor = new KernelPredictor(weights, new DenseKernel(loadDense()!));
    for (const [start, count] of [
      [0, 1],
      [3, 40],
      [100, 156],
    ] as const) {
      const part = batch.predictPart(predictor, 0, start, count);
      expect(part.facts.slice(0, count * ROW_FACTS)).toEqual(
        rows.facts.slice(start * ROW_FACTS, (start + count) * ROW_FACTS),
      );
      for (let i = 0; i < count; i++) expect(windowOf(part, i)).toEqual(windowOf(rows, start + i));
    }
  });
});
