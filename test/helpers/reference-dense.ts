/** Fully connected layers with nothing clever, a sum at a time: the oracle for kernels/dense.wasm and src/absorbing/plain-dense.ts. */
import type { DenseWeights } from '../../src/kernels/dense-backend.ts';

/** Every product and every sum is rounded to float32; a sum begins with its bias and takes its inputs in their order. */
export const referenceDense = (row: readonly number[], { outputs, weights, bias }: DenseWeights): number[] =>
  Array.from({ length: outputs }, (_, output) =>
    row.reduce(
      (sum, input, i) => Math.fround(sum + Math.fround(input * weights[i * outputs + output]!)),
      bias[output]!,
    ),
  );

export const referenceRectify = (row: readonly number[]): number[] => row.map((value) => (value > 0 ? value : 0));

export const referenceAdd = (row: readonly number[], added: readonly number[]): number[] =>
  row.map((value, i) => Math.fround(value + added[i]!));
