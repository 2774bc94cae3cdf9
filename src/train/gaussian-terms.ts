/** Terms of the bound in nats as tensors: what src/diffusion/vlb.ts computes in numbers. */
import type { Tensor, Tf } from '../tensorflow.ts';
import { lowerVariance, restOf, type StepNoise } from './step-variance.ts';

export const BITS_PER_NAT = 1 / Math.LN2;

/** KL(N(m, variance) || N(m', modelVariance)), squaredError = (m - m')^2. */
export function gaussianKl(tf: Tf, variance: Tensor, modelVariance: Tensor, squaredError: Tensor): Tensor {
  const ratio = tf.div(variance, modelVariance);
  return tf.mul(0.5, tf.sub(tf.add(ratio, tf.div(squaredError, modelVariance)), tf.add(tf.log(ratio), 1)));
}

export interface StepTerms extends StepNoise {
  /** u - uHat */
  readonly error: Tensor;
  readonly modelVariance: Tensor;
}

/** KL of one reverse step: q's variance is n_s^2 (1 - r), the means are (1 - r) error apart, r = n_s^2 / n_t^2. */
export function stepNats(tf: Tf, { error, modelVariance, ...noise }: StepTerms): Tensor {
  const restSquared = tf.square(restOf(tf, noise));
  return gaussianKl(tf, lowerVariance(tf, noise), modelVariance, tf.mul(restSquared, tf.square(error)));
}

export interface RateTerms {
  /** u - uHat */
  readonly error: Tensor;
  /** n_t^2 and its derivative by t */
  readonly varT: Tensor;
  readonly rate: Tensor;
}

/**
 * The limit of T stepNats for infinitely many steps T, whatever their variances: 1/2 rate (error / n_t^2)^2, which is
 * 1/2 gamma'(t) error^2 / n_t^2, and -1/2 SNR'(t) error^2 (VDM, arXiv:2107.00630, equation 17).
 */
export const rateNats = (tf: Tf, { error, varT, rate }: RateTerms): Tensor =>
  tf.mul(tf.mul(0.5, rate), tf.square(tf.div(error, varT)));

/** -log of the mass of N(u - error, tau^2) on [u - 1/2, u + 1/2]; in the far tail the density at u stands for the mass. */
export function discretisedNats(tf: Tf, error: Tensor, tau: Tensor): Tensor {
  const distance = tf.abs(error);
  const cdf = (z: Tensor): Tensor => tf.mul(0.5, tf.add(1, tf.erf(tf.mul(z, Math.SQRT1_2))));
  const mass = tf.sub(cdf(tf.div(tf.sub(0.5, distance), tau)), cdf(tf.div(tf.sub(-0.5, distance), tau)));
  const exact = tf.neg(tf.log(tf.maximum(mass, 1e-5)));
  const density = tf.add(
    tf.add(tf.mul(0.5, tf.square(tf.div(distance, tau))), tf.log(tau)),
    0.5 * Math.log(2 * Math.PI),
  );
  const isExact = greaterWithoutGradient(tf, mass, 1e-4);
  return tf.add(tf.mul(isExact, exact), tf.mul(tf.sub(1, isExact), density));
}

const greaterWithoutGradient = (tf: Tf, values: Tensor, limit: number): Tensor =>
  tf.customGrad((x) => ({
    value: tf.cast(tf.greater(x as Tensor, limit), 'float32'),
    gradFunc: (dy: Tensor) => tf.zerosLike(dy),
  }))(values);
