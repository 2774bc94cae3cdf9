/**
 * The bound of a plain VDM on pixels in bits per dim (arXiv:2107.00630, section 4), to compare the pyramid with.
 *
 * Data x in [-1, 1], z_t = alpha_t x + sigma_t eps with alpha^2 = sigmoid(-gamma), sigma^2 = sigmoid(gamma); gamma(t) is a
 * straight line or a learned curve between learned ends. The network predicts eps, and variances of reverse steps are those of q.
 */
import type { Tensor, Tensor2D, Tensor4D, Tf } from '../tensorflow.ts';
import type { ScheduleKind } from '../training-methods.ts';
import type { TrainConfig } from './config.ts';
import { CurveGradient } from './curve-gradient.ts';
import { BITS_PER_NAT } from './gaussian-terms.ts';
import { type Parameters, scheduleOf } from './model.ts';
import type { PixelBatch } from './pixel-batch.ts';
import { PIXEL_CHANNELS, pixelCondition, pixelNetwork } from './pixel-network.ts';
import { gammaAt, gammaSlopeAt, type ScheduleTimes } from './schedule.ts';
import { spread } from './spread.ts';

const LEVELS = 256;

/** The value of level v = 0..255: the middle of one of 256 even parts of [-1, 1], as in VDM's code. */
export const levelValue = (v: number): number => (2 * (v + 0.5)) / LEVELS - 1;

export interface PixelInputs {
  readonly batch: PixelBatch;
  /** [size] times in [0, 1] */
  readonly t: Float32Array;
  /** [size] times one of T steps before; without, steps are infinitely many. */
  readonly steps?: { readonly numSteps: number; readonly s: Float32Array } | undefined;
  /** Standard normal, [size, side, side, 3]. */
  readonly noise: Float32Array;
  /** L0 is estimated by so many images, the first ones: all 256 levels of each of their values are held at once. */
  readonly reconImages: number;
}

/** Means over the batch, each an unbiased estimate, in bits per dim. */
export interface PixelTerms {
  /** [reconImages] */
  readonly recon: Tensor;
  /** [size] */
  readonly prior: Tensor;
  /** [size]: of all steps together */
  readonly diffusion: Tensor;
}

export function pixelTerms(tf: Tf, p: Parameters, config: TrainConfig, inputs: PixelInputs): PixelTerms {
  const { batch, noise, reconImages } = inputs;
  const shape: [number, number, number, number] = [batch.size, batch.side, batch.side, PIXEL_CHANNELS];
  const x = tf.tensor4d(Float32Array.from(batch.levels, levelValue), shape);
  const eps = tf.tensor4d(noise, shape);
  // The ends are the same whatever lies between them, and a straight line leads no gradient to a curve.
  const [gamma0, gamma1] = [0, 1].map((time) =>
    gammaAt(tf, scheduleOf(p), timesOf(tf, 'straight', Float32Array.of(time))),
  );
  const first = (values: Tensor4D): Tensor4D => tf.slice(values, 0, reconImages);
  return {
    recon: meanBits(tf, reconNats(tf, { x: first(x), eps: first(eps), gamma0: gamma0! })),
    prior: meanBits(tf, priorNats(tf, x, gamma1!)),
    diffusion: diffusionBits(tf, p, config, { ...inputs, x, eps }),
  };
}

/** Nats of each value, [images, side, side, 3], as bits per dim of each image. */
const meanBits = (tf: Tf, nats: Tensor): Tensor => tf.mul(tf.mean(nats, [1, 2, 3]), BITS_PER_NAT);

const timesOf = (tf: Tf, kind: ScheduleKind, times: Float32Array): ScheduleTimes => ({
  kind,
  condition: pixelCondition(tf, times.length),
  times,
});

interface DiffusionInputs extends Pick<PixelInputs, 't' | 'steps'> {
  readonly x: Tensor4D;
  readonly eps: Tensor4D;
}

/** [size]. A learned curve has its gradient from the variance of this estimate where steps are infinitely many. */
function diffusionBits(tf: Tf, p: Parameters, config: TrainConfig, { x, eps, t, steps }: DiffusionInputs): Tensor {
  const curve = new CurveGradient(tf);
  const throughCurve = (rows: Tensor2D): Tensor2D => curve.through(rows);
  const at = { ...timesOf(tf, config.schedule, t), ...(steps === undefined ? { throughCurve } : {}) };
  const gamma = gammaAt(tf, scheduleOf(p), at);
  const [alpha, sigma] = [-1, 1].map((sign) => spread(tf, tf.sqrt(tf.sigmoid(tf.mul<Tensor2D>(gamma, sign)))));
  const z = tf.add(tf.mul(alpha!, x), tf.mul(sigma!, eps)) as Tensor4D;
  const squares = tf.square(tf.sub(eps, pixelNetwork(tf, p, config, { z, gamma })));
  const bits = tf.mul(meanBits(tf, squares), tf.mul(0.5, stepRates(tf, p, { at, gamma, steps })));
  if (steps === undefined) curve.tell(bits);
  return bits;
}

interface RateInputs extends Pick<PixelInputs, 'steps'> {
  readonly at: ScheduleTimes;
  /** There, [size, 1] */
  readonly gamma: Tensor2D;
}

/** What half the squared error counts, [size]: gamma'(t) (equation 17), or T expm1(gamma_t - gamma_s) (equation 14). */
function stepRates(tf: Tf, p: Parameters, { at, gamma, steps }: RateInputs): Tensor {
  if (steps === undefined) return tf.reshape(gammaSlopeAt(tf, scheduleOf(p), at), [-1]);
  const gammaS = gammaAt(tf, scheduleOf(p), { ...at, times: steps.s });
  return tf.reshape(tf.mul(tf.expm1(tf.sub(gamma, gammaS)), steps.numSteps), [-1]);
}

/** KL(q(z_1 | x) || N(0, 1)) of each value. */
function priorNats(tf: Tf, x: Tensor4D, gamma1: Tensor2D): Tensor {
  const end = tf.reshape(gamma1, [1, 1, 1, 1]);
  const meanSquares = tf.mul(tf.sigmoid(tf.neg(end)), tf.square(x));
  // log sigma^2 = -softplus(-gamma)
  return tf.mul(0.5, tf.add(tf.sub(tf.add(tf.sigmoid(end), meanSquares), 1), tf.softplus(tf.neg(end))));
}

interface ReconInputs {
  readonly x: Tensor4D;
  readonly eps: Tensor4D;
  readonly gamma0: Tensor2D;
}

/** -log p(x | z_0) of each value: z_0 / alpha_0 = x + n_0 eps, and a softmax of Gaussians around all levels. */
function reconNats(tf: Tf, { x, eps, gamma0 }: ReconInputs): Tensor {
  const noise = tf.exp(tf.mul(0.5, tf.reshape(gamma0, [1])));
  const values = tf.tensor1d(Array.from({ length: LEVELS }, (_, v) => levelValue(v)));
  const distance = tf.sub(tf.expandDims(x, 4), values);
  const scaled = tf.add(tf.div(distance, noise), tf.expandDims(eps, 4));
  const logits = tf.mul(-0.5, tf.square(scaled));
  return tf.add(tf.logSumExp(logits, 4), tf.mul(0.5, tf.square(eps)));
}
