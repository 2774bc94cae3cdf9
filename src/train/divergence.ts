/** Numbers of an iteration that are not finite, which end a run. */
import { DivergenceError } from '../errors.ts';
import type { Parameters } from './model.ts';

/** What an iteration has computed. */
export interface Computed {
  readonly iteration: number;
  /** Terms of the loss and the norm of the gradients, in the order in which they follow from each other. */
  readonly values: Readonly<Record<string, Float32Array>>;
  /** The new weights, and the sum of all their squares. */
  readonly parameters: Parameters;
  readonly squareSum: Float32Array;
}

/** @throws DivergenceError naming the first of the values, else of the weights, that is not finite or whose square is not. */
export function assertFiniteStep({ iteration, values, squareSum, parameters }: Computed): void {
  const stop = (what: string, value: number): never => {
    throw new DivergenceError(iteration, `${what} ${value.toPrecision(2)}`);
  };
  for (const [name, numbers] of Object.entries(values)) {
    const value = numbers.find((number) => !Number.isFinite(number));
    if (value !== undefined) stop(`${name} is`, value);
  }
  if (Number.isFinite(squareSum[0])) return;
  for (const [name, tensor] of Object.entries(parameters)) {
    const value = tensor.dataSync().find((weight) => !Number.isFinite(Math.fround(weight * weight)));
    if (value !== undefined) stop(`weights "${name}" hold`, value);
  }
  stop('the sum of the squares of all weights is', squareSum[0]!);
}
