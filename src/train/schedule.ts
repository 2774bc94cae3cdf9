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
import { type CurveUnits, curveShare, curveSlope } from './monotone-curve.ts';
import { shapeAt, shapeSlopeAt } from './schedule-shape.ts';
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
  /** What the units of a learned curve go through, [batch, units]: their values as they are, but not their gradients. */
  readonly throughCurve?: ((rows: Tensor2D) => Tensor2D) | undefined;
}

/** gamma at times t, [batch, 1]. */
export function gammaAt(tf: Tf, p: ScheduleParameters, at: ScheduleTimes): Tensor2D {
  const { kind, times } = at;
  const { start, range } = endsOf(tf, p, at);
  const learned = curveShare(tf, unitsOf(tf, p, at), column(tf, times));
  if (kind === 'learned') return tf.add(start, tf.mul(range, learned));
  const shape = column(
    tf,
    times.map((t) => shapeAt(kind, t)),
  );
  // The parameters that a fixed shape does without have a gradient of 0, which leaves them as they are.
  return tf.add(start, tf.mul(range, tf.add(shape, tf.mul(learned, 0))));
}

/** gamma'(t), the derivative of gammaAt by t, [batch, 1]. */
export function gammaSlopeAt(tf: Tf, p: ScheduleParameters, at: ScheduleTimes): Tensor2D {
  const { kind, times } = at;
  const { range } = endsOf(tf, p, at);
  if (kind === 'learned') return tf.mul(range, curveSlope(tf, unitsOf(tf, p, at), column(tf, times)));
  const slopes = times.map((t) => shapeSlopeAt(kind, t));
  return tf.mul(range, column(tf, slopes));
}

const column = (tf: Tf, values: Float32Array): Tensor2D => tf.tensor2d(values, [values.length, 1]);

/** gamma(0) and gamma(1) - gamma(0) of each example, [batch, 1]; given ones where neither is learned. */
function endsOf(
  tf: Tf,
  p: ScheduleParameters,
  { kind, condition }: ScheduleTimes,
): Record<'start' | 'range', Tensor2D> {
  const start: Tensor2D = tf.matMul(condition, p.gammaStart);
  const range = tf.softplus(tf.matMul(condition, p.gammaRange)) as Tensor2D;
  if (kind === 'learned' || kind === 'straight') return { start, range };
  return { start: withoutGradient(tf, start), range: withoutGradient(tf, range) };
}

function unitsOf(tf: Tf, p: ScheduleParameters, { condition, throughCurve }: ScheduleTimes): CurveUnits {
  const pick = (parameter: Tensor2D): Tensor2D => {
    const rows: Tensor2D = tf.matMul(condition, parameter);
    return throughCurve === undefined ? rows : throughCurve(rows);
  };
  return {
    weight: tf.softplus(pick(p.unitWeight)),
    bias: pick(p.unitBias),
    scale: tf.softplus(pick(p.unitScale)),
  };
}
