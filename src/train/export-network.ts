/**
 * The network of a run as integers (src/network/network.ts): convolution weights, biases, shifts and FiLM rows.
 *
 * The integer network clamps the sums between a block's first convolution and its FiLM to 2^12 units, and multipliers
 * to 2^10 units; training clamps neither. So each channel's sums are stored in units of 2^(headroom - 8), its
 * multipliers in units of 2^(-8 - headroom), with the largest headroom that its multipliers leave: then a sum reaches
 * the clamp only where the activation that follows is saturated anyway, and small multipliers keep their precision.
 */
import { NUM_CONDITIONS } from '../diffusion/conditions.ts';
import { TIME_GRID } from '../diffusion/dimensions.ts';
import { passGamma } from '../diffusion/passes.ts';
import type { DetailsNetwork, ModelTables, StoredDetailsCondition } from '../model/model.ts';
import {
  type ConvWeights,
  type Film,
  MAX_FILM_MULTIPLIER,
  MAX_FILM_OFFSET,
  MAX_SHIFT,
  type NetworkWeights,
} from '../network/network.ts';
import type { Tensor, Tensor2D, Tf } from '../tensorflow.ts';
import { quantizeWeights, weightExponents } from './fake-quantize.ts';
import { denoiserFilm, EDGE_AXES, HIDDEN_AXES, type Parameters } from './model.ts';

/** Units of the integer network as exponents of two. */
const ACTIVATION_EXPONENT = 5;
const STREAM_EXPONENT = 8;
const MULTIPLIER_EXPONENT = 8;
const OFFSET_EXPONENT = 16;
/** Sums then reach the clamp only at the end of the residual stream's own range. */
const MAX_HEADROOM = 3;

/**
 * Fills the weights and the FiLM rows of the network that takes noise away.
 *
 * @param noise [conditions][TIME_GRID + 1] noise levels n_t
 */
export function fillDenoiser(
  tf: Tf,
  parameters: Parameters,
  tables: ModelTables,
  noise: readonly (readonly number[])[],
): void {
  const films = tables.conditions.flatMap(({ films, priorFilm }, i) => {
    const rows = denoiserRows(tf, parameters, i, noise[i]!);
    return [...films, priorFilm].map((film, k) => ({ film, rows: rows[k]! }));
  });
  fillNetwork(tf, parameters, tables, films);
}

type Details = DetailsNetwork<StoredDetailsCondition>;

/** The same of the network for details without latents, with weights of a run that learned them. */
export function fillDetails(tf: Tf, parameters: Parameters, details: Details): void {
  fillPasses(tf, parameters, details, (pass) => pass);
}

/** The same with those of any run: its call without y in every pass, which sees the known image only. */
export function fillBlindDetails(tf: Tf, parameters: Parameters, details: Details): void {
  fillPasses(tf, parameters, details, () => 0);
  details.weights.denoiserIn.weights.fill(0);
}

/** @param rowOf the pass whose FiLM row a pass has */
function fillPasses(tf: Tf, parameters: Parameters, details: Details, rowOf: (pass: number) => number): void {
  const films = details.conditions.flatMap(({ films }, i) =>
    films.map((film, pass) => ({ film, rows: passRow(tf, parameters, i, rowOf(pass)) })),
  );
  fillNetwork(tf, parameters, details, films);
}

/** A network's weights, and of each condition what its trunk needs. */
interface NetworkTables {
  readonly weights: NetworkWeights;
  readonly conditions: readonly { readonly trunkFilm: Film }[];
}

/** @param denoiser all FiLM rows of the denoiser */
function fillNetwork(
  tf: Tf,
  parameters: Parameters,
  { weights, conditions }: NetworkTables,
  denoiser: readonly FilmPair[],
): void {
  const trunk = conditions.map(({ trunkFilm }, i) => ({ film: trunkFilm, rows: trunkRows(tf, parameters, i) }));
  for (const name of ['trunkIn', 'denoiserIn', 'denoiserOut'] as const) fillEdge(tf, parameters, weights[name], name);
  const blocks = [...weights.trunkBlocks, ...weights.denoiserBlocks];
  fillHidden(
    tf,
    parameters,
    blocks.flatMap(({ conv1, conv2 }) => [conv1, conv2]),
  );
  for (const [part, films] of [[weights.trunkBlocks, trunk] as const, [weights.denoiserBlocks, denoiser] as const]) {
    for (const [block, { conv1 }] of part.entries()) fillBlockFilms(conv1, block, films);
  }
}

function fillEdge(tf: Tf, parameters: Parameters, conv: ConvWeights, name: string): void {
  const { values, exponents } = quantized(tf, parameters[name]!, EDGE_AXES);
  fillConv(conv, values, exponents);
  const bias = parameters[`${name}Bias`]!.dataSync();
  for (const [o, exponent] of exponents.entries()) {
    conv.bias[o] = Math.round(bias[o]! * 2 ** (ACTIVATION_EXPONENT + exponent));
  }
}

function fillHidden(tf: Tf, parameters: Parameters, convs: readonly ConvWeights[]): void {
  const { values, exponents } = quantized(tf, parameters.hidden!, HIDDEN_AXES);
  for (const [i, conv] of convs.entries()) {
    const size = conv.weights.length;
    const channels = conv.outChannels;
    fillConv(conv, values.subarray(i * size, (i + 1) * size), exponents.subarray(i * channels, (i + 1) * channels));
  }
}

interface Quantized {
  /** Integers, [..., in, out]. */
  readonly values: Float32Array;
  /** One for each output channel. */
  readonly exponents: Float32Array;
}

function quantized(tf: Tf, weight: Tensor, axes: number[]): Quantized {
  const exponents = weightExponents(tf, weight, axes);
  const values = tf.round(tf.mul(quantizeWeights(tf, weight, axes), tf.pow(2, exponents)));
  return { values: values.dataSync() as Float32Array, exponents: exponents.dataSync() as Float32Array };
}

/** @param values [9 * in, out] */
function fillConv(conv: ConvWeights, values: Float32Array, exponents: Float32Array): void {
  const { inChannels, outChannels } = conv;
  const taps = 9 * inChannels;
  for (let o = 0; o < outChannels; o++) {
    conv.shift[o] = exponents[o]! + ACTIVATION_EXPONENT - STREAM_EXPONENT;
    for (let tap = 0; tap < taps; tap++) conv.weights[o * taps + tap] = values[tap * outChannels + o]!;
  }
}

/** Multipliers minus one, then offsets, block by block: [blocks * 2 * channels]. */
type FilmRows = Float32Array;

const oneHot = (tf: Tf, condition: number): Tensor2D =>
  tf.oneHot(tf.tensor1d([condition], 'int32'), NUM_CONDITIONS).toFloat() as Tensor2D;

/** None of a trunk without blocks. */
const trunkRows = (tf: Tf, { trunkFilm }: Parameters, condition: number): FilmRows =>
  trunkFilm === undefined
    ? new Float32Array()
    : (tf.matMul(oneHot(tf, condition), trunkFilm as Tensor2D).dataSync() as FilmRows);

/** Rows of the noise levels 0 .. TIME_GRID, then those of the call without y. */
function denoiserRows(tf: Tf, parameters: Parameters, condition: number, noise: readonly number[]): FilmRows[] {
  const known = Array.from({ length: TIME_GRID + 1 }, (_, k) =>
    denoiserRow(tf, parameters, condition, { gamma: 2 * Math.log(noise[k]!), known: 1 }),
  );
  return [...known, denoiserRow(tf, parameters, condition, { gamma: 0, known: 0 })];
}

const passRow = (tf: Tf, parameters: Parameters, condition: number, pass: number): FilmRows =>
  denoiserRow(tf, parameters, condition, { gamma: passGamma(pass), known: pass > 0 ? 1 : 0 });

function denoiserRow(
  tf: Tf,
  parameters: Parameters,
  condition: number,
  { gamma, known }: { gamma: number; known: number },
): FilmRows {
  const inputs = { gamma: tf.tensor2d([[gamma]]), known: tf.tensor2d([[known]]), condition: oneHot(tf, condition) };
  return denoiserFilm(tf, parameters, inputs).dataSync() as FilmRows;
}

interface FilmPair {
  readonly film: Film;
  readonly rows: FilmRows;
}

/** Fills one block's part of every FiLM, and adds its headroom to the shifts of its first convolution. */
function fillBlockFilms(conv1: ConvWeights, block: number, films: readonly FilmPair[]): void {
  const channels = conv1.outChannels;
  const multiplierOf = (rows: FilmRows, c: number): number => 1 + rows[2 * block * channels + c]!;
  for (let c = 0; c < channels; c++) {
    const largest = films.reduce((max, { rows }) => Math.max(max, Math.abs(multiplierOf(rows, c))), 0);
    const headroom = headroomFor(largest, conv1.shift[c]!);
    conv1.shift[c]! += headroom;
    for (const { film, rows } of films) {
      const multiplier = multiplierOf(rows, c) * 2 ** (MULTIPLIER_EXPONENT + headroom);
      const offset = rows[(2 * block + 1) * channels + c]! * 2 ** OFFSET_EXPONENT;
      film.multiplier[block * channels + c] = clampRound(multiplier, MAX_FILM_MULTIPLIER);
      film.offset[block * channels + c] = clampRound(offset, MAX_FILM_OFFSET);
    }
  }
}

/** Bits by which a multiplier may grow and the sum before it shrink; negative for multipliers beyond the format. */
function headroomFor(multiplier: number, shift: number): number {
  const room = Math.floor(Math.log2(MAX_FILM_MULTIPLIER / 2 ** MULTIPLIER_EXPONENT / Math.max(multiplier, 1e-9)));
  return Math.max(-shift, Math.min(room, MAX_HEADROOM, MAX_SHIFT - shift));
}

const clampRound = (value: number, max: number): number => Math.max(-max, Math.min(max, Math.round(value)));
