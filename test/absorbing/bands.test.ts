import { expect, it } from 'vitest';
import { bandCountFor, bandsOf, pixelsOfBand } from '../../src/absorbing/bands.ts';

it.each([
  [1, 1],
  [7, 1],
  [7, 2],
  [7, 7],
  [1000, 16],
])('%i rows are cut into %i bands without gaps, as tall as each other but for a row', (height, count) => {
  const bands = bandsOf({ height }, count);
  expect(bands.length).toBe(count);
  let row = 0;
  for (const band of bands) {
    expect(band.row).toBe(row);
    row += band.height;
  }
  expect(row).toBe(height);
  const heights = bands.map((band) => band.height);
  expect(Math.max(...heights) - Math.min(...heights)).toBeLessThanOrEqual(1);
  expect(Math.min(...heights)).toBeGreaterThan(0);
});

it.each([
  [512, 768, 1 << 19, 1],
  [512, 768, 1 << 17, 2],
  [1024, 1024, 1 << 19, 2],
  [1024, 1023, 1 << 19, 1],
  [4000, 6000, 1 << 19, 16],
  [3, 65_535, 1 << 10, 2],
  [1, 65_535, 1 << 10, 1],
  [1, 1, 1, 1],
])('%i x %i pixels, each band with at least %i, are %i bands', (height, width, leastPixels, count) => {
  expect(bandCountFor({ height, width }, leastPixels)).toBe(count);
});

it('a band is the rows that it says, in the same memory', () => {
  const pixels = { height: 5, width: 2, data: Uint8Array.from({ length: 30 }, (_, i) => i) };
  const band = pixelsOfBand(pixels, { row: 2, height: 2 });
  expect(band).toEqual({ height: 2, width: 2, data: pixels.data.slice(12, 24) });
  band.data[0] = 99;
  expect(pixels.data[12]).toBe(99);
});
