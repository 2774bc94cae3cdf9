import { describe, expect, it } from 'vitest';
import { redraw, sample } from '../src/sample.ts';
import { fixtureImage, tinyModel as model } from './helpers/fixtures.ts';

const OPTIONS = { model, numSteps: 2 };

describe('sample', () => {
  it.each([
    [1, 1],
    [7, 20],
    [40, 33],
  ])('draws %i x %i pixels', async (height, width) => {
    const image = await sample({ height, width }, OPTIONS);
    expect(image).toMatchObject({ height, width, channels: 3, bitDepth: 8 });
    expect(image.data).toHaveLength(height * width * 3);
  });

  it('draws the same with any engine, and another image with another seed', async () => {
    const size = { height: 24, width: 17 };
    const one = await sample(size, { ...OPTIONS, seed: 5 });
    expect(await sample(size, { ...OPTIONS, seed: 5, engine: 'reference' })).toEqual(one);
    expect(await sample(size, { ...OPTIONS, seed: 6 })).not.toEqual(one);
  });

  it.each([{ seed: 0 }, { seed: 1.5 }, { seed: 2 ** 32 }])('refuses %j', async (options) => {
    await expect(sample({ height: 2, width: 2 }, { ...OPTIONS, ...options })).rejects.toThrow(RangeError);
  });

  it.each([0, 65_536, 1.5])('refuses a height of %d', async (height) => {
    await expect(sample({ height, width: 2 }, OPTIONS)).rejects.toThrow(RangeError);
  });
});

describe('redraw', () => {
  /** Mean of each channel over blocks of side x side pixels. */
  function blockMeans(
    { width, data }: { width: number; data: Uint8Array },
    side: number,
    [top, left]: [number, number],
  ) {
    const sums = [0, 0, 0];
    for (let y = 0; y < side; y++) {
      for (let x = 0; x < side; x++) {
        for (let c = 0; c < 3; c++) sums[c]! += data[((top + y) * width + left + x) * 3 + c]! / side ** 2;
      }
    }
    return sums;
  }

  it('keeps the means of blocks and draws what is in them', async () => {
    const image = await fixtureImage('smooth-rgb8-97x71');
    const drawn = await redraw(image, 2, OPTIONS);
    expect(drawn).toMatchObject({ height: 71, width: 97, channels: 3 });
    expect(drawn.data).not.toEqual(image.data);
    // Each halving rounds down, and colours beyond 0..255 are brought inside.
    for (const corner of [
      [0, 0],
      [40, 8],
      [64, 92],
    ] as [number, number][]) {
      const [given, kept] = [blockMeans(image, 4, corner), blockMeans(drawn, 4, corner)];
      for (let c = 0; c < 3; c++) expect(Math.abs(given[c]! - kept[c]!)).toBeLessThan(4);
    }
  });

  it('makes gray of gray', async () => {
    expect(await redraw(await fixtureImage('text-gray8-120x56'), 9, OPTIONS)).toMatchObject({
      channels: 1,
      width: 120,
    });
  });

  it.each([0, 1.5])('refuses level %d', async (level) => {
    await expect(redraw(await fixtureImage('flat-rgb8-32x32'), level, OPTIONS)).rejects.toThrow(RangeError);
  });
});
