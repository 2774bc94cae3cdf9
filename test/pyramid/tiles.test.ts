import { describe, expect, it } from 'vitest';
import { SEED_TILE_SIDE, TILE_SIDE, type Tile, tilesOf } from '../../src/pyramid/tiles.ts';

/** How many tiles cover each position, as a set of counts. */
function coverCounts(tiles: readonly Tile[], height: number, width: number): Set<number> {
  const counts = new Uint8Array(height * width);
  for (const tile of tiles) {
    expect(tile.row + tile.height <= height && tile.column + tile.width <= width).toBe(true);
    for (let row = tile.row; row < tile.row + tile.height; row++) {
      for (let column = tile.column; column < tile.column + tile.width; column++) counts[row * width + column]!++;
    }
  }
  return new Set(counts);
}

const SIDES = [1, 2, 7, 8, 9, 10, 16, 17, 31, 63, 64, 65, 100, 127, 128, 129, 191, 200];
const text = (tiles: readonly Tile[]) =>
  tiles.map(({ row, column, height, width }) => `${height}x${width}@${row},${column}`);

describe('tilesOf', () => {
  it.each(SIDES)('covers each position exactly once at height %i', (height) => {
    for (const width of SIDES) expect(coverCounts(tilesOf(height, width), height, width)).toEqual(new Set([1]));
  });

  it.each(SIDES)('makes no tile empty or too large at height %i', (height) => {
    for (const width of SIDES) {
      const sides = tilesOf(height, width).flatMap((tile) => [tile.height, tile.width]);
      expect(Math.min(...sides)).toBeGreaterThan(0);
      expect(Math.max(...sides)).toBeLessThanOrEqual(TILE_SIDE);
    }
  });

  it.each(SIDES)('ends with a small tile in the last corner at height %i', (height) => {
    for (const width of SIDES) {
      const last = tilesOf(height, width).at(-1)!;
      expect(Math.max(last.height, last.width)).toBeLessThanOrEqual(SEED_TILE_SIDE);
      expect([last.row + last.height, last.column + last.width]).toEqual([height, width]);
    }
  });

  it.each([
    [1, 1, ['1x1@0,0']],
    [8, 8, ['8x8@0,0']],
    [9, 3, ['5x3@0,0', '4x3@5,0']],
    [16, 16, ['8x16@0,0', '8x8@8,0', '8x8@8,8']],
    [3, 20, ['3x10@0,0', '3x5@0,10', '3x5@0,15']],
    [
      65,
      66,
      ['32x33@0,0', '32x33@0,33', '33x33@32,0', '17x33@32,33', '16x17@49,33', '8x16@49,50', '8x8@57,50', '8x8@57,58'],
    ],
  ])('cuts %i x %i as the format says', (height, width, expected) => {
    expect(text(tilesOf(height, width))).toEqual(expected);
  });
});
