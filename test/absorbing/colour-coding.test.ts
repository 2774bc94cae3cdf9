import { describe, expect, it } from 'vitest';
import { ColourCoding } from '../../src/absorbing/colour-coding.ts';
import { ColourWeights } from '../../src/absorbing/colour-weights.ts';
import { WindowMixture } from '../../src/absorbing/window-mixture.ts';
import type { SampleRows } from '../../src/kernels/samples.ts';
import { randomInteger, seededRandom } from '../helpers/random.ts';
import { type GivenMixture, rowsOfMixtures } from '../helpers/sample-rows.ts';

const BATCHES = 400;
const BATCH = 16;
const LOOK_INTERVAL = 8;

/** One Gaussian of deviation 4. */
const gaussianAt = (mean: number): GivenMixture => ({ components: [[16 * mean, 112, 1]] });
const ROWS = rowsOfMixtures(new Array(BATCH).fill(gaussianAt(120)));

/** For each batch, and each channel, whether its samples were coded as weighed. */
function weighedBatches(draw: () => number): boolean[][] {
  const [coding, colours] = [new ColourCoding(), new ColourWeights()];
  return Array.from({ length: BATCHES }, () => {
    const pixels = Array.from({ length: BATCH }, () => [draw(), draw(), draw()] as const);
    const channels = [0, 1, 2].map((channel) => {
      if (coding.begin(channel)) {
        for (const [i, [green, red]] of pixels.entries()) {
          colours.weigh(i, channel, ROWS, { green, red, blueOffset: 240 - red });
        }
      }
      const { pays } = coding;
      for (const [i, pixel] of pixels.entries()) coding.learn(i, channel, pixel[channel]!, ROWS);
      return pays;
    });
    for (const pixel of pixels) colours.add(...pixel);
    coding.endBatch();
    return channels;
  });
}

/** Draws values around 120 that are multiples of a step. */
function drawOf(step: number): () => number {
  const random = seededRandom(5);
  const one = () => randomInteger(random, 9);
  return () => step * Math.round((104 + one() + one() + one() + one()) / step);
}

describe('colours', () => {
  const sparse = weighedBatches(drawOf(3));

  it('do not weigh before that would have paid', () => {
    expect(sparse.slice(0, LOOK_INTERVAL)).toEqual(new Array(LOOK_INTERVAL).fill([false, false, false]));
  });

  it('weigh all samples of an image with few colours', () => {
    expect(sparse.slice(BATCHES / 2)).toEqual(new Array(BATCHES / 2).fill([true, true, true]));
  });

  it('hardly weigh those of an image with all colours', () => {
    const all = weighedBatches(drawOf(1)).slice(BATCHES / 2);
    const sums = [0, 1, 2].map((channel) => all.filter((channels) => channels[channel]).length);
    for (const sum of sums.slice(1)) expect(sum).toBeLessThan((0.2 * BATCHES) / 2);
  });
});

/** After many pixels of one colour. */
const COLOURS = new ColourWeights();
for (let i = 0; i < 5000; i++) COLOURS.add(120, 120, 120);

const KNOWN = { green: 120, red: 120, blueOffset: 120 };

/** Begins with a channel, of which sample 0 is weighed where it is looked at; true where it is coded so. */
function pays(coding: ColourCoding, channel = 0): boolean {
  if (coding.begin(channel)) COLOURS.weigh(0, channel, ROWS, KNOWN);
  return coding.pays;
}

describe('while they do not pay', () => {
  it.each([
    [0, 1],
    [1, 9],
    [7, 9],
    [8, 9],
    [9, 17],
  ])('the batches 0, 8, 16 ... are looked at: from batch %i on, batch %i is weighed', (start, expected) => {
    const coding = new ColourCoding();
    for (let batch = 0; batch < start; batch++) coding.endBatch();
    let batch = start;
    for (; !pays(coding); batch++) {
      coding.learn(0, 0, 120, ROWS);
      coding.endBatch();
    }
    expect(batch).toBe(expected);
  });

  it('no sample of the batch is coded as weighed, whatever is learned of the first', () => {
    const coding = new ColourCoding();
    expect(coding.begin(0)).toBe(true);
    for (const i of [0, 1]) COLOURS.weigh(i, 0, ROWS, KNOWN);
    coding.learn(0, 0, 120, ROWS);
    expect(coding.pays).toBe(false);
    expect(pays(coding)).toBe(true);
  });

  it('nothing is learned of batches that are not looked at', () => {
    const coding = new ColourCoding();
    coding.begin(0);
    COLOURS.weigh(0, 0, ROWS, KNOWN);
    coding.endBatch();
    expect(coding.begin(0)).toBe(false);
    coding.learn(0, 0, 120, ROWS);
    expect(pays(coding)).toBe(false);
  });

  it('a value outside of the window teaches nothing', () => {
    const coding = new ColourCoding();
    const paysAfter = (value: number) => {
      pays(coding);
      coding.learn(0, 0, value, ROWS);
      return pays(coding);
    };
    expect([250, 120, 250, 119].map(paysAfter)).toEqual([false, true, true, false]);
  });

  it('channels gain apart', () => {
    const coding = new ColourCoding();
    pays(coding, 1);
    coding.learn(0, 1, 120, ROWS);
    expect([0, 1, 2].map((channel) => pays(coding, channel))).toEqual([false, true, false]);
  });
});

const FAR_ROWS = [0, 255] as const;

it('samples of a batch have each their own weights', () => {
  const rows = rowsOfMixtures(Array.from({ length: 256 }, (_, i) => gaussianAt(i === 255 ? 90 : 120)));
  for (const i of FAR_ROWS) COLOURS.weigh(i, 0, rows, KNOWN);
  const shares = FAR_ROWS.map((i) => [90, 120].map((value) => freqOf(i, value, rows, rows.weighed)));
  expect(shares[0]![1]).toBeGreaterThan(10 * shares[0]![0]!);
  expect(shares[1]![0]).toBeGreaterThan(10 * shares[1]![1]!);
});

function freqOf(i: number, value: number, rows: SampleRows, windows: Int32Array): number {
  const mixture = new WindowMixture(1);
  mixture.set(i, rows, windows);
  return mixture.start(value + 1) - mixture.start(value);
}

/** Eighths of a bit that weights save of a value, four bits at most. */
function gainsOf(values: readonly number[]): number[] {
  const coding = new ColourCoding();
  pays(coding);
  coding.learn(0, 0, 120, ROWS);
  expect(pays(coding)).toBe(true);
  const ratio = (value: number) => freqOf(0, value, ROWS, ROWS.weighed) / freqOf(0, value, ROWS, ROWS.windows);
  return values.map((value) => Math.min(Math.max(Math.round(8 * Math.log2(ratio(value))), -32), 32));
}

it('colours weigh while what they saved is above 0, of which each sample leaves 1023 of 1024 parts', () => {
  const [coding, random, values] = [new ColourCoding(), seededRandom(2), [113, 116, 119, 120, 121, 125]];
  const gains = gainsOf(values);
  let [gain, changes] = [0, 0];
  for (let i = 0; i < 600; i++) {
    const before = gain;
    expect(pays(coding), `after ${i} samples`).toBe(gain > 0);
    const k = random() < 0.4 ? 3 : randomInteger(random, values.length);
    coding.learn(0, 0, values[k]!, ROWS);
    gain = (gain * 1023) / 1024 + gains[k]!;
    if (before > 0 !== gain > 0) changes++;
  }
  expect(changes).toBeGreaterThan(5);
});
