/**
 * The curve of a learned schedule between its ends: the share of the way from gamma(0) to gamma(1), by a monotone network of t
 * plus sigmoids with positive weights (VDM, arXiv:2107.00630, appendix H), scaled to be 0 at t = 0 and 1 at t = 1 (equation 59).
 */
import type { Tensor2D, Tf } from '../tensorflow.ts';

/** The sigmoid units of each example, [batch, units]; weights and scales are positive. */
export interface CurveUnits {
  readonly weight: Tensor2D;
  readonly bias: Tensor2D;
  readonly scale: Tensor2D;
}

/** @param t [batch, 1] in [0, 1] @returns [batch, 1] in [0, 1] */
export function curveShare(tf: Tf, units: CurveUnits, t: Tensor2D): Tensor2D {
  const { low, high } = endsOf(tf, units, t);
  return tf.div(tf.sub(monotone(tf, units, t), low), tf.sub(high, low));
}

/** Derivative of curveShare by t, [batch, 1], above 0. */
export function curveSlope(tf: Tf, units: CurveUnits, t: Tensor2D): Tensor2D {
  const { low, high } = endsOf(tf, units, t);
  const active = sigmoids(tf, units, t);
  const slopes = tf.mul(tf.mul(units.scale, units.weight), tf.mul(active, tf.sub(1, active)));
  return tf.div(tf.add(1, tf.sum(slopes, 1, true)), tf.sub(high, low));
}

const sigmoids = (tf: Tf, { weight, bias }: CurveUnits, t: Tensor2D): Tensor2D =>
  tf.sigmoid(tf.add(tf.mul(weight, t), bias) as Tensor2D);

function monotone(tf: Tf, units: CurveUnits, t: Tensor2D): Tensor2D {
  const sum = tf.sum(tf.mul(units.scale, sigmoids(tf, units, t)), 1, true) as Tensor2D;
  return tf.add(t, sum);
}

const endsOf = (tf: Tf, units: CurveUnits, t: Tensor2D): { low: Tensor2D; high: Tensor2D } => ({
  low: monotone(tf, units, tf.zerosLike(t)),
  high: monotone(tf, units, tf.onesLike(t)),
});
