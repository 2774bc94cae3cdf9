import { describe, expect, it } from 'vitest';
import { SEED_TILE_SIDE, stripsOf, TILE_SIDE, type Tile, tilesOf } from '../../src/pyramid/tiles.ts';

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
    for (const width of SIDES) expect(coverCounts(tilesOf(height, width, true), height, width)).toEqual(new Set([1]));
  });

  it.each(SIDES)('makes no tile empty or too large at height %i', (height) => {
    for (const width of SIDES) {
      const sides = tilesOf(height, width, true).flatMap((tile) => [tile.height, tile.width]);
      expect(Math.min(...sides)).toBeGreaterThan(0);
      expect(Math.max(...sides)).toBeLessThanOrEqual(TILE_SIDE);
    }
  });

  it.each(SIDES)('ends with a small tile in the last corner at height %i', (height) => {
    for (const width of SIDES) {
      const last = tilesOf(height, width, true).at(-1)!;
      expect(Math.max(last.height, last.width)).toBeLessThanOrEqual(SEED_TILE_SIDE);
      expect([last.row + last.height, last.column + last.width]).toEqual([height, width]);
    }
  });

  it.each([
    [1, 1, ['1x1@0,0']],
    [4, 4, ['4x4@0,0']],
    [9, 3, ['5x3@0,0', '4x3@5,0']],
    [8, 8, ['4x4@0,0', '4x4@0,4', '4x4@4,0', '4x4@4,4']],
    [3, 10, ['3x5@0,0', '3x3@0,5', '3x2@0,8']],
    [16, 9, ['8x5@0,0', '8x4@0,5', '8x5@8,0', '4x4@8,5', '4x4@12,5']],
  ])('cuts %i x %i of the finest stage as the format says', (height, width, expected) => {
    expect(text(tilesOf(height, width, true))).toEqual(expected);
  });

  it('cuts the grid evenly and leaves its last tile whole in coarser stages', () => {
    expect(text(tilesOf(65, 66, false))).toEqual(['32x33@0,0', '32x33@0,33', '33x33@32,0', '33x33@32,33']);
    expect(text(tilesOf(16, 16, false))).toEqual(['16x16@0,0']);
  });
});

describe('stripsOf', () => {
  it.each(SIDES)('covers each position exactly once, and each tile by one strip, at height %i', (height) => {
    for (const width of [...SIDES, 255, 256, 257, 700]) {
      const strips = stripsOf(height, width);
      expect(coverCounts(strips, height, width)).toEqual(new Set([1]));
      for (const { row, column, ...size } of tilesOf(height, width, true)) {
        const around = strips.filter(
          (strip) =>
            row >= strip.row &&
            row + size.height <= strip.row + strip.height &&
            column >= strip.column &&
            column + size.width <= strip.column + strip.width,
        );
        expect(around).toHaveLength(1);
      }
    }
  });

  it('joins at most four tiles side by side', () => {
    expect(text(stripsOf(100, 400))).toEqual(['50x228@0,0', '50x172@0,228', '50x228@50,0', '50x172@50,228']);
  });
});
