/**
 * The noise schedule in TensorFlow.js: gamma(t) = log n_t^2 for t in [0, 1], one curve for each condition. Learned ones have
 * learned end points and a monotone network between them (VDM, arXiv:2107.00630, section 4 and appendix H), others a fixed
 * shape, between learned end points if it is 'straight'.
 *
 * Noise is in units of the integer coefficients, y_t = u + n_t eps, so gamma is VDM's -logSnr for data of unit scale.
 */
import { NUM_CONDITIONS } from '../diffusion/conditions.ts';
import type { Tensor2D, Tf } from '../tensorflow.ts';
import type { ScheduleKind } from '../training-methods.ts';
import { shapeAt } from './schedule-shape.ts';
import { withoutGradient } from './without-gradient.ts';

export interface ScheduleParameters {
  /** [conditions, 1]: gamma(0), and the inverse softplus of gamma(1) - gamma(0). */
  readonly gammaStart: Tensor2D;
  readonly gammaRange: Tensor2D;
  /** [conditions, units]: weights of sigmoid units, made positive by softplus, and their biases. */
  readonly unitWeight: Tensor2D;
  readonly unitBias: Tensor2D;
  readonly unitScale: Tensor2D;
}

const UNITS = 8;
const START_SIGMA = 0.75;

/** @param endSigma n_1 at the start of training, for each condition. @param startSigma n_0 there, of all. */
export function initialSchedule(tf: Tf, endSigma: readonly number[], startSigma = START_SIGMA): ScheduleParameters {
  const start = 2 * Math.log(startSigma);
  const ranges = endSigma.map((sigma) => [inverseSoftplus(2 * Math.log(sigma) - start)]);
  const units = Array.from({ length: UNITS }, (_, i) => -((i + 0.5) / UNITS) * 6);
  return {
    gammaStart: tf.fill([NUM_CONDITIONS, 1], start),
    gammaRange: tf.tensor2d(ranges),
    unitWeight: tf.fill([NUM_CONDITIONS, UNITS], inverseSoftplus(6)),
    unitBias: tf.tensor2d(Array.from({ length: NUM_CONDITIONS }, () => units)),
    unitScale: tf.fill([NUM_CONDITIONS, UNITS], inverseSoftplus(0.1)),
  };
}

const inverseSoftplus = (y: number): number => Math.log(Math.expm1(y));

export interface ScheduleTimes {
  readonly kind: ScheduleKind;
  /** [batch, conditions], one-hot */
  readonly condition: Tensor2D;
  /** [batch] in [0, 1] */
  readonly times: Float32Array;
}

/** gamma at times t, [batch, 1]. */
export function gammaAt(tf: Tf, p: ScheduleParameters, { kind, condition, times }: ScheduleTimes): Tensor2D {
  const pick = (parameter: Tensor2D): Tensor2D => tf.matMul(condition, parameter);
  const column = (values: Float32Array): Tensor2D => tf.tensor2d(values, [values.length, 1]);
  const [start, range] = [pick(p.gammaStart), tf.softplus(pick(p.gammaRange))];
  const learned = learnedFraction(tf, p, pick, column(times));
  if (kind === 'learned') return tf.add(start, tf.mul(range, learned));
  const shape = column(times.map((t) => shapeAt(kind, t)));
  // The parameters that a fixed shape does without have a gradient of 0, which leaves them as they are.
  const fraction = tf.add(shape, tf.mul(learned, 0));
  if (kind === 'straight') return tf.add(start, tf.mul(range, fraction));
  return tf.add(withoutGradient(tf, start), tf.mul(withoutGradient(tf, range), fraction));
}

type Pick = (parameter: Tensor2D) => Tensor2D;

/** Share of the way from gamma(0) to gamma(1), [batch, 1]. */
function learnedFraction(tf: Tf, p: ScheduleParameters, pick: Pick, t: Tensor2D): Tensor2D {
  const weight = tf.softplus(pick(p.unitWeight));
  const bias = pick(p.unitBias);
  const scale = tf.softplus(pick(p.unitScale));
  const monotone = (time: Tensor2D): Tensor2D =>
    tf.add(time, tf.sum(tf.mul(scale, tf.sigmoid(tf.add(tf.mul(weight, time), bias))), 1, true));
  const low = monotone(tf.zerosLike(t));
  const high = monotone(tf.onesLike(t));
  return tf.div(tf.sub(monotone(t), low), tf.sub(high, low));
}
