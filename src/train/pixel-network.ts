/**
 * The network of a plain VDM on pixels: the residual blocks of model.ts at full resolution, without a trunk, with the Fourier
 * features of VDM (arXiv:2107.00630, section 5.1 and appendix C) and FiLM by gamma. It predicts the noise.
 */
import { NUM_CONDITIONS } from '../diffusion/conditions.ts';
import type { Tensor, Tensor2D, Tensor4D, Tf } from '../tensorflow.ts';
import type { TrainConfig } from './config.ts';
import { roundingOf } from './fake-quantize.ts';
import {
  denoiserFilm,
  edgeLayer,
  hiddenKernels,
  initialFilm,
  initialHidden,
  type Parameters,
  residualBlocks,
  scaledNormal,
} from './model.ts';
import type { Random } from './random.ts';
import { initialSchedule } from './schedule.ts';

export const PIXEL_CHANNELS = 3;
/** sin and cos of 2^n pi z: periods of 2 levels and of 1, for data in steps of 1 / 128. */
const FOURIER_EXPONENTS = [7, 8] as const;
/** z and its Fourier features. */
export const PIXEL_PLANES = PIXEL_CHANNELS * (1 + 2 * FOURIER_EXPONENTS.length);
/** gamma at t = 0 and 1 at first, as in VDM's runs on CIFAR-10. */
const FIRST_GAMMAS = { start: -13.3, end: 5 } as const;
/** The curve and the FiLM rows of condition 0 serve all images. */
const CONDITION = 0;

/** No trunk, but a first and a last layer of its own; the same names as in model.ts where they mean the same. */
export function initialPixelParameters(tf: Tf, config: TrainConfig, random: Random): Parameters {
  const { channels, denoiserBlocks } = config;
  const endSigma = Array.from({ length: NUM_CONDITIONS }, () => Math.exp(FIRST_GAMMAS.end / 2));
  return {
    hidden: initialHidden(tf, 2 * denoiserBlocks, channels, random),
    denoiserIn: scaledNormal(tf, [3, 3, PIXEL_PLANES, channels], Math.sqrt(1 / (9 * PIXEL_PLANES)), random),
    denoiserInBias: tf.zeros([channels]),
    denoiserOut: scaledNormal(tf, [3, 3, channels, PIXEL_CHANNELS], 0.1 * Math.sqrt(2 / (9 * channels)), random),
    denoiserOutBias: tf.zeros([PIXEL_CHANNELS]),
    ...initialFilm(tf, config, random),
    ...initialSchedule(tf, endSigma, Math.exp(FIRST_GAMMAS.start / 2)),
  };
}

/** [batch, conditions], one-hot */
export const pixelCondition = (tf: Tf, batch: number): Tensor2D =>
  tf.oneHot(tf.fill([batch], CONDITION, 'int32'), NUM_CONDITIONS).toFloat() as Tensor2D;

export interface NetworkInputs {
  /** [batch, h, w, 3] */
  readonly z: Tensor4D;
  /** [batch, 1] */
  readonly gamma: Tensor2D;
}

/** epsHat, [batch, h, w, 3]: z and what the network adds to it, as in VDM's code. */
export function pixelNetwork(tf: Tf, p: Parameters, config: TrainConfig, { z, gamma }: NetworkInputs): Tensor4D {
  const known = tf.onesLike(gamma);
  const film = denoiserFilm(tf, p, { gamma, known, condition: pixelCondition(tf, gamma.shape[0]) });
  const first = edgeLayer(tf, p, config, { x: pixelPlanes(tf, z, config), name: 'denoiserIn' });
  const x = residualBlocks(tf, first, config, { kernels: hiddenKernels(tf, p, config), film });
  const last = { x: roundingOf(config.fakeQuantize).activation(tf, x), name: 'denoiserOut' };
  return tf.add(z, edgeLayer(tf, p, { ...config, precision: 'float32' }, last)) as Tensor4D;
}

/** z and its Fourier features, which are 0 where the config does without. */
function pixelPlanes(tf: Tf, z: Tensor4D, { fourier }: Pick<TrainConfig, 'fourier'>): Tensor4D {
  const planes: Tensor[] = [z];
  for (const exponent of FOURIER_EXPONENTS) {
    const angle = tf.mul(z, 2 ** exponent * Math.PI);
    for (const wave of [tf.sin(angle), tf.cos(angle)]) planes.push(fourier ? wave : tf.zerosLike(wave));
  }
  return tf.concat(planes, 3) as Tensor4D;
}
