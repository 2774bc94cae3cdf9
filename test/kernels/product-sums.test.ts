import { expect, it } from 'vitest';
import { loadProducts } from '../../src/kernels/load.ts';
import { addByKernel, addPlainly, ProductSums } from '../../src/kernels/product-sums.ts';
import { seededRandom } from '../helpers/random.ts';

const INTERVAL = 64;

it.each([1, 2, 15, 39, 60])('the kernel adds products of %i numbers as plain code does, bit for bit', (size) => {
  const random = seededRandom(size);
  const sums = [new ProductSums(size, INTERVAL), new ProductSums(size, INTERVAL)] as const;
  const kernel = addByKernel(loadProducts()!);
  for (const count of [4, 8, 64, 60]) {
    for (let i = 0; i < size * INTERVAL; i++) {
      const [value, weight] = [(random() - 0.5) * 10 ** (6 * random()), random()];
      for (const { recent, weighted } of sums) {
        recent[i] = value;
        weighted[i] = value * weight;
      }
    }
    addPlainly(sums[0], count, 0.999);
    kernel(sums[1], count, 0.999);
    expect(sums[1].products).toEqual(sums[0].products);
    expect(sums[0].products.every(Number.isFinite)).toBe(true);
    expect(sums[0].products[0]).not.toBe(0);
  }
});
