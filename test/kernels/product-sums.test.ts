import { expect, it } from 'vitest';
import { loadProducts } from '../../src/kernels/load.ts';
import { KernelSums, PlainSums } from '../../src/kernels/product-sums.ts';
import { seededRandom } from '../helpers/random.ts';

const INTERVAL = 64;

it.each([1, 2, 15, 39, 60])('the kernel adds products of %i numbers as plain code does, bit for bit', (size) => {
  const random = seededRandom(size);
  const sums = [new PlainSums(size, INTERVAL), new KernelSums(loadProducts()!, size, INTERVAL)] as const;
  for (const count of [4, 8, 64, 60]) {
    for (let i = 0; i < size * INTERVAL; i++) {
      const [value, weight] = [(random() - 0.5) * 10 ** (6 * random()), random()];
      for (const { recent, weighted } of sums) {
        recent[i] = value;
        weighted[i] = value * weight;
      }
    }
    for (const each of sums) each.add(count, 0.999);
    expect(sums[1].products).toEqual(sums[0].products);
    expect(sums[0].products.every(Number.isFinite)).toBe(true);
    expect(sums[0].products[0]).not.toBe(0);
  }
});
