/**
 * The order in which pixels are revealed. A pixel's neighbourhood has pixels of its row to its left and of rows above up to
 * REACH to its right, so all pixels with the same column + (REACH + 1) * row know nothing of each other: a diagonal, which a
 * network sees as one batch. Diagonals follow each other from the upper left; within one, rows go downward.
 */

/** Columns to the right that a neighbourhood reaches in the rows above. */
export const REACH = 4;
/** Columns that each row lies behind the one above it. */
export const SLOPE = REACH + 1;

export interface Diagonal {
  /** The uppermost pixel; the next ones lie a row below and SLOPE columns to the left. */
  readonly row: number;
  readonly column: number;
  readonly length: number;
}

interface Size {
  readonly height: number;
  readonly width: number;
}

export const diagonalCount = ({ height, width }: Size): number => width + SLOPE * (height - 1);

/** @param index 0..diagonalCount - 1 */
export function diagonalAt({ height, width }: Size, index: number): Diagonal {
  const row = Math.max(0, Math.ceil((index - width + 1) / SLOPE));
  const last = Math.min(height - 1, Math.floor(index / SLOPE));
  return { row, column: index - SLOPE * row, length: last - row + 1 };
}

/** How many pixels of a row lie on the first diagonals, from the left. */
export const pixelsRevealed = (row: number, diagonals: number, width: number): number =>
  Math.min(Math.max(diagonals - SLOPE * row, 0), width);

/** The first diagonals that are all revealed with a share of an image's pixels, in their order. @param share a whole number of pixels, but for rounding */
export function wholeDiagonals(size: Size, share: number): number {
  const count = diagonalCount(size);
  let left = Math.round(share * size.height * size.width);
  for (let index = 0; index < count; index++) {
    left -= diagonalAt(size, index).length;
    if (left < 0) return index;
  }
  return count;
}

/** Where pixel i of a diagonal is among those of an image, row after row. */
export const pixelOfDiagonal = ({ row, column }: Diagonal, i: number, width: number): number =>
  (row + i) * width + column - SLOPE * i;

/** A part of a diagonal. */
export function partOfDiagonal({ row, column }: Diagonal, start: number, length: number): Diagonal {
  return { row: row + start, column: column - SLOPE * start, length };
}
