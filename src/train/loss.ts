/**
 * The variational bound of one stage as a training loss, in bits per coefficient.
 *
 * Each example stands for one term of the bound: the reconstruction L0, one of the T diffusion steps, or the prior
 * together with the direct coding of u without latents; its term is weighted by the inverse of its probability, so the
 * batch mean is an unbiased estimate of the bound (VDM, arXiv:2107.00630, equation 11; low-discrepancy times as in
 * appendix I.1).
 */
import { NUM_CONDITIONS } from '../diffusion/conditions.ts';
import { NUM_COEFFICIENTS } from '../diffusion/dimensions.ts';
import type { Batch } from './dataset.ts';
import { roundStraightThrough } from './fake-quantize.ts';
import { type Architecture, denoiserFilm, denoiserPlanes, network, type Parameters, scheduleOf } from './model.ts';
import type { Random } from './random.ts';
import { gammaAt } from './schedule.ts';
import type { Scalar, Tensor, Tensor2D, Tensor4D, Tf } from './tensorflow.ts';

const SHARE_RECON = 2 / 12;
const SHARE_PRIOR = 1 / 12;
const SHARE_STEPS = 1 - SHARE_RECON - SHARE_PRIOR;
/** Weight of direct coding, which pays for few tiles, next to the bound itself. */
const DIRECT_WEIGHT = 1 / 12;

/** What each example of a batch stands for. All arrays have one entry an example. */
export interface TimeDraw {
  readonly numSteps: number;
  /** Time of the latent that the network sees, and of the next less noisy one. */
  readonly t: Float32Array;
  readonly s: Float32Array;
  /** 1 where the network sees y, 0 for the prior and direct call. */
  readonly known: Float32Array;
  /** Weight of each term; zero for all but one kind. */
  readonly recon: Float32Array;
  readonly step: Float32Array;
  readonly prior: Float32Array;
}

/** Low-discrepancy draw: one uniform number shifted by i / batch for example i. */
export function drawTimes(batch: number, numSteps: number, random: Random): TimeDraw {
  const make = (): Float32Array => new Float32Array(batch);
  const draw = { numSteps, t: make(), s: make(), known: make(), recon: make(), step: make(), prior: make() };
  const offset = random.uniform();
  for (let i = 0; i < batch; i++) {
    const u = ((i + offset) / batch) % 1;
    if (u < SHARE_RECON) {
      draw.known[i] = 1;
      draw.recon[i] = 1 / SHARE_RECON;
    } else if (u < SHARE_RECON + SHARE_PRIOR) {
      draw.t[i] = 1;
      draw.prior[i] = 1 / SHARE_PRIOR;
    } else {
      const step = Math.min(Math.floor(((u - SHARE_RECON - SHARE_PRIOR) / SHARE_STEPS) * numSteps) + 1, numSteps);
      draw.known[i] = 1;
      draw.t[i] = step / numSteps;
      draw.s[i] = (step - 1) / numSteps;
      draw.step[i] = numSteps / SHARE_STEPS;
    }
  }
  return draw;
}

/** Terms in bits per coefficient of the batch. */
export interface LossTerms {
  readonly total: Scalar;
  readonly lossRecon: Scalar;
  readonly lossDiffusion: Scalar;
  readonly lossPrior: Scalar;
  readonly direct: Scalar;
}

export interface LossInputs {
  readonly batch: Batch;
  readonly draw: TimeDraw;
  /** Standard normal, [batch, h, w, 9]. */
  readonly noise: Float32Array;
  /** [conditions][9] */
  readonly standardDeviations: readonly (readonly number[])[];
}

const BITS = 1 / Math.LN2;

export function vlbLoss(tf: Tf, p: Parameters, arch: Architecture, inputs: LossInputs): LossTerms {
  const { batch, draw, noise } = inputs;
  const shape: [number, number, number, number] = [batch.size, batch.height, batch.width, NUM_COEFFICIENTS];
  const column = (values: Float32Array): Tensor2D => tf.tensor2d(values, [batch.size, 1]);
  const map = (values: Tensor2D): Tensor4D => tf.reshape(values, [batch.size, 1, 1, values.shape[1]!]) as Tensor4D;

  const condition = tf.oneHot(tf.tensor1d(batch.condition, 'int32'), NUM_CONDITIONS).toFloat() as Tensor2D;
  const sd = map(tf.matMul(condition, tf.tensor2d(inputs.standardDeviations as number[][])));
  const gammaT = gammaAt(tf, scheduleOf(p), condition, column(draw.t));
  const gammaS = gammaAt(tf, scheduleOf(p), condition, column(draw.s));
  const known = column(draw.known);
  const varT = map(tf.exp(gammaT));
  const varS = map(tf.exp(gammaS));

  const u = tf.tensor4d(batch.detail, shape);
  const mask = map(tf.tensor2d(batch.mask, [batch.size, NUM_COEFFICIENTS]));
  const eps = tf.mul(tf.tensor4d(noise, shape), mask);
  const y = roundStraightThrough(tf, tf.add(u, tf.mul(tf.sqrt(varT), eps)) as Tensor4D);

  const total = tf.add(tf.square(sd), varT);
  const seen = map(known);
  const planes = tf.mul(denoiserPlanes(tf, y, tf.rsqrt(total) as Tensor4D), seen) as Tensor4D;
  const film = denoiserFilm(tf, p, gammaT, known, condition);
  const output = network(tf, p, arch, {
    known: tf.tensor4d(batch.known, [...shape.slice(0, 3), 5] as never),
    planes,
    condition,
    film,
  });
  const [f, g] = tf.split(output, 2, 3) as [Tensor4D, Tensor4D];

  // With y: uHat = sd^2/(sd^2+n^2) y + n sd/sqrt(sd^2+n^2) F; without: uHat = sd F (the limit n -> infinity).
  const skip = tf.mul(seen, tf.div(tf.square(sd), total));
  const scale = tf.add(tf.mul(seen, tf.mul(sd, tf.sqrt(tf.div(varT, total)))), tf.mul(tf.sub(1, seen), sd));
  const uHat = tf.add(tf.mul(skip, y), tf.mul(scale, f));
  const tau = tf.maximum(tf.mul(scale, tf.exp(tf.mul(g, Math.LN2))), 1 / 32);
  const tauSquared = tf.square(tau);
  const error = tf.sub(u, uHat);

  const bits = {
    discretised: tf.mul(discretisedNats(tf, error, tau), BITS),
    step: tf.mul(stepNats(tf, { error, tauSquared, varS, varT }), BITS),
    prior: tf.mul(gaussianKl(tf, varT, tf.add(varT, tauSquared), tf.square(error)), BITS),
  };
  const count = batch.size * batch.height * batch.width * NUM_COEFFICIENTS;
  const mean = (values: Tensor, weights: Float32Array): Scalar =>
    tf.div(tf.sum(tf.mul(tf.mul(values, mask), map(column(weights)))), count) as Scalar;
  const lossRecon = mean(bits.discretised, draw.recon);
  const lossDiffusion = mean(bits.step, draw.step);
  const lossPrior = mean(bits.prior, draw.prior);
  const direct = mean(bits.discretised, draw.prior);
  const vlb = tf.addN([lossRecon, lossDiffusion, lossPrior]);
  return { total: tf.add(vlb, tf.mul(direct, DIRECT_WEIGHT)) as Scalar, lossRecon, lossDiffusion, lossPrior, direct };
}

/** KL(N(m, variance) || N(m', modelVariance)) in nats, (m - m')^2 = squaredError. */
function gaussianKl(tf: Tf, variance: Tensor, modelVariance: Tensor, squaredError: Tensor): Tensor {
  const ratio = tf.div(variance, modelVariance);
  return tf.mul(0.5, tf.sub(tf.add(ratio, tf.div(squaredError, modelVariance)), tf.add(tf.log(ratio), 1)));
}

interface StepTerms {
  readonly error: Tensor;
  readonly tauSquared: Tensor;
  readonly varS: Tensor;
  readonly varT: Tensor;
}

/** KL of one reverse step: q variance n_s^2 (1 - r), model variance n_s^2 (1 - r) + (1 - r)^2 tau^2, r = n_s^2 / n_t^2. */
function stepNats(tf: Tf, { error, tauSquared, varS, varT }: StepTerms): Tensor {
  const rest = tf.maximum(tf.sub(1, tf.div(varS, varT)), 1e-4);
  const restSquared = tf.square(rest);
  const variance = tf.mul(varS, rest);
  return gaussianKl(
    tf,
    variance,
    tf.add(variance, tf.mul(restSquared, tauSquared)),
    tf.mul(restSquared, tf.square(error)),
  );
}

/** -log of the mass of a Gaussian on [u - 1/2, u + 1/2]; far in the tail the density at the centre stands for the mass. */
function discretisedNats(tf: Tf, error: Tensor, tau: Tensor): Tensor {
  const distance = tf.abs(error);
  const cdf = (z: Tensor): Tensor => tf.mul(0.5, tf.add(1, tf.erf(tf.mul(z, Math.SQRT1_2))));
  const mass = tf.sub(cdf(tf.div(tf.sub(0.5, distance), tau)), cdf(tf.div(tf.sub(-0.5, distance), tau)));
  const density = tf.add(
    tf.add(tf.mul(0.5, tf.square(tf.div(distance, tau))), tf.log(tau)),
    0.5 * Math.log(2 * Math.PI),
  );
  const exact = tf.neg(tf.log(tf.maximum(mass, 1e-5)));
  const isExact = tf.customGrad((x) => ({
    value: tf.cast(tf.greater(x as Tensor, 1e-4), 'float32'),
    gradFunc: (dy: Tensor) => tf.zerosLike(dy),
  }))(mass);
  return tf.add(tf.mul(isExact, exact), tf.mul(tf.sub(1, isExact), density));
}
