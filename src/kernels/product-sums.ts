/** Sums of products for least squares: by kernels/products.wasm, or in plain TypeScript with the same bits. */
import { loadProducts, type ProductsExports } from './load.ts';
import { KernelMemory } from './memory.ts';

export interface ProductSums {
  /** [size, size]; only the lower triangle is used. */
  readonly products: Float64Array;
  /** [size, interval]: numbers of recent samples, and those times their weights. */
  readonly recent: Float64Array;
  readonly weighted: Float64Array;
  /**
   * products = products * decay + weighted * recent^T.
   * @param count samples, a multiple of 4 up to the interval
   */
  add(count: number, decay: number): void;
}

/** Sums of size numbers of each sample, of so many samples at a time at most. */
export function createProductSums(size: number, interval: number): ProductSums {
  const wasm = loadProducts();
  return wasm === undefined ? new PlainSums(size, interval) : new KernelSums(wasm, size, interval);
}

export class PlainSums implements ProductSums {
  readonly products: Float64Array;
  readonly recent: Float64Array;
  readonly weighted: Float64Array;
  private readonly size: number;
  private readonly interval: number;

  constructor(size: number, interval: number) {
    this.size = size;
    this.interval = interval;
    this.products = new Float64Array(size * size);
    this.recent = new Float64Array(size * interval);
    this.weighted = new Float64Array(size * interval);
  }

  add(count: number, decay: number): void {
    const { size, interval, products } = this;
    for (let i = 0; i < size; i++) {
      for (let j = 0; j <= i; j++) {
        products[i * size + j] = products[i * size + j]! * decay + this.sum(i * interval, j * interval, count);
      }
    }
  }

  private sum(row: number, other: number, count: number): number {
    const { weighted, recent } = this;
    let [a, b, c, d] = [0, 0, 0, 0];
    for (let k = 0; k < count; k += 4) {
      a += weighted[row + k]! * recent[other + k]!;
      b += weighted[row + k + 1]! * recent[other + k + 1]!;
      c += weighted[row + k + 2]! * recent[other + k + 2]!;
      d += weighted[row + k + 3]! * recent[other + k + 3]!;
    }
    return a + b + (c + d);
  }
}

export class KernelSums implements ProductSums {
  readonly products: Float64Array;
  readonly recent: Float64Array;
  readonly weighted: Float64Array;
  private readonly addProducts: (count: number, decay: number) => void;

  constructor(wasm: ProductsExports, size: number, interval: number) {
    const memory = new KernelMemory(wasm.memory);
    const lengths = [size * size, size * interval, size * interval] as const;
    // All is allocated before any view is made, since views die when memory grows.
    const [products, recent, weighted] = lengths.map((length) => memory.allocate(length * 8)) as [
      number,
      number,
      number,
    ];
    this.products = memory.float64(products, lengths[0]).fill(0);
    this.recent = memory.float64(recent, lengths[1]).fill(0);
    this.weighted = memory.float64(weighted, lengths[2]).fill(0);
    this.addProducts = (count, decay) => wasm.addProducts(products, weighted, recent, size, interval, count, decay);
  }

  add(count: number, decay: number): void {
    this.addProducts(count, decay);
  }
}
