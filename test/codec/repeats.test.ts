import { expect, it } from 'vitest';
import { repeatShare } from '../../src/codec/repeats.ts';
import type { Image8 } from '../../src/image/image.ts';
import { CONTENT_NAMES, makeImage } from '../helpers/images.ts';

const TILE = makeImage('noise', { height: 70, width: 90, channels: 3 });

/** The tile, several times below and beside itself. */
function tiled(rows: number, columns: number): Image8 {
  const [height, width] = [70 * rows, 90 * columns];
  const data = Uint8Array.from({ length: height * width * 3 }, (_, i) => {
    const [row, column] = [Math.floor(i / (3 * width)) % 70, (Math.floor(i / 3) % width) % 90];
    return TILE.data[(row * 90 + column) * 3 + (i % 3)]!;
  });
  return { height, width, channels: 3, bitDepth: 8, data };
}

it('is about the share of the tiles that stood in the image before', () => {
  expect(repeatShare(tiled(1, 1))).toBe(0);
  expect(repeatShare(tiled(2, 1))).toBeCloseTo(0.5, 0.1);
  // Runs from one tile to the next stand there for the first time once.
  expect(repeatShare(tiled(4, 3))).toBeGreaterThan(0.85);
});

it('is 0 of one colour, and of images smaller than a run', () => {
  expect(repeatShare(makeImage('flat', { height: 64, width: 64, channels: 4 }))).toBe(0);
  for (const content of CONTENT_NAMES) {
    expect(repeatShare(makeImage(content, { height: 3, width: 5, channels: 2 }))).toBe(0);
  }
});
