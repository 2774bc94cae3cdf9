import { describe, expect, it } from 'vitest';
import { ColourCoding } from '../../src/absorbing/colour-coding.ts';
import { PixelMixture } from '../../src/absorbing/pixel-mixture.ts';
import { randomInteger, seededRandom } from '../helpers/random.ts';

const BATCHES = 400;
const BATCH = 16;
const LOOK_INTERVAL = 8;

/** One Gaussian of deviation 4 around 120. */
function broadMixture(): PixelMixture {
  const mixture = new PixelMixture(1);
  mixture.set({ values: Int32Array.of(0, 0, 0), width: 3 }, 0, 120, 4);
  return mixture;
}

/** For each batch, and each channel, how many of its samples were coded as weighed. */
function weighedSamples(draw: () => number): number[][] {
  const [coding, mixture] = [new ColourCoding(), broadMixture()];
  return Array.from({ length: BATCHES }, () => {
    const pixels = Array.from({ length: BATCH }, () => [draw(), draw(), draw()] as const);
    const counts = [0, 1, 2].map((channel) => {
      if (coding.begin(channel)) {
        for (const [i, [green, red]] of pixels.entries()) {
          coding.weigh(i, channel, mixture, { green, red, blueOffset: 240 - red });
        }
      }
      const weighed = pixels.filter((_, i) => coding.distribution(i) !== undefined).length;
      for (const [i, pixel] of pixels.entries()) coding.learn(i, channel, pixel[channel]!);
      return weighed;
    });
    for (const pixel of pixels) coding.count(...pixel);
    coding.endBatch();
    return counts;
  });
}

/** Draws values around 120 that are multiples of a step. */
function drawOf(step: number): () => number {
  const random = seededRandom(5);
  const one = () => randomInteger(random, 9);
  return () => step * Math.round((104 + one() + one() + one() + one()) / step);
}

describe('colours', () => {
  const sparse = weighedSamples(drawOf(3));

  it('do not weigh before that would have paid', () => {
    expect(sparse.slice(0, LOOK_INTERVAL)).toEqual(new Array(LOOK_INTERVAL).fill([0, 0, 0]));
  });

  it('weigh all samples of an image with few colours', () => {
    expect(sparse.slice(BATCHES / 2)).toEqual(new Array(BATCHES / 2).fill([BATCH, BATCH, BATCH]));
  });

  it('hardly weigh those of an image with all colours', () => {
    const all = weighedSamples(drawOf(1)).slice(BATCHES / 2);
    const sums = [0, 1, 2].map((channel) => all.reduce((sum, counts) => sum + counts[channel]!, 0));
    for (const sum of sums.slice(1)) expect(sum).toBeLessThan((0.2 * BATCH * BATCHES) / 2);
  });
});

/** After many pixels of one colour. */
function codingOfOneColour(): ColourCoding {
  const coding = new ColourCoding();
  for (let i = 0; i < 5000; i++) coding.count(120, 120, 120);
  return coding;
}

const KNOWN = { green: 120, red: 120, blueOffset: 120 };

/** Begins with a channel, of which sample 0 is weighed where it is looked at; true where it is coded so. */
function pays(coding: ColourCoding, channel = 0, mixture = broadMixture()): boolean {
  if (coding.begin(channel)) coding.weigh(0, channel, mixture, KNOWN);
  return coding.distribution(0) !== undefined;
}

describe('while they do not pay', () => {
  const mixture = broadMixture();

  it.each([
    [0, 1],
    [1, 9],
    [7, 9],
    [8, 9],
    [9, 17],
  ])('the batches 0, 8, 16 ... are looked at: from batch %i on, batch %i is weighed', (start, expected) => {
    const coding = codingOfOneColour();
    for (let batch = 0; batch < start; batch++) coding.endBatch();
    let batch = start;
    for (; !pays(coding); batch++) {
      coding.learn(0, 0, 120);
      coding.endBatch();
    }
    expect(batch).toBe(expected);
  });

  it('no sample of the batch is coded as weighed, whatever is learned of the first', () => {
    const coding = codingOfOneColour();
    expect(coding.begin(0)).toBe(true);
    for (const i of [0, 1]) coding.weigh(i, 0, mixture, KNOWN);
    coding.learn(0, 0, 120);
    expect([0, 1].map((i) => coding.distribution(i))).toEqual([undefined, undefined]);
    expect(pays(coding)).toBe(true);
  });

  it('nothing is learned of batches that are not looked at', () => {
    const coding = codingOfOneColour();
    coding.begin(0);
    coding.weigh(0, 0, mixture, KNOWN);
    coding.endBatch();
    expect(coding.begin(0)).toBe(false);
    coding.learn(0, 0, 120);
    expect(pays(coding)).toBe(false);
  });

  it('a value outside of the window teaches nothing', () => {
    const coding = codingOfOneColour();
    const paysAfter = (value: number) => {
      pays(coding);
      coding.learn(0, 0, value);
      return pays(coding);
    };
    expect([250, 120, 250, 119].map(paysAfter)).toEqual([false, true, true, false]);
  });

  it('channels gain apart', () => {
    const coding = codingOfOneColour();
    pays(coding, 1);
    coding.learn(0, 1, 120);
    expect([0, 1, 2].map((channel) => pays(coding, channel))).toEqual([false, true, false]);
  });
});

it('samples of a batch have each their own weights', () => {
  const coding = new ColourCoding();
  const [mixture, other] = [broadMixture(), new PixelMixture(1)];
  other.set({ values: Int32Array.of(0, 0, 0), width: 3 }, 0, 90, 4);
  for (let i = 0; i < 5000; i++) coding.count(120, 120, 120);
  pays(coding, 0, mixture);
  coding.learn(0, 0, 120);
  coding.begin(0);
  coding.weigh(0, 0, mixture, KNOWN);
  coding.weigh(255, 0, other, KNOWN);
  const shares = [0, 255].map((i) => {
    const by = coding.distribution(i)!;
    return [90, 120].map((value) => by.start(value + 1) - by.start(value));
  });
  expect(shares[0]![1]).toBeGreaterThan(10 * shares[0]![0]!);
  expect(shares[1]![0]).toBeGreaterThan(10 * shares[1]![1]!);
});
