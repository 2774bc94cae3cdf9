import { expect, it } from 'vitest';
import { diagonalAt, diagonalCount, SLOPE } from '../../src/absorbing/diagonals.ts';
import { ErrorRing } from '../../src/absorbing/error-ring.ts';
import { NEAR_OFFSETS } from '../../src/absorbing/neighbourhood.ts';

const errorAt = (row: number, column: number, plane: number): number => 100 * row + column + plane / 4;

it.each([
  [1, 1],
  [1, 40],
  [9, 1],
  [3, 2],
  [12, 37],
])(
  'knows the errors of all near neighbours of %i x %i pixels, in the order in which they are revealed',
  (height, width) => {
    const ring = new ErrorRing({ height, width, planes: 3 });
    const inside = (row: number, column: number) => row >= 0 && column >= 0 && column < width;
    const found = new Float64Array(NEAR_OFFSETS.length * 3);
    for (let index = 0; index < diagonalCount({ height, width }); index++) {
      const diagonal = diagonalAt({ height, width }, index);
      for (let i = 0; i < diagonal.length; i++) {
        const [row, column] = [diagonal.row + i, diagonal.column - SLOPE * i];
        ring.read(row, column, found, 0);
        const expected = NEAR_OFFSETS.flatMap(([dRow, dColumn]) =>
          [0, 1, 2].map((plane) =>
            inside(row + dRow, column + dColumn) ? errorAt(row + dRow, column + dColumn, plane) : 0,
          ),
        );
        expect([...found]).toEqual(expected);
      }
      for (let i = 0; i < diagonal.length; i++) {
        const [row, column] = [diagonal.row + i, diagonal.column - SLOPE * i];
        for (let plane = 0; plane < 3; plane++) ring.write(row, column, plane, errorAt(row, column, plane));
      }
    }
  },
);

it('adds the squares of the errors left, above, above left and above right', () => {
  const ring = new ErrorRing({ height: 3, width: 5, planes: 1 });
  const errors = { '1,1': 1, '1,2': 2, '1,3': 3, '2,1': 5, '0,2': 100, '2,0': 100 };
  for (const [place, error] of Object.entries(errors)) {
    const [row, column] = place.split(',').map(Number) as [number, number];
    ring.write(row, column, 0, error);
  }
  expect(ring.energy(2, 2, 0)).toBe(1 + 4 + 9 + 25);
});
