import { describe, expect, it } from 'vitest';
import type { Image8 } from '../src/image/image.ts';
import { interpolate } from '../src/interpolate.ts';
import { fixtureImage, tinyModel as model } from './helpers/fixtures.ts';
import { makeImage } from './helpers/images.ts';

const OPTIONS = { model, numSteps: 4 };
const FROM = await fixtureImage('smooth-rgb8-32x32');
const TO = await fixtureImage('flat-rgb8-32x32');

/** Mean absolute difference of two images. */
const distance = (a: Image8, b: Image8): number =>
  a.data.reduce((sum, value, i) => sum + Math.abs(value - b.data[i]!), 0) / a.data.length;

describe('interpolate', () => {
  it('gives the images themselves at the ends of a fade', async () => {
    expect(await interpolate(FROM, TO, { ...OPTIONS, weight: 0, noise: 0 })).toEqual(FROM);
    expect(await interpolate(FROM, TO, { ...OPTIONS, weight: 1, noise: 0 })).toEqual(TO);
  });

  it('fades without noise', async () => {
    const middle = await interpolate(FROM, TO, { ...OPTIONS, weight: 0.5, noise: 0 });
    // Every level of the pyramid rounds.
    for (const [i, value] of middle.data.entries()) {
      expect(Math.abs(value - (FROM.data[i]! + TO.data[i]!) / 2)).toBeLessThan(12);
    }
  });

  it('goes from one image to the other as the weight rises', async () => {
    const images: Image8[] = [];
    for (const weight of [0, 0.5, 1]) images.push(await interpolate(FROM, TO, { ...OPTIONS, weight }));
    const toSecond = images.map((image) => distance(image, TO));
    expect(toSecond[0]).toBeGreaterThan(toSecond[1]!);
    expect(toSecond[1]).toBeGreaterThan(toSecond[2]!);
  });

  it('leaves the images the further, the more noise there is', async () => {
    const distances: number[] = [];
    for (const noise of [0, 0.4, 1]) {
      distances.push(distance(await interpolate(FROM, FROM, { ...OPTIONS, noise }), FROM));
    }
    expect(distances[0]).toBe(0);
    expect(distances[1]).toBeGreaterThan(0);
    expect(distances[2]).toBeGreaterThan(distances[1]!);
  });

  it('draws the same with any engine, and another image with another seed', async () => {
    const one = await interpolate(FROM, TO, { ...OPTIONS, seed: 5 });
    expect(await interpolate(FROM, TO, { ...OPTIONS, seed: 5, engine: 'reference' })).toEqual(one);
    expect(await interpolate(FROM, TO, { ...OPTIONS, seed: 6 })).not.toEqual(one);
  });

  it.each([
    [1, 1],
    [1, 9],
    [13, 6],
  ])('takes images of %i x %i pixels, gray and with alpha too', async (height, width) => {
    const [from, to] = (['gradient', 'noise'] as const).map((content) =>
      makeImage(content, { height, width, channels: 2 }),
    );
    expect(await interpolate(from!, to!, OPTIONS)).toMatchObject({ height, width, channels: 1 });
  });

  it('refuses what does not fit', async () => {
    const small = makeImage('flat', { height: 3, width: 32, channels: 3 });
    const gray = makeImage('flat', { height: 32, width: 32, channels: 1 });
    for (const other of [small, gray]) await expect(interpolate(FROM, other, OPTIONS)).rejects.toThrow(RangeError);
    for (const bad of [{ weight: -0.1 }, { weight: 2 }, { noise: Number.NaN }, { seed: 0 }]) {
      await expect(interpolate(FROM, TO, { ...OPTIONS, ...bad })).rejects.toThrow(RangeError);
    }
  });
});
