import { expect, it } from 'vitest';
import { PlainSamples } from '../../src/pyramid/samples.ts';

const WINDOW = { row: 1, column: 2, height: 2, width: 2 };

it('reads a window, row by row, and writes it back', () => {
  const size = { height: 4, width: 5 };
  const samples = new PlainSamples(
    size,
    2,
    Int16Array.from({ length: 40 }, (_, i) => i),
  );
  const window = samples.read(WINDOW);
  expect([...window]).toEqual([14, 15, 16, 17, 24, 25, 26, 27]);
  const copy = new PlainSamples(size, 2);
  copy.write(WINDOW, window);
  expect(copy.read(WINDOW)).toEqual(window);
  expect(copy.data.filter((value) => value !== 0)).toEqual(window);
});
