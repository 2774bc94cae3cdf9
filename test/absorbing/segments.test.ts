import { expect, it } from 'vitest';
import { diagonalAt, diagonalCount } from '../../src/absorbing/diagonals.ts';
import { type Segment, segmentsOf } from '../../src/absorbing/segments.ts';

const SIZES = [
  [1, 1, 1],
  [65_535, 1, 1],
  [1, 65_535, 1],
  [512, 512, 1],
  [512, 513, 2],
  [700, 1500, 5],
] as const;

it.each(SIZES)('%i x %i pixels are all in %i segments', (height, width, count) => {
  const segments = segmentsOf({ height, width });
  expect(segments).toHaveLength(count);
  expect(segments[0]!.start).toBe(0);
  expect(segments.at(-1)!.end).toBe(diagonalCount({ height, width }));
  for (const [i, { start }] of segments.slice(1).entries()) expect(start).toBe(segments[i]!.end);
});

const pixelsIn = ({ start, end }: Segment, size: { height: number; width: number }): number =>
  Array.from({ length: end - start }, (_, i) => diagonalAt(size, start + i).length).reduce((a, b) => a + b, 0);

it('a segment ends with the diagonal that brings it to 2^18 pixels', () => {
  const size = { height: 700, width: 1500 };
  const [first] = segmentsOf(size);
  const pixels = pixelsIn(first!, size);
  const last = diagonalAt(size, first!.end - 1).length;
  expect(pixels).toBeGreaterThanOrEqual(1 << 18);
  expect(pixels - last).toBeLessThan(1 << 18);
});
