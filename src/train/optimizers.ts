/**
 * Muon for the hidden convolutions (Jordan et al., 2024), AdamW for everything else (Loshchilov and Hutter,
 * arXiv:1711.05101), and an exponential moving average of the weights.
 */

import type { Scalar, Tensor, Tensor3D, Tf } from '../tensorflow.ts';
import type { Parameters } from './model.ts';
import type { OptimizerName } from './optimizer-name.ts';

const MUON_MOMENTUM = 0.95;
const NEWTON_SCHULZ = [3.4445, -4.775, 2.0315] as const;
const NEWTON_SCHULZ_STEPS = 5;
const ADAM_BETAS = [0.9, 0.99] as const;
const ADAM_EPSILON = 1e-8;

export interface OptimizerState {
  /** Momentum of `hidden` if Muon trains it, first and second moments of the others, moving average of all. */
  momentum: Tensor;
  first: Parameters;
  second: Parameters;
  average: Parameters;
}

export interface LearningRates {
  readonly muon: number;
  readonly adam: number;
  readonly weightDecay: number;
  readonly emaDecay: number;
}

const MUON_NAME = 'hidden';

export function initialOptimizerState(
  tf: Tf,
  parameters: Parameters,
  optimizer: OptimizerName = 'muon',
): OptimizerState {
  const first: Parameters = {};
  const second: Parameters = {};
  const average: Parameters = {};
  for (const [name, value] of Object.entries(parameters)) {
    average[name] = value.clone();
    if (name === MUON_NAME && optimizer === 'muon') continue;
    first[name] = tf.zerosLike(value);
    second[name] = tf.zerosLike(value);
  }
  const momentum = optimizer === 'muon' ? tf.zerosLike(parameters[MUON_NAME]!) : tf.scalar(0);
  return { momentum, first, second, average };
}

/** Nearest semi-orthogonal matrices of [layers, rows, columns], rows <= columns, by the quintic Newton-Schulz iteration. */
export function orthogonalize(tf: Tf, matrices: Tensor3D): Tensor3D {
  const [a, b, c] = NEWTON_SCHULZ;
  const norm = tf.sqrt(tf.sum(tf.square(matrices), [1, 2], true));
  let x = tf.div(matrices, tf.add(norm, 1e-7)) as Tensor3D;
  for (let i = 0; i < NEWTON_SCHULZ_STEPS; i++) {
    const gram = tf.matMul(x, x, false, true);
    const polynomial = tf.add(tf.mul(gram, b), tf.mul(tf.matMul(gram, gram), c));
    x = tf.add(tf.mul(x, a), tf.matMul(polynomial as Tensor3D, x)) as Tensor3D;
  }
  return x;
}

/** Of all numbers of all tensors. */
export const squareSum = (tf: Tf, tensors: Parameters): Scalar =>
  tf.addN(Object.values(tensors).map((tensor) => tf.sum(tf.square(tensor)))) as Scalar;

/** Gradients scaled so that their joint norm is at most `clipNorm`; also gives the norm before. */
export function clipGradients(tf: Tf, gradients: Parameters, clipNorm: number): { clipped: Parameters; norm: Scalar } {
  const norm = tf.sqrt(squareSum(tf, gradients));
  const factor = tf.minimum(1, tf.div(clipNorm, tf.add(norm, 1e-12)));
  const clipped: Parameters = {};
  for (const [name, gradient] of Object.entries(gradients)) clipped[name] = tf.mul(gradient, factor);
  return { clipped, norm };
}

/**
 * One step, by Muon for what has no moments in the state; returns the new parameters and state (the old tensors stay with the caller).
 *
 * @param iteration 1 for the first step, for Adam's bias correction.
 */
export function optimizerStep(
  tf: Tf,
  { parameters, state, gradients }: { parameters: Parameters; state: OptimizerState; gradients: Parameters },
  rates: LearningRates,
  iteration: number,
): { parameters: Parameters; state: OptimizerState } {
  const next: Parameters = {};
  const first: Parameters = {};
  const second: Parameters = {};
  const average: Parameters = {};
  let momentum = state.momentum.clone();
  for (const [name, value] of Object.entries(parameters)) {
    const gradient = gradients[name]!;
    if (!Object.hasOwn(state.first, name)) {
      momentum = tf.add(tf.mul(state.momentum, MUON_MOMENTUM), gradient);
      next[name] = muonUpdate(tf, value, { gradient, momentum }, rates);
      continue;
    }
    const moments = adamMoments(tf, gradient, { first: state.first[name]!, second: state.second[name]! });
    next[name] = adamUpdate(tf, value, moments, { rates, iteration });
    first[name] = moments.first;
    second[name] = moments.second;
  }
  for (const [name, value] of Object.entries(next)) {
    average[name] = tf.add(tf.mul(state.average[name]!, rates.emaDecay), tf.mul(value, 1 - rates.emaDecay));
  }
  return { parameters: next, state: { momentum, first, second, average } };
}

interface AdamMoments {
  readonly first: Tensor;
  readonly second: Tensor;
}

function adamMoments(tf: Tf, gradient: Tensor, { first, second }: AdamMoments): AdamMoments {
  const [beta1, beta2] = ADAM_BETAS;
  return {
    first: tf.add(tf.mul(first, beta1), tf.mul(gradient, 1 - beta1)),
    second: tf.add(tf.mul(second, beta2), tf.mul(tf.square(gradient), 1 - beta2)),
  };
}

function adamUpdate(
  tf: Tf,
  value: Tensor,
  { first, second }: AdamMoments,
  { rates, iteration }: { rates: LearningRates; iteration: number },
): Tensor {
  const [beta1, beta2] = ADAM_BETAS;
  const rate = (rates.adam * Math.sqrt(1 - beta2 ** iteration)) / (1 - beta1 ** iteration);
  const step = tf.div(tf.mul(first, rate), tf.add(tf.sqrt(second), ADAM_EPSILON));
  return tf.sub(tf.mul(value, 1 - rates.adam * rates.weightDecay), step);
}

/** Nesterov momentum, orthogonalised as [out, in * 9] matrices; sqrt(max(1, rows / columns)) is 1 as out <= in * 9. */
function muonUpdate(
  tf: Tf,
  value: Tensor,
  { gradient, momentum }: { gradient: Tensor; momentum: Tensor },
  rates: LearningRates,
): Tensor {
  const nesterov = tf.add(gradient, tf.mul(momentum, MUON_MOMENTUM)) as Tensor3D;
  const update = tf.transpose(orthogonalize(tf, tf.transpose(nesterov, [0, 2, 1])), [0, 2, 1]);
  return tf.sub(tf.mul(value, 1 - rates.muon * rates.weightDecay), tf.mul(update, rates.muon));
}
