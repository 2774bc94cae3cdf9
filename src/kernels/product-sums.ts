/**
 * Sums of products for least squares: by kernels/products.wasm, or in plain TypeScript with the same bits.
 *
 * All sums share one kernel, whose memory they borrow for a call: engines reserve gigabytes of addresses for each memory.
 */
import { loadProducts, type ProductsExports } from './load.ts';
import { KernelMemory } from './memory.ts';

export class ProductSums {
  /** [size, size]; only the lower triangle is used. */
  readonly products: Float64Array;
  /** [size, interval]: numbers of recent samples, and those times their weights. */
  readonly recent: Float64Array;
  readonly weighted: Float64Array;
  readonly size: number;
  readonly interval: number;

  /** @param size numbers of a sample. @param interval samples at a time, at most */
  constructor(size: number, interval: number) {
    this.size = size;
    this.interval = interval;
    this.products = new Float64Array(size * size);
    this.recent = new Float64Array(size * interval);
    this.weighted = new Float64Array(size * interval);
  }

  /**
   * products = products * decay + weighted * recent^T.
   * @param count samples, a multiple of 4 up to the interval
   */
  add(count: number, decay: number): void {
    kernel ??= makeKernel();
    kernel(this, count, decay);
  }
}

type AddProducts = (sums: ProductSums, count: number, decay: number) => void;

/** What adds products in this process, once it is known. */
let kernel: AddProducts | undefined;

function makeKernel(): AddProducts {
  const wasm = loadProducts();
  return wasm === undefined ? addPlainly : addByKernel(wasm);
}

/** In the memory of a kernel, which holds nothing between calls. */
export function addByKernel(wasm: ProductsExports): AddProducts {
  const memory = new KernelMemory(wasm.memory);
  return ({ products, recent, weighted, size, interval }, count, decay) => {
    const mark = memory.mark();
    const arrays = [products, weighted, recent].map((array) => ({ array, pointer: memory.allocate(array.length * 8) }));
    for (const { array, pointer } of arrays) memory.float64(pointer, array.length).set(array);
    const [sums, first, second] = arrays.map(({ pointer }) => pointer) as [number, number, number];
    wasm.addProducts(sums, first, second, size, interval, count, decay);
    products.set(memory.float64(sums, products.length));
    memory.release(mark);
  };
}

export function addPlainly(sums: ProductSums, count: number, decay: number): void {
  const { products, size, interval } = sums;
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) {
      products[i * size + j] = products[i * size + j]! * decay + sumOf(sums, i * interval, j * interval, count);
    }
  }
}

function sumOf({ weighted, recent }: ProductSums, row: number, other: number, count: number): number {
  let [a, b, c, d] = [0, 0, 0, 0];
  for (let k = 0; k < count; k += 4) {
    a += weighted[row + k]! * recent[other + k]!;
    b += weighted[row + k + 1]! * recent[other + k + 1]!;
    c += weighted[row + k + 2]! * recent[other + k + 2]!;
    d += weighted[row + k + 3]! * recent[other + k + 3]!;
  }
  return a + b + (c + d);
}
