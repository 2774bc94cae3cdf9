/** The noise of latents at the times of a draw, by the schedule of each example. */
import type { Tensor2D, Tensor4D, Tf } from '../tensorflow.ts';
import type { ScheduleKind } from '../training-methods.ts';
import type { CurveGradient } from './curve-gradient.ts';
import type { NoiseBelow } from './diffusion-nats.ts';
import { gammaAt, gammaSlopeAt, type ScheduleParameters, type ScheduleTimes } from './schedule.ts';
import { spread } from './spread.ts';
import type { TimeDraw } from './time-draw.ts';

export interface DrawnNoise {
  /** [batch, 1] */
  readonly gammaT: Tensor2D;
  /** [batch, 1, 1, 1], as what is in `below` */
  readonly varT: Tensor4D;
  readonly below: NoiseBelow;
}

export interface NoiseInputs {
  readonly kind: ScheduleKind;
  /** [batch, conditions], one-hot */
  readonly condition: Tensor2D;
  readonly draw: TimeDraw;
  /** Of a curve whose steps are infinitely many. */
  readonly curve: CurveGradient;
}

export function drawnNoise(tf: Tf, p: ScheduleParameters, { draw, curve, ...schedule }: NoiseInputs): DrawnNoise {
  const { t, s } = draw;
  if (s === undefined) {
    const at: ScheduleTimes = { ...schedule, times: t, throughCurve: (rows) => curve.through(rows) };
    const gammaT = gammaAt(tf, p, at);
    const varT = spread(tf, tf.exp(gammaT));
    return { gammaT, varT, below: { rate: tf.mul(varT, spread(tf, gammaSlopeAt(tf, p, at))) } };
  }
  const [gammaT, gammaS] = [t, s].map((times) => gammaAt(tf, p, { ...schedule, times })) as [Tensor2D, Tensor2D];
  return { gammaT, varT: spread(tf, tf.exp(gammaT)), below: { varS: spread(tf, tf.exp(gammaS)) } };
}
