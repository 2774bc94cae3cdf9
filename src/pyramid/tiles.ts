/**
 * How the positions of a stage are cut into tiles, which are decoded one after the other.
 *
 * Encoding runs backwards and so begins with the last tile of the finest stage, on an empty stack: that corner is cut
 * into ever smaller tiles, each of which brings bits that the next ones need.
 */
import type { Size } from './haar.ts';

/** Largest side of a tile. */
export const TILE_SIDE = 64;
/** Largest side of the tile that is encoded first. */
export const SEED_TILE_SIDE = 4;

export interface Tile extends Size {
  readonly row: number;
  readonly column: number;
}

/**
 * Tiles of a stage of height x width positions in decoding order: each position in exactly one.
 *
 * @param cutsLast for the finest stage of an image that is encoded onto an empty stack: the last tile is cut further
 */
export function tilesOf(height: number, width: number, cutsLast: boolean): Tile[] {
  const rows = evenCuts(height);
  const columns = evenCuts(width);
  const grid = rows.flatMap((row) =>
    columns.map((column) => ({ row: row.start, column: column.start, height: row.length, width: column.length })),
  );
  if (!cutsLast) return grid;
  const last = grid.pop();
  return last === undefined ? [] : [...grid, ...shrinkingTiles(last)];
}

/** Tiles of one row in a strip, at most. */
const STRIP_TILES = 4;

/** The tiles side by side joined to strips: every tile of tilesOf lies in one. */
export function stripsOf(height: number, width: number): Tile[] {
  const columns = evenCuts(width);
  return evenCuts(height).flatMap((row) =>
    columns
      .filter((_, index) => index % STRIP_TILES === 0)
      .map(({ start }, index) => {
        const last = columns[Math.min((index + 1) * STRIP_TILES, columns.length) - 1]!;
        return { row: row.start, column: start, height: row.length, width: last.start + last.length - start };
      }),
  );
}

function evenCuts(length: number): Span[] {
  const count = Math.ceil(length / TILE_SIDE);
  const boundary = (index: number): number => Math.floor((index * length) / count);
  return Array.from({ length: count }, (_, index) => ({
    start: boundary(index),
    length: boundary(index + 1) - boundary(index),
  }));
}

/** Quarters the last tile until it is small; the first three quarters are tiles of their own. */
function shrinkingTiles(tile: Tile): Tile[] {
  const tiles: Tile[] = [];
  let rest = tile;
  while (Math.max(rest.height, rest.width) > SEED_TILE_SIDE) {
    const parts = quarters(rest);
    tiles.push(...parts.slice(0, -1));
    rest = parts.at(-1)!;
  }
  return [...tiles, rest];
}

/** Halves a tile across both sides, but not across a side that is small already; the first halves are rounded up. */
function quarters({ row, column, height, width }: Tile): Tile[] {
  const rows = halves(row, height);
  const columns = halves(column, width);
  return rows.flatMap((r) =>
    columns.map((c) => ({ row: r.start, column: c.start, height: r.length, width: c.length })),
  );
}

interface Span {
  readonly start: number;
  readonly length: number;
}

function halves(start: number, length: number): Span[] {
  if (length <= SEED_TILE_SIDE) return [{ start, length }];
  const first = Math.ceil(length / 2);
  return [
    { start, length: first },
    { start: start + first, length: length - first },
  ];
}
