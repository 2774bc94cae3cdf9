/**
 * The variational bound of one stage as a training loss, in bits per coefficient: the batch mean of the terms that its
 * examples stand for (VDM, arXiv:2107.00630, equations 11 and 17).
 */
import { NUM_COEFFICIENTS } from '../diffusion/dimensions.ts';
import type { Scalar, Tensor, Tensor2D, Tensor4D, Tf } from '../tensorflow.ts';
import { type Batch, classRow } from './batch.ts';
import { callNetwork, conditionRows } from './batch-call.ts';
import type { TrainConfig } from './config.ts';
import { CurveGradient } from './curve-gradient.ts';
import { diffusionNats, type NoiseBelow } from './diffusion-nats.ts';
import { type DrawnNoise, drawnNoise } from './drawn-noise.ts';
import { roundStraightThrough } from './fake-quantize.ts';
import { BITS_PER_NAT, discretisedNats, gaussianKl } from './gaussian-terms.ts';
import { type Architecture, denoiserPlanes, type Parameters, scheduleOf } from './model.ts';
import { type BoundTerms, noiseObjective, vlbObjective } from './objective.ts';
import { predictionTerms } from './prediction.ts';
import { spread } from './spread.ts';
import { isLearned } from './step-variance.ts';
import type { TimeDraw } from './time-draw.ts';
import { withoutGradient } from './without-gradient.ts';

/** The least tau: the first entry of the grid of scales. */
export const MIN_TAU = 1 / 32;
/** The network's inputs are scaled up no further (src/model/bounds.ts). */
export const MAX_INVERSE_SCALE = 2;

/** Terms in bits per coefficient of the batch. */
export interface LossTerms extends BoundTerms {
  /** [batch]: the term that each example stands for, without its weight. */
  readonly examples: Tensor;
  /** What training minimises: see objective.ts. */
  readonly total: Scalar;
}

export interface LossInputs {
  readonly batch: Batch;
  readonly draw: TimeDraw;
  /** Standard normal, [batch, h, w, 9]. */
  readonly noise: Float32Array;
  /** [conditions][NUM_CLASSES * 9] */
  readonly standardDeviations: readonly (readonly number[])[];
  /** Variance that rounding adds to the noise, where the bound is to count it. Default: 0. */
  readonly roundingVariance?: number;
}

/** What of a config the loss depends on. */
export type LossConfig = Architecture & Pick<TrainConfig, 'schedule' | 'objective' | 'variance' | 'prediction'>;

export function stageLoss(tf: Tf, p: Parameters, config: LossConfig, inputs: LossInputs): LossTerms {
  const { batch, draw, roundingVariance = 0 } = inputs;
  const curve = new CurveGradient(tf);
  const latents = drawLatents(tf, p, config, { ...inputs, curve });
  const outputs = denoise(tf, p, config, { batch, latents });
  const { uHat, tau } = posterior(tf, latents, outputs, config);
  const { mask, sd } = latents;
  const varT = tf.add(latents.varT, roundingVariance);
  const below = belowWith(tf, latents.below, roundingVariance);
  const error = tf.sub(latents.u, uHat);
  const valuesPerExample = batch.detail.length / batch.size;
  /** Means of [batch, h, w, 9] over each example, [batch]. */
  const means = (values: Tensor): Tensor => tf.div(tf.sum(tf.mul(values, mask), [1, 2, 3]), valuesPerExample);
  const bits = (nats: Tensor): Tensor => tf.mul(means(nats), BITS_PER_NAT);
  const weigh = (examples: Tensor, weights: Float32Array): Scalar =>
    tf.div(tf.sum(tf.mul(examples, tf.tensor1d(weights))), batch.size) as Scalar;
  // In training without the 1/12 that rounding y adds to its noise: with it, the bound of real numbers favours noise far below one,
  // where the lattice that is coded costs much more than that bound (docs/method.md, section 9).
  const seenBits = (error: Tensor) => ({
    discretised: bits(discretisedNats(tf, error, tau)),
    step: bits(diffusionNats(tf, config.variance, { error, sd, tau, g: outputs[1], varT, below })),
  });
  const { discretised, step } = seenBits(error);
  const prior = bits(gaussianKl(tf, varT, tf.add(varT, tf.square(tau)), tf.square(error)));
  const bound = {
    lossRecon: weigh(discretised, draw.recon),
    lossDiffusion: weigh(step, draw.step),
    lossPrior: weigh(prior, draw.prior),
    direct: weigh(discretised, draw.prior),
  };
  const isOf = (weights: Float32Array): Tensor => tf.tensor1d(weights.map((weight) => (weight > 0 ? 1 : 0)));
  const steps = tf.mul(step, isOf(draw.step));
  const examples = tf.addN([tf.mul(discretised, isOf(draw.recon)), steps, tf.mul(prior, isOf(draw.prior))]);
  if (draw.s === undefined) curve.tell(steps);
  if (config.objective !== 'simple' && config.objective !== 'hybrid') {
    return { ...bound, examples, total: vlbObjective(tf, bound) };
  }
  const given = seenBits(withoutGradient(tf, error));
  const varianceBound = tf.add(weigh(given.discretised, draw.recon), weigh(given.step, draw.step)) as Scalar;
  const simple = weigh(means(tf.div(tf.square(error), varT)), draw.level);
  const total = noiseObjective(tf, config.objective, { ...bound, simple, varianceBound });
  return { ...bound, examples, total };
}

interface Latents extends DrawnNoise {
  /** [batch, conditions], one-hot */
  readonly condition: Tensor2D;
  /** [batch, 1] */
  readonly known: Tensor2D;
  /** [batch, h, w, 9] standard deviations of the coefficients; sd^2 + n_t^2; mask [batch, 1, 1, 9]: 0 where a gray example has none */
  readonly sd: Tensor4D;
  readonly total: Tensor4D;
  readonly mask: Tensor4D;
  /** [batch, h, w, 9] */
  readonly u: Tensor4D;
  readonly y: Tensor4D;
}

const column = (tf: Tf, values: Float32Array): Tensor2D => tf.tensor2d(values, [values.length, 1]);

/** Standard deviation of every coefficient of a batch by its condition and class of local contrast. */
export function localDeviations(batch: Batch, table: readonly (readonly number[])[]): Float32Array {
  const perExample = batch.detail.length / batch.size;
  return Float32Array.from(batch.detail, (_, j) => {
    const condition = batch.condition[Math.floor(j / perExample)]!;
    return table[condition]![classRow(batch.classes, j)]!;
  });
}

/** y_t = round(u + n_t eps) of every example, with what its term needs of the schedule. */
function drawLatents(
  tf: Tf,
  p: Parameters,
  { schedule }: LossConfig,
  { batch, draw, noise, standardDeviations, curve }: LossInputs & { readonly curve: CurveGradient },
): Latents {
  const shape: [number, number, number, number] = [batch.size, batch.height, batch.width, NUM_COEFFICIENTS];
  const condition = conditionRows(tf, batch);
  const sd = tf.tensor4d(localDeviations(batch, standardDeviations), shape);
  const drawn = drawnNoise(tf, scheduleOf(p), { kind: schedule, condition, draw, curve });
  const mask = spread(tf, tf.tensor2d(batch.mask, [batch.size, NUM_COEFFICIENTS]));
  const u = tf.tensor4d(batch.detail, shape);
  const eps = tf.mul(tf.tensor4d(noise, shape), mask);
  const y = roundStraightThrough(tf, tf.add(u, tf.mul(tf.sqrt(drawn.varT), eps)) as Tensor4D);
  const total = tf.add(tf.square(sd), drawn.varT) as Tensor4D;
  return { ...drawn, condition, known: column(tf, draw.known), sd, total, mask, u, y };
}

/** With the variance that rounding adds, the same at every time. */
const belowWith = (tf: Tf, below: NoiseBelow, roundingVariance: number): NoiseBelow =>
  'rate' in below ? below : { varS: tf.add(below.varS, roundingVariance) };

interface DenoiseInputs {
  readonly batch: Batch;
  readonly latents: Latents;
}

/** The network's F and G: [batch, h, w, 9] each. */
function denoise(tf: Tf, p: Parameters, arch: Architecture, { batch, latents }: DenoiseInputs): [Tensor4D, Tensor4D] {
  const { condition, gammaT, known, total, y } = latents;
  const planes = tf.mul(
    denoiserPlanes(tf, y, tf.minimum(tf.rsqrt(total), MAX_INVERSE_SCALE) as Tensor4D),
    spread(tf, known),
  ) as Tensor4D;
  return callNetwork(tf, p, arch, { batch, planes, gamma: gammaT, known, condition });
}

/**
 * Mean and standard deviation of u: with y as prediction.ts says; without, uHat = sd F, the limit n -> infinity of 'v'. tau
 * is the size of the factor of F times 2^G, or that size alone where variances are fixed.
 */
function posterior(
  tf: Tf,
  { known, sd, varT, y }: Latents,
  [f, g]: [Tensor4D, Tensor4D],
  { prediction, variance }: Pick<LossConfig, 'prediction' | 'variance'>,
): { uHat: Tensor; tau: Tensor } {
  const seen = spread(tf, known);
  const { skip, gain, deviation } = predictionTerms(tf, prediction, { sd, variance: varT });
  const orUnseen = (value: Tensor): Tensor => tf.add(tf.mul(seen, value), tf.mul(tf.sub(1, seen), sd));
  const uHat = tf.add(tf.mul(tf.mul(seen, skip), y), tf.mul(orUnseen(gain), f));
  const factor = tf.exp(tf.mul(g, isLearned(variance) ? Math.LN2 : 0));
  const tau = tf.maximum(tf.mul(orUnseen(deviation), factor), MIN_TAU);
  return { uHat, tau };
}
