import { describe, expect, it } from 'vitest';
import { kernelOf, PLAIN } from '../../src/kernels/least-squares.ts';
import { loadLeastSquares } from '../../src/kernels/load.ts';
import { seededRandom } from '../helpers/random.ts';

const INTERVAL = 64;
const KERNEL = kernelOf(loadLeastSquares()!);
const SIZES = [1, 2, 3, 4, 5, 15, 39, 60];

const decay = Float64Array.from({ length: INTERVAL + 1 }, (_, i) => 0.999 ** i);

function randomSamples(size: number, random: () => number): Float64Array {
  return Float64Array.from({ length: INTERVAL * size }, () => (random() - 0.5) * 10 ** (6 * random()));
}

/** The lower triangle, row by row. */
const lowerOf = (matrix: Float64Array, size: number): number[] =>
  Array.from(matrix).filter((_, index) => index % size <= Math.floor(index / size));

describe('the kernel', () => {
  it.each(SIZES)('adds products of %i numbers as plain code does, bit for bit', (size) => {
    const random = seededRandom(size);
    const sums = [new Float64Array(size * size), new Float64Array(size * size)] as const;
    for (const count of [4, 8, 64, 60]) {
      const recent = { samples: randomSamples(size, random), count, decay };
      PLAIN.addProducts(sums[0], recent);
      KERNEL.addProducts(sums[1], recent);
      expect(lowerOf(sums[1], size)).toEqual(lowerOf(sums[0], size));
      expect(sums[0].every(Number.isFinite)).toBe(true);
      expect(sums[0][0]).not.toBe(0);
    }
  });

  it.each(SIZES)('decomposes sums of %i numbers as plain code does, bit for bit', (size) => {
    const random = seededRandom(size);
    const matrix = new Float64Array(size * size);
    PLAIN.addProducts(matrix, { samples: randomSamples(size, random), count: 64, decay });
    for (let i = 0; i < size; i++) matrix[i * size + i]! += 5;
    const [plain, kernel] = [matrix.slice(), matrix.slice()];
    expect(PLAIN.decompose(plain, 1)).toBe(true);
    expect(KERNEL.decompose(kernel, 1)).toBe(true);
    expect(lowerOf(kernel, size)).toEqual(lowerOf(plain, size));
  });
});

describe.each([
  ['plain code', PLAIN],
  ['the kernel', KERNEL],
])('%s', (_name, squares) => {
  it('adds products of the samples that count, and lets those before fade', () => {
    const products = Float64Array.of(8, 0, 8, 8);
    const samples = Float64Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 9);
    squares.addProducts(products, { samples, count: 4, decay: Float64Array.of(1, 0.5, 0.25, 0.125, 0.0625) });
    const weighted = (f: (a: number, b: number) => number) => f(1, 2) / 8 + f(3, 4) / 4 + f(5, 6) / 2 + f(7, 8);
    const expected = [(a: number) => a * a, (a: number, b: number) => a * b, (_: number, b: number) => b * b];
    expect(lowerOf(products, 2)).toEqual(expected.map((f) => 0.5 + weighted(f)));
  });

  it('finds L and D of their product', () => {
    // L = [1; 2 1; 3 4 1], D = [2, 3, 5]
    const matrix = Float64Array.of(2, 0, 0, 4, 11, 0, 6, 24, 71);
    expect(squares.decompose(matrix, 1)).toBe(true);
    expect(lowerOf(matrix, 3)).toEqual([2, 2, 3, 3, 4, 5]);
  });

  it('refuses a pivot that is too small, or no number', () => {
    expect(squares.decompose(Float64Array.of(2, 0, 4, 8.5), 1)).toBe(false);
    expect(squares.decompose(Float64Array.of(Number.NaN), 1)).toBe(false);
  });
});
