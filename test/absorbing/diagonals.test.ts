import { describe, expect, it } from 'vitest';
import { type Diagonal, diagonalAt, diagonalCount, partOfDiagonal, SLOPE } from '../../src/absorbing/diagonals.ts';
import { OFFSETS } from '../../src/absorbing/neighbourhood.ts';

const SIZES = [
  { height: 1, width: 1 },
  { height: 1, width: 9 },
  { height: 9, width: 1 },
  { height: 2, width: 3 },
  { height: 13, width: 7 },
  { height: 5, width: 40 },
  { height: 40, width: 5 },
];
type Size = (typeof SIZES)[number];

const diagonalsOf = (size: Size): Diagonal[] =>
  Array.from({ length: diagonalCount(size) }, (_, index) => diagonalAt(size, index));
const pixelsOf = ({ row, column, length }: Diagonal, width: number): number[] =>
  Array.from({ length }, (_, i) => (row + i) * width + column - SLOPE * i);

describe.each(SIZES)('the diagonals of $height x $width', ({ height, width }) => {
  const diagonals = diagonalsOf({ height, width });
  const numbers = new Map(
    diagonals.flatMap((diagonal, number) => pixelsOf(diagonal, width).map((pixel) => [pixel, number] as const)),
  );

  it('have each pixel once, and none but pixels', () => {
    const all = diagonals.flatMap((diagonal) => pixelsOf(diagonal, width));
    expect(all.sort((a, b) => a - b)).toEqual(Array.from({ length: height * width }, (_, i) => i));
  });

  it('reveal what a pixel sees before it', () => {
    const late: string[] = [];
    for (const [pixel, number] of numbers) {
      const [row, column] = [Math.floor(pixel / width), pixel % width];
      for (const [dRow, dColumn] of OFFSETS) {
        const [y, x] = [row + dRow, column + dColumn];
        if (y < 0 || x < 0 || x >= width || numbers.get(y * width + x)! < number) continue;
        late.push(`${row},${column} sees ${y},${x}`);
      }
    }
    expect(late).toEqual([]);
  });

  it('go downward', () => {
    for (const diagonal of diagonals) {
      const rows = pixelsOf(diagonal, width).map((pixel) => Math.floor(pixel / width));
      expect(rows).toEqual(rows.map((_, i) => diagonal.row + i));
    }
  });

  it('are their parts', () => {
    for (const diagonal of diagonals) {
      const parts = [0, 1, 2].map((i) => {
        const [start, end] = [i, i + 1].map((third) => Math.floor((third * diagonal.length) / 3)) as [number, number];
        return partOfDiagonal(diagonal, start, end - start);
      });
      expect(parts.flatMap((part) => pixelsOf(part, width))).toEqual(pixelsOf(diagonal, width));
    }
  });
});
