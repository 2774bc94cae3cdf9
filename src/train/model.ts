/**
 * The trainable model in TensorFlow.js: the network of src/network in floats with fake quantisation, so that its forward
 * values are those of the exported integer network up to the roundings between convolutions.
 */
import { NUM_CONDITIONS } from '../diffusion/conditions.ts';
import { FOURIER_PERIODS, NUM_COEFFICIENTS } from '../diffusion/dimensions.ts';
import { DENOISER_OUTPUTS, DENOISER_PLANES, KNOWN_PLANES } from '../network/network.ts';
import type { Tensor, Tensor2D, Tensor4D, Tf } from '../tensorflow.ts';
import type { TrainConfig } from './config.ts';
import { convolve, type Precision } from './convolution.ts';
import { ACTIVATION_UNIT, roundingOf, roundStraightThrough } from './fake-quantize.ts';
import type { Random } from './random.ts';
import { initialSchedule, type ScheduleParameters } from './schedule.ts';
import { isLearned } from './step-variance.ts';

/** Inputs of the FiLM network: gamma, its square, the flag "no y", the condition. */
const FILM_INPUTS = 3 + NUM_CONDITIONS;
/** Steps per standard deviation in the high and low input planes together. */
const INPUT_STEPS = 128;
const INPUT_MAX = 2047;
const LOW_STEPS = 16;

/** Every trainable tensor by name; `hidden` is trained by Muon, the others by AdamW. */
export type Parameters = Record<string, Tensor>;

export interface Architecture {
  readonly channels: number;
  readonly denoiserBlocks: number;
  readonly trunkBlocks: number;
  readonly filmHidden: number;
  readonly precision: Precision;
  readonly fakeQuantize: boolean;
  readonly fourier: boolean;
}

export function initialParameters(
  tf: Tf,
  config: TrainConfig,
  endSigma: readonly number[],
  random: Random,
): Parameters {
  const { channels, denoiserBlocks, trunkBlocks } = config;
  const normal = (shape: number[], scale: number): Tensor => scaledNormal(tf, shape, scale, random);
  const layers = 2 * (denoiserBlocks + trunkBlocks);
  return {
    hidden: initialHidden(tf, layers, channels, random),
    trunkIn: normal([3, 3, KNOWN_PLANES, channels], 0.2),
    trunkInBias: tf.zeros([channels]),
    ...(trunkBlocks > 0 ? { trunkFilm: tf.zeros([NUM_CONDITIONS, trunkBlocks * 2 * channels]) } : {}),
    denoiserIn: normal([3, 3, DENOISER_PLANES, channels], 0.08),
    denoiserInBias: tf.zeros([channels]),
    denoiserOut: tf.tidy(() =>
      tf.mul(normal([3, 3, channels, DENOISER_OUTPUTS], heScale(channels) * 0.1), outputMask(tf, config)),
    ),
    denoiserOutBias: tf.zeros([DENOISER_OUTPUTS]),
    ...initialFilm(tf, config, random),
    ...initialSchedule(tf, endSigma),
  };
}

/** The network that maps gamma and condition to FiLM rows, which are 0 at first. */
export function initialFilm(
  tf: Tf,
  { channels, denoiserBlocks, filmHidden }: Pick<TrainConfig, 'channels' | 'denoiserBlocks' | 'filmHidden'>,
  random: Random,
): Parameters {
  const normal = (shape: number[]): Tensor => scaledNormal(tf, shape, 1 / Math.sqrt(shape[0]!), random);
  return {
    filmIn: normal([FILM_INPUTS, filmHidden]),
    filmInBias: tf.zeros([filmHidden]),
    filmHidden: normal([filmHidden, filmHidden]),
    filmHiddenBias: tf.zeros([filmHidden]),
    filmOut: tf.zeros([filmHidden, denoiserBlocks * 2 * channels]),
    filmOutBias: tf.zeros([denoiserBlocks * 2 * channels]),
  };
}

/** 0 for the outputs G of a run whose variances are not learned, which then stay 0. */
export const outputMask = (tf: Tf, { variance }: Pick<TrainConfig, 'variance'>): Tensor =>
  tf.tensor1d(
    Array.from({ length: DENOISER_OUTPUTS }, (_, o) => (o < NUM_COEFFICIENTS || isLearned(variance) ? 1 : 0)),
  );

/** [1, 1, DENOISER_PLANES, 1]: 0 for the Fourier features of latents, which come after their high and low parts. */
export const plainPlanes = (tf: Tf): Tensor4D =>
  tf.tensor4d(
    Array.from({ length: DENOISER_PLANES }, (_, plane) => (plane < 2 * NUM_COEFFICIENTS ? 1 : 0)),
    [1, 1, DENOISER_PLANES, 1],
  );

/** Of a 3x3 convolution (He et al., arXiv:1502.01852). */
const heScale = (channels: number): number => Math.sqrt(2 / (9 * channels));

/** Hidden convolutions [layers, 9 * channels, channels]. */
export const initialHidden = (tf: Tf, layers: number, channels: number, random: Random): Tensor =>
  scaledNormal(tf, [layers, 9 * channels, channels], heScale(channels) * 0.5, random);

export function scaledNormal(tf: Tf, shape: number[], scale: number, random: Random): Tensor {
  const size = shape.reduce((product, side) => product * side, 1);
  return tf.tensor(
    random.normal(size).map((value) => value * scale),
    shape,
  );
}

export const scheduleOf = (p: Parameters): ScheduleParameters => p as unknown as ScheduleParameters;

/** All axes but that of the output channels, for the weights of the first and last layers and for `hidden`. */
export const EDGE_AXES = [0, 1, 2];
export const HIDDEN_AXES = [1];

export interface FilmInputs {
  /** [batch, 1] */
  readonly gamma: Tensor2D;
  /** [batch, 1]: 1 where the network sees y, 0 for the call without */
  readonly known: Tensor2D;
  /** [batch, conditions], one-hot */
  readonly condition: Tensor2D;
}

/**
 * Multiplier minus one and offset of each block and channel, [batch, blocks * 2 * channels]: block by block, the
 * multipliers first.
 */
export function denoiserFilm(tf: Tf, p: Parameters, { gamma, known, condition }: FilmInputs): Tensor2D {
  const scaled = tf.mul(tf.div(gamma, 4), known);
  const none = tf.sub(1, known) as Tensor2D;
  const input = tf.concat([scaled, tf.square(scaled), none, condition], 1) as Tensor2D;
  const dense = (x: Tensor2D, name: string): Tensor2D => tf.add(tf.matMul(x, p[name] as Tensor2D), p[`${name}Bias`]!);
  const silu = (x: Tensor2D): Tensor2D => tf.mul(x, tf.sigmoid(x));
  return dense(silu(dense(silu(dense(input, 'filmIn')), 'filmHidden')), 'filmOut');
}

/**
 * Input planes of the denoiser, in real units (integer planes times ACTIVATION_UNIT).
 *
 * @param y [batch, h, w, 9] integers; @param inverseScale [batch, h, w, 9] = 1 / sqrt(sd^2 + n^2)
 */
export function denoiserPlanes(tf: Tf, y: Tensor4D, inverseScale: Tensor4D): Tensor4D {
  const scaled = roundStraightThrough(tf, tf.mul(y, tf.mul(inverseScale, INPUT_STEPS)) as Tensor4D);
  const value = tf.clipByValue(scaled, -INPUT_MAX, INPUT_MAX);
  const high = roundStraightThrough(tf, tf.div(value, LOW_STEPS) as Tensor4D);
  const low = tf.sub(value, tf.mul(high, LOW_STEPS));
  const planes: Tensor[] = [tf.clipByValue(high, -128, 127), low];
  for (const period of FOURIER_PERIODS) {
    const angle = tf.mul(y, (2 * Math.PI) / period);
    for (const wave of [tf.sin(angle), tf.cos(angle)]) planes.push(fourierPlane(tf, wave));
  }
  return tf.mul(tf.concat(planes, 3), ACTIVATION_UNIT) as Tensor4D;
}

/** Quantised like the integer tables and without gradient: y is an integer. */
const fourierPlane = (tf: Tf, wave: Tensor): Tensor =>
  tf.customGrad((x) => ({
    value: tf.round(tf.mul(x as Tensor, 1 / ACTIVATION_UNIT)),
    gradFunc: (dy: Tensor) => tf.zerosLike(dy),
  }))(wave);

/** Convolution weights of the hidden layers, rounded, in the order trunk blocks, denoiser blocks. */
export function hiddenKernels(tf: Tf, p: Parameters, { channels, fakeQuantize }: Architecture): Tensor4D[] {
  const rounded = roundingOf(fakeQuantize).weights(tf, p.hidden!, HIDDEN_AXES);
  return tf.unstack(rounded).map((kernel) => tf.reshape(kernel, [3, 3, channels, channels]) as Tensor4D);
}

interface BlockInputs {
  readonly kernels: readonly Tensor4D[];
  /** [batch, blocks * 2 * channels] */
  readonly film: Tensor2D;
}

/** Blocks [ReLU, conv, FiLM, ReLU, conv], each added to its input. */
export function residualBlocks(tf: Tf, input: Tensor4D, arch: Architecture, { kernels, film }: BlockInputs): Tensor4D {
  const { channels, precision, fakeQuantize } = arch;
  const { activation } = roundingOf(fakeQuantize);
  let x = input;
  const batch = film.shape[0];
  const rows = tf.split(tf.reshape(film, [batch, 1, 1, kernels.length * channels]), kernels.length, 3);
  for (let i = 0; i < kernels.length; i += 2) {
    const hidden = convolve(tf, activation(tf, x), kernels[i]!, precision);
    const modulated = tf.add(tf.mul(hidden, tf.add(rows[i]!, 1)), rows[i + 1]!) as Tensor4D;
    x = tf.add(x, convolve(tf, activation(tf, modulated), kernels[i + 1]!, precision));
  }
  return x;
}

/** One of the first and last layers, by its name among the parameters. */
export function edgeLayer(tf: Tf, p: Parameters, { precision, fakeQuantize }: EdgeOptions, layer: EdgeLayer): Tensor4D {
  const { x, name } = layer;
  const kernel = roundingOf(fakeQuantize).weights(tf, p[name] as Tensor4D, EDGE_AXES);
  return tf.add(convolve(tf, x, kernel, precision), p[`${name}Bias`]!) as Tensor4D;
}

type EdgeOptions = Pick<Architecture, 'precision' | 'fakeQuantize'>;

interface EdgeLayer {
  readonly x: Tensor4D;
  readonly name: string;
}

export interface NetworkInputs {
  /** [batch, h, w, KNOWN_PLANES], real units */
  readonly known: Tensor4D;
  /** [batch, h, w, 54], real units; zero where there is no y */
  readonly planes: Tensor4D;
  /** [batch, conditions], one-hot */
  readonly condition: Tensor2D;
  /** [batch, blocks * 2 * channels] */
  readonly film: Tensor2D;
}

/** [batch, h, w, 18]: F and G of each coefficient. */
export function network(tf: Tf, p: Parameters, arch: Architecture, inputs: NetworkInputs): Tensor4D {
  const { trunkBlocks, fakeQuantize, fourier } = arch;
  const kernels = hiddenKernels(tf, p, arch);
  const context = trunk(tf, p, arch, { kernels: kernels.slice(0, 2 * trunkBlocks), inputs });
  const planes = fourier ? inputs.planes : (tf.mul(inputs.planes, tf.reshape(plainPlanes(tf), [-1])) as Tensor4D);
  const x = residualBlocks(tf, tf.add(edgeLayer(tf, p, arch, { x: planes, name: 'denoiserIn' }), context), arch, {
    kernels: kernels.slice(2 * trunkBlocks),
    film: inputs.film,
  });
  const last = { x: roundingOf(fakeQuantize).activation(tf, x), name: 'denoiserOut' };
  return edgeLayer(tf, p, { precision: 'float32', fakeQuantize }, last);
}

interface TrunkInputs {
  readonly kernels: readonly Tensor4D[];
  readonly inputs: NetworkInputs;
}

/** What the known image adds to the denoiser's stream; without blocks, its first layer alone. */
function trunk(tf: Tf, p: Parameters, arch: Architecture, { kernels, inputs }: TrunkInputs): Tensor4D {
  const first = edgeLayer(tf, p, arch, { x: inputs.known, name: 'trunkIn' });
  if (kernels.length === 0) return first;
  const film = tf.matMul(inputs.condition, p.trunkFilm as Tensor2D) as Tensor2D;
  return residualBlocks(tf, first, arch, { kernels, film });
}
