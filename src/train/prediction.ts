/**
 * What the network's output F says of the details u, given y = u + n eps: uHat = skip y + gain F. src/model/head-form.ts has the same for
 * exported models.
 *
 * With sd the standard deviation of u, z = y / sqrt(sd^2 + n^2) is VDM's variance preserving latent of u / sd, with
 * alpha = sd / sqrt(sd^2 + n^2) and sigma = n / sqrt(sd^2 + n^2).
 */
import type { Tensor, Tf } from '../tensorflow.ts';
import type { Prediction } from '../training-methods.ts';

export interface NoisyUnits {
  /** Standard deviations of u; n^2. */
  readonly sd: Tensor;
  readonly variance: Tensor;
}

export interface PredictionTerms {
  readonly skip: Tensor;
  readonly gain: Tensor;
  /** |gain|: what tau is at G = 0. */
  readonly deviation: Tensor;
}

type TermsOf = (tf: Tf, units: NoisyUnits) => PredictionTerms;

const TERMS: Readonly<Record<Prediction, TermsOf>> = {
  v: (tf, { sd, variance }) => {
    const squared = tf.square(sd);
    const total = tf.add(squared, variance);
    const gain = tf.mul(sd, tf.sqrt(tf.div(variance, total)));
    return { skip: tf.div(squared, total), gain, deviation: gain };
  },
  eps: (tf, { sd, variance }) => {
    const noise = tf.mul(tf.sqrt(variance), tf.onesLike(sd));
    return { skip: tf.onesLike(sd), gain: tf.neg(noise), deviation: noise };
  },
  x: (tf, { sd }) => ({ skip: tf.zerosLike(sd), gain: sd, deviation: sd }),
};

/** The factors of y and F in uHat, and of 2^G in tau; where there is no y, all predictions are uHat = sd F. */
export const predictionTerms = (tf: Tf, prediction: Prediction, units: NoisyUnits): PredictionTerms =>
  TERMS[prediction](tf, units);
