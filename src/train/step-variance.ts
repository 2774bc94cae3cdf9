/**
 * Variances of the model's reverse steps, of y_s given y_t, with r = n_s^2 / n_t^2.
 *
 * DDPM (arXiv:2006.11239, section 3.2) has two choices for fixed ones: beta-tilde = n_s^2 (1 - r), the variance of q(y_s | y_t, u),
 * which is right where u is known (VDM's too); and beta = (1 - r) n_t^2 (sd^2 + n_s^2) / (sd^2 + n_t^2), which is right where nothing but the
 * variance sd^2 of u is. Both are here in units of y; those of DDPM's latents are divided by sd^2 + n_s^2.
 */
import type { Tensor, Tf } from '../tensorflow.ts';
import type { Variance } from '../training-methods.ts';

export interface StepNoise {
  /** n_s^2 and n_t^2 */
  readonly varS: Tensor;
  readonly varT: Tensor;
}

export interface VarianceInputs extends StepNoise {
  /** Standard deviations of u. */
  readonly sd: Tensor;
  /** What is open of u given y_t: the size of the network's gain, times 2^G where that is learned. */
  readonly tau: Tensor;
  /** The network's G. */
  readonly g: Tensor;
}

/** Whether the network's G has a part in variances. */
export const isLearned = (variance: Variance): boolean => variance === 'learned' || variance === 'interpolated';

/** 1 - r; not so small that the two variances were 0. */
export const restOf = (tf: Tf, { varS, varT }: StepNoise): Tensor => tf.maximum(tf.sub(1, tf.div(varS, varT)), 1e-4);

/** The variance of q(y_s | y_t, u). */
export const lowerVariance = (tf: Tf, noise: StepNoise): Tensor => tf.mul(noise.varS, restOf(tf, noise));

function upperVariance(tf: Tf, { varS, varT, sd }: Omit<VarianceInputs, 'tau' | 'g'>): Tensor {
  const squared = tf.square(sd);
  const growth = tf.div(tf.add(squared, varS), tf.add(squared, varT));
  return tf.mul(tf.mul(varT, restOf(tf, { varS, varT })), growth);
}

/** exp(v log beta + (1 - v) log beta-tilde) (Improved DDPM, arXiv:2102.09672, equation 15); G in [-1, 1] is v in [0, 1]. */
function interpolatedVariance(tf: Tf, inputs: VarianceInputs): Tensor {
  const [lower, upper] = [tf.log(lowerVariance(tf, inputs)), tf.log(upperVariance(tf, inputs))];
  const v = tf.div(tf.add(inputs.g, 1), 2);
  return tf.exp(tf.add(lower, tf.mul(v, tf.sub(upper, lower))));
}

/** q's, and what (1 - r) times an error of variance tau^2 adds. */
function predictedVariance(tf: Tf, inputs: VarianceInputs): Tensor {
  const restSquared = tf.square(restOf(tf, inputs));
  return tf.add(lowerVariance(tf, inputs), tf.mul(restSquared, tf.square(inputs.tau)));
}

const VARIANCE_OF: Readonly<Record<Variance, (tf: Tf, inputs: VarianceInputs) => Tensor>> = {
  learned: predictedVariance,
  fixed: predictedVariance,
  'beta-tilde': lowerVariance,
  interpolated: interpolatedVariance,
};

export const stepVariance = (tf: Tf, variance: Variance, inputs: VarianceInputs): Tensor =>
  VARIANCE_OF[variance](tf, inputs);
