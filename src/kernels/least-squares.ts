/**
 * Sums of products for least squares and their decomposition: by kernels/least-squares.wasm, or in plain TypeScript with the same bits.
 *
 * All sums share one kernel, whose memory they borrow for a call: engines reserve gigabytes of addresses for each memory.
 */
import { type LeastSquaresExports, loadLeastSquares } from './load.ts';
import { KernelMemory } from './memory.ts';

/** Samples, row by row, whose products are to be added. */
export interface Recent {
  /** [interval, size], of which `count` samples count, a multiple of 4. */
  readonly samples: Float64Array;
  readonly count: number;
  /** [interval + 1] What is left of a weight after 0, 1, 2 ... samples. */
  readonly decay: Float64Array;
}

/** Of numbers i and j of a sample [size, size], only the lower triangle, j <= i, is used. */
export interface LeastSquares {
  /** products[i, j] = products[i, j] * decay[count] + sum over samples k of decay[count - 1 - k] * samples[k, i] * samples[k, j]. */
  addProducts(products: Float64Array, recent: Recent): void;
  /** Makes of a matrix the L and D of which it is L D L^T; false where an entry of D is below the least one. */
  decompose(matrix: Float64Array, leastPivot: number): boolean;
}

/** The one of this process, once it is known. */
let shared: LeastSquares | undefined;

export function leastSquares(): LeastSquares {
  shared ??= makeShared();
  return shared;
}

function makeShared(): LeastSquares {
  const wasm = loadLeastSquares();
  return wasm === undefined ? PLAIN : kernelOf(wasm);
}

/** In the memory of a kernel, which holds nothing between calls. */
export function kernelOf(wasm: LeastSquaresExports): LeastSquares {
  const memory = new KernelMemory(wasm.memory);
  const space = (length: number): number => memory.allocate(length * 8);
  const copyOf = (values: Float64Array): number => {
    const pointer = space(values.length);
    memory.float64(pointer, values.length).set(values);
    return pointer;
  };
  const read = (pointer: number, target: Float64Array) => target.set(memory.float64(pointer, target.length));
  return {
    addProducts(products, { samples, count, decay }) {
      const mark = memory.mark();
      const size = Math.sqrt(products.length);
      const sums = copyOf(products);
      // The kernel reads a number beyond the last one, which lies in what follows.
      const given = copyOf(samples.subarray(0, count * size));
      const weighted = space(count * size);
      wasm.addProducts(sums, weighted, given, copyOf(decay), size, count);
      read(sums, products);
      memory.release(mark);
    },
    decompose(matrix, leastPivot) {
      const mark = memory.mark();
      const size = Math.sqrt(matrix.length);
      const lower = copyOf(matrix);
      const isSound = wasm.decompose(lower, space(size), size, leastPivot) === 1;
      read(lower, matrix);
      memory.release(mark);
      return isSound;
    },
  };
}

export const PLAIN: LeastSquares = {
  addProducts(products, recent) {
    const size = Math.sqrt(products.length);
    const kept = recent.decay[recent.count]!;
    for (let i = 0; i < size; i++) {
      for (let j = 0; j <= i; j++) products[i * size + j] = products[i * size + j]! * kept + sumOf(recent, i, j, size);
    }
  },

  decompose(matrix, leastPivot) {
    const size = Math.sqrt(matrix.length);
    const column = new Float64Array(size);
    for (let k = 0; k < size; k++) {
      const pivot = matrix[k * size + k]!;
      if (!(pivot >= leastPivot)) return false;
      for (let i = k + 1; i < size; i++) column[i] = matrix[i * size + k]! / pivot;
      for (let i = k + 1; i < size; i++) {
        const row = i * size;
        const scaled = matrix[row + k]!;
        for (let j = k + 1; j <= i; j++) matrix[row + j]! -= column[j]! * scaled;
        matrix[row + k] = column[i]!;
      }
    }
    return true;
  },
};

/** Samples k, k + 4, k + 8 ... are added up by themselves. */
function sumOf({ samples, count, decay }: Recent, i: number, j: number, size: number): number {
  const sums = [0, 0, 0, 0];
  for (let k = 0; k < count; k++) {
    sums[k & 3]! += samples[k * size + i]! * decay[count - 1 - k]! * samples[k * size + j]!;
  }
  const [a, b, c, d] = sums as [number, number, number, number];
  return a + b + (c + d);
}
