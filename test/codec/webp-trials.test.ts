import { expect, it } from 'vitest';
import { encodeAlpha } from '../../src/codec/alpha.ts';
import { encodeTrials, leastBytes, tryWebp } from '../../src/codec/webp-trials.ts';
import type { Image8 } from '../../src/image/image.ts';
import { makeImage } from '../helpers/images.ts';
import { randomInteger, seededRandom } from '../helpers/random.ts';

const sourceOf = async (high: Image8) => ({ high, alpha: await encodeAlpha(high) });

/** Noise of gray and alpha, from two numbers of a generator. */
function grayNoise(alphaOf: (gray: number, other: number) => number): Image8 {
  const random = seededRandom(3);
  const data = new Uint8Array(2 * 60 * 60);
  for (let i = 0; i < data.length; i += 2) {
    data[i] = randomInteger(random, 256);
    data[i + 1] = alphaOf(data[i]!, randomInteger(random, 256));
  }
  return { height: 60, width: 60, channels: 2, bitDepth: 8, data };
}

async function smallestOf(high: Image8) {
  const source = await sourceOf(high);
  const trials = await tryWebp(source);
  const coded = await encodeTrials(source, trials, false);
  const least = coded.reduce((a, b) => (b.alpha.length + b.payload.length < a.alpha.length + a.payload.length ? b : a));
  return { trials, least, bound: leastBytes(source, trials, false) };
}

it('puts alpha that goes with the colours into the payload', async () => {
  const { least } = await smallestOf(grayNoise((gray) => gray | 1));
  expect(least.alpha).toHaveLength(2);
  expect(least.payload.length).toBeLessThan(4200);
});

it('leaves alpha that has nothing to do with them beside it', async () => {
  const { least } = await smallestOf(grayNoise((_gray, other) => (other < 30 ? 0 : 255)));
  expect(least.alpha[0]).toBe(6);
});

it('puts alpha of all values into the payload too, of which two are one there', async () => {
  const { least } = await smallestOf(grayNoise((gray) => 255 - gray));
  expect(least.alpha[0]).toBe(5);
  expect(least.alpha.length).toBeGreaterThan(2);
  expect(least.payload.length).toBeLessThan(4200);
});

it('sees that a thorough try is far smaller than a quick one', async () => {
  const [height, width] = [90, 120];
  const data = Uint8Array.from({ length: height * width * 4 }, (_, i) => {
    const [row, column, channel] = [Math.floor(i / (4 * width)), (i >> 2) % width, i % 4];
    return [2 * column, 2 * row, 2 * column, (row * 37 + column * column) % 251][channel]!;
  });
  const { trials } = await smallestOf({ height, width, channels: 4, bitDepth: 8, data });
  expect(trials[0]!.estimate.bytes).toBeLessThan(150);
});

it('tries one form only where alpha is constant', async () => {
  expect((await smallestOf(grayNoise(() => 9))).trials).toHaveLength(1);
});

it('has a bound that its payloads keep', async () => {
  const { bound, least } = await smallestOf(makeImage('gradient', { height: 90, width: 70, channels: 4 }));
  expect(least.alpha.length + least.payload.length).toBeGreaterThanOrEqual(bound);
});
