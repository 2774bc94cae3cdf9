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
  mixture.set({ values: Float32Array.of(0, 0, 0), width: 3 }, 0, 120, 4);
  return mixture;
}

/** For each batch, and each channel, how many of its samples were coded as weighed. */
function weighedSamples(draw: () => number): number[][] {
  const [coding, mixture] = [new ColourCoding(), broadMixture()];
  return Array.from({ length: BATCHES }, () => {
    const pixels = Array.from({ length: BATCH }, () => [draw(), draw(), draw()] as const);
    const counts = [0, 1, 2].map(
      (channel) =>
        pixels.filter(([green, red, blue]) => {
          const by = coding.weigh(channel, mixture, { green, red, blueOffset: 240 - red });
          coding.learn(channel, [green, red, blue][channel]!);
          return by !== mixture;
        }).length,
    );
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
    for (; coding.weigh(0, mixture, KNOWN) === mixture; batch++) {
      coding.learn(0, 120);
      coding.endBatch();
    }
    expect(batch).toBe(expected);
  });

  it('a value outside of the window teaches nothing', () => {
    const coding = codingOfOneColour();
    const isWeighedAfter = (value: number) => {
      coding.weigh(0, mixture, KNOWN);
      coding.learn(0, value);
      return coding.weigh(0, mixture, KNOWN) !== mixture;
    };
    expect([250, 120, 250, 119].map(isWeighedAfter)).toEqual([false, true, true, false]);
  });
});
