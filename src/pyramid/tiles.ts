/**
 * How the positions of a stage are cut into tiles, which are decoded one after the other.
 *
 * Encoding runs backwards and so begins with the last tile, whose cost cannot be earned back: that corner is cut ever
 * smaller, and each tile there brings the bits that the next larger one needs.
 */
import type { Size } from './haar.ts';

/** Largest side of a tile. */
export const TILE_SIDE = 64;
/** Largest side of the tile that is encoded first. */
export const SEED_TILE_SIDE = 8;

export interface Tile extends Size {
  readonly row: number;
  readonly column: number;
}

/** Tiles of a stage of height x width positions in decoding order: each position in exactly one. */
export function tilesOf(height: number, width: number): Tile[] {
  const rows = evenCuts(height);
  const columns = evenCuts(width);
  const grid = rows.flatMap((row) =>
    columns.map((column) => ({ row: row.start, column: column.start, height: row.length, width: column.length })),
  );
  const last = grid.pop();
  return last === undefined ? [] : [...grid, ...shrinkingTiles(last)];
}

function evenCuts(length: number): { start: number; length: number }[] {
  const count = Math.ceil(length / TILE_SIDE);
  const boundary = (index: number): number => Math.floor((index * length) / count);
  return Array.from({ length: count }, (_, index) => ({
    start: boundary(index),
    length: boundary(index + 1) - boundary(index),
  }));
}

/** Halves the rest across its longer side until it is small; the first halves are tiles of their own. */
function shrinkingTiles(tile: Tile): Tile[] {
  const tiles: Tile[] = [];
  let rest = tile;
  while (Math.max(rest.height, rest.width) > SEED_TILE_SIDE) {
    const [first, second] = halves(rest);
    tiles.push(first);
    rest = second;
  }
  return [...tiles, rest];
}

function halves(tile: Tile): [Tile, Tile] {
  const { row, column, height, width } = tile;
  if (height >= width) {
    const upper = Math.ceil(height / 2);
    return [
      { ...tile, height: upper },
      { ...tile, row: row + upper, height: height - upper },
    ];
  }
  const left = Math.ceil(width / 2);
  return [
    { ...tile, width: left },
    { ...tile, column: column + left, width: width - left },
  ];
}
