/** Fully connected layers with nothing clever, a sum at a time: the oracle for kernels/dense.wasm and src/absorbing/plain-dense.ts. */
import type { DenseWeights } from '../../src/kernels/dense-backend.ts';

const MAX_INT32 = 2 ** 31 - 1;

/** Checks that there is room for a number in 32 bits: doubles have enough for all that is computed here. */
function int32(value: number): number {
  if (Number.isInteger(value) && Math.abs(value) <= MAX_INT32) return value;
  throw new Error(`${value} is no integer of 32 bits`);
}

/** value / 2^shift to the nearest integer, halves upward. */
const divided = (value: number, shift: number): number => Math.floor(value / 2 ** shift + 0.5);

export const referenceDense = (row: readonly number[], { outputs, weights, bias, shift }: DenseWeights): number[] =>
  Array.from({ length: outputs }, (_, output) => {
    const sum = row.reduce((sum, input, i) => int32(sum + input * weights[i * outputs + output]!), bias[output]!);
    return divided(sum, shift[0]!);
  });

/** Activations of sums that have been divided. */
export const referenceRectify = (row: readonly number[]): number[] =>
  row.map((value) => Math.min(Math.max(value, 0), 8191));

/** Activations of the residual stream. */
export const referenceRectifyStream = (row: readonly number[], shift: number): number[] =>
  referenceRectify(row.map((value) => divided(value, shift)));

export const referenceAdd = (row: readonly number[], added: readonly number[]): number[] =>
  row.map((value, i) => int32(value + added[i]!));
