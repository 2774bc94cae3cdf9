/** What training minimises, made of the terms of one batch. */
import type { Scalar, Tf } from '../tensorflow.ts';

/** lambda of Improved DDPM */
const HYBRID_WEIGHT = 0.001;
/** Weight of direct coding, which pays for few tiles, next to the bound itself. */
const DIRECT_WEIGHT = 1 / 12;

/** Terms of the bound in bits per coefficient of the batch, and the cost without latents. */
export interface BoundTerms {
  readonly lossRecon: Scalar;
  readonly lossDiffusion: Scalar;
  readonly lossPrior: Scalar;
  readonly direct: Scalar;
}

export interface NoiseTerms extends BoundTerms {
  /** Mean squared error of the noise, in units of its variance. */
  readonly simple: Scalar;
  /** lossRecon + lossDiffusion, with means that are given. */
  readonly varianceBound: Scalar;
}

/** Prior and direct coding, which have no noise to predict. */
const unseen = (tf: Tf, { lossPrior, direct }: BoundTerms): Scalar =>
  tf.add(lossPrior, tf.mul(direct, DIRECT_WEIGHT)) as Scalar;

export const vlbObjective = (tf: Tf, terms: BoundTerms): Scalar =>
  tf.addN([terms.lossRecon, terms.lossDiffusion, unseen(tf, terms)]) as Scalar;

export function noiseObjective(tf: Tf, objective: 'simple' | 'hybrid', terms: NoiseTerms): Scalar {
  // The variances of latents have a gradient of 0 under 'simple': TensorFlow.js needs one.
  const weight = objective === 'hybrid' ? HYBRID_WEIGHT : 0;
  return tf.addN([terms.simple, tf.mul(terms.varianceBound, weight), unseen(tf, terms)]) as Scalar;
}
