/** The optimizer's step on a loss, whatever the loss. */
import type { Scalar, Tensor, Tf } from '../tensorflow.ts';
import type { RunState } from './checkpoint.ts';
import { assertFiniteStep } from './divergence.ts';
import { learningRates } from './learning-rate.ts';
import type { Parameters } from './model.ts';
import { clipGradients, optimizerStep, squareSum } from './optimizers.ts';

/** Tensors that a loss reports, `total`, which training minimises, after what it is made of. */
export type Terms<Name extends string> = Record<Name, Tensor> & { readonly total: Scalar };

export interface Updated<Name extends string> {
  /** The run after its next iteration; its tensors are new. */
  readonly run: RunState;
  readonly terms: Readonly<Record<Name | 'total', Float32Array>>;
  /** Of the gradients, before clipping. */
  readonly norm: number;
}

/**
 * Runs one iteration; disposes the tensors of the run it was given.
 *
 * @throws DivergenceError when a term of the loss, the gradients or the new weights are not finite numbers.
 */
export function updateRun<Name extends string>(
  tf: Tf,
  before: RunState,
  loss: (p: Parameters) => Terms<Name>,
): Updated<Name> {
  const iteration = before.iteration + 1;
  const { parameters, optimizer, terms, norm, squares } = tf.tidy(() => {
    const { terms, gradients } = lossAndGradients(tf, before.parameters, loss);
    const { clipped, norm } = clipGradients(tf, gradients, before.config.clipNorm);
    const state = { parameters: before.parameters, state: before.optimizer, gradients: clipped };
    const after = optimizerStep(tf, state, learningRates(before.config, iteration), iteration);
    const squares = squareSum(tf, after.parameters);
    return { parameters: after.parameters, optimizer: after.state, terms, norm, squares } as never;
  }) as unknown as Pick<RunState, 'parameters' | 'optimizer'> & { terms: Terms<Name>; norm: Scalar; squares: Scalar };
  const values = { ...valuesOf(terms), norm: norm.dataSync() as Float32Array };
  const weightSquares = squares.dataSync() as Float32Array;
  tf.dispose([before.parameters, before.optimizer, terms, norm, squares] as never);
  try {
    assertFiniteStep({ iteration, values, squareSum: weightSquares, parameters });
  } catch (error) {
    tf.dispose([parameters, optimizer] as never);
    throw error;
  }
  return { run: { ...before, iteration, parameters, optimizer }, terms: values, norm: values.norm[0]! };
}

const valuesOf = <Name extends string>(terms: Terms<Name>): Record<Name | 'total', Float32Array> =>
  Object.fromEntries(
    Object.entries<Tensor>(terms).map(([name, term]) => [name, term.dataSync() as Float32Array]),
  ) as Record<Name | 'total', Float32Array>;

function lossAndGradients<Name extends string>(
  tf: Tf,
  parameters: Parameters,
  loss: (p: Parameters) => Terms<Name>,
): { terms: Terms<Name>; gradients: Parameters } {
  const names = Object.keys(parameters);
  let terms: Terms<Name> | undefined;
  const gradientsOf = tf.valueAndGrads((...tensors: Tensor[]) => {
    terms = loss(Object.fromEntries(names.map((name, i) => [name, tensors[i]!])));
    for (const term of Object.values<Tensor>(terms)) tf.keep(term);
    return terms.total;
  });
  const { grads } = gradientsOf(names.map((name) => parameters[name]!));
  return { terms: terms!, gradients: Object.fromEntries(names.map((name, i) => [name, grads[i]!])) };
}
