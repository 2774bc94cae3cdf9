/**
 * A model as the codec uses it: the weights of the integer network, and for each condition the integer tables of its
 * noise schedule. The file holds noise levels and standard deviations as integers; heads.ts makes the tables of them that lead
 * from a network output to a frequency, with exactly specified arithmetic.
 */

import { chainLevels } from '../diffusion/chains.ts';
import { NUM_CONDITIONS, NUM_LARGE_CONDITIONS } from '../diffusion/conditions.ts';
import { NUM_COEFFICIENTS, TIME_GRID } from '../diffusion/dimensions.ts';
import { NUM_PASSES } from '../diffusion/passes.ts';
import { NUM_CLASSES } from '../network/local-contrast.ts';
import {
  type BlockWeights,
  type ConvWeights,
  DENOISER_OUTPUTS,
  DENOISER_PLANES,
  type Film,
  KNOWN_PLANES,
  type NetworkWeights,
} from '../network/network.ts';
import { decodeArrays, encodeArrays } from './weights-file.ts';

/** Entries of a head's table of scales: one for each scale index of tau. */
export const NUM_TAU = 256;

/**
 * From network outputs F and G (units 2^-8) of a coefficient with latent y to the Gaussian of what is coded:
 *
 *     mean16 = floor((skip * y + gain * F + 2^15) / 2^16)        16 times the mean
 *     scale  = scaleOf[clamp(tauBase + roundShift(tauStep * G, 9), 0, 255)]
 */
export interface Head {
  /** [NUM_CLASSES, 9], by the class of local contrast of the coefficient's plane */
  readonly skip: Int32Array;
  readonly gain: Int32Array;
  readonly tauBase: Int32Array;
  /** Twice the steps of the grid of scales from G = 0 to G = 1, 0..255: 32 where tau is multiplied by 2^G. */
  readonly tauStep: Int32Array;
  /** [256] */
  readonly scaleOf: Uint8Array;
}

/** A chain of latents at rising noise levels: y_0 around u, y_1 around y_0, ... y_T. */
export interface Chain {
  /** [T + 1]: noise levels on the finest grid. */
  readonly levels: Uint8Array;
  /** [T + 1]: scale of the rounded Gaussian q(y_0 | u), q(y_1 | y_0), ... q(y_T | y_T-1). */
  readonly forwardScale: Uint8Array;
  /** [T + 1]: heads of u given y_0, y_0 given y_1, ... y_T-1 given y_T. */
  readonly heads: readonly Head[];
  /** Head of y_T given the known image only. */
  readonly prior: Head;
}

/** Left, above, above left and above right (src/codec/neighbour-residuals.ts). */
export const NUM_NEIGHBOURS = 4;
/** Classes of the neighbours' energy. */
export const NUM_ENERGY_CLASSES = 8;

/** What the residuals of decoded neighbours tell of the details of a position. */
export interface NeighbourTable {
  /** [9, 4, 9]: of a coefficient by neighbour and its coefficient, in units of 2^-8. */
  readonly weights: Int8Array;
  /** [9, 8]: steps of the scale of a coefficient, by the neighbours' energy. */
  readonly steps: Int8Array;
}

/** What the weights file holds for a condition. */
export interface StoredCondition {
  readonly trunkFilm: Film;
  /** [TIME_GRID + 1]: FiLM rows at noise level k of the finest grid. */
  readonly films: readonly Film[];
  /** FiLM rows of the call without latents, for the prior and for direct coding. */
  readonly priorFilm: Film;
  /** [TIME_GRID + 1]: standard deviations n_k of the noise, in units of 2^-12. */
  readonly noise: Int32Array;
  /** [NUM_CLASSES, 9]: standard deviations of the coefficients by class of local contrast, in units of 2^-12. */
  readonly deviations: Int32Array;
  /** Noise levels of each chain, in the order of chainLevels. */
  readonly levels: readonly Uint8Array[];
  /** [TIME_GRID + 2]: for u given y_0 at noise level k of the finest grid, and for u without latents. */
  readonly neighbours: readonly NeighbourTable[];
}

/** What the weights file holds for a condition of details without latents. */
export interface StoredDetailsCondition {
  readonly trunkFilm: Film;
  /** [NUM_PASSES] */
  readonly films: readonly Film[];
  /** As those of StoredCondition. */
  readonly deviations: Int32Array;
}

/** What follows from it (heads.ts). */
export interface DetailsCondition extends StoredDetailsCondition {
  /** [NUM_CLASSES, 9]: input scales of details. */
  readonly inScale: Int32Array;
  readonly head: Head;
}

/** What follows from it (heads.ts). */
export interface Condition extends StoredCondition {
  /** [TIME_GRID + 1]: input scales [NUM_CLASSES, 9] at noise level k. */
  readonly inScales: readonly Int32Array[];
  /** Head of u given the known image only: direct coding. */
  readonly direct: Head;
  readonly chains: readonly Chain[];
}

export interface Architecture {
  readonly channels: number;
  readonly trunkBlocks: number;
  readonly denoiserBlocks: number;
}

/** A second network, for details without latents (src/diffusion/passes.ts). */
export interface DetailsNetwork<C extends StoredDetailsCondition = DetailsCondition> {
  readonly weights: NetworkWeights;
  /** [NUM_LARGE_CONDITIONS] */
  readonly conditions: readonly C[];
}

/** A model of Gaussian diffusion. */
export interface Model extends Architecture {
  readonly process?: undefined;
  readonly name: string;
  /** First 32 bits of the SHA-256 of the weights file. */
  readonly id: number;
  readonly weights: NetworkWeights;
  /** [NUM_CONDITIONS] */
  readonly conditions: readonly Condition[];
  /** Of the same architecture. */
  readonly details: DetailsNetwork;
}

/** A model id as files and manifests show it: eight hexadecimal digits. */
export const modelIdText = (id: number): string => id.toString(16).padStart(8, '0');

/** The part of a model that is stored in its weights file. */
export interface ModelTables {
  readonly weights: NetworkWeights;
  /** [NUM_CONDITIONS] */
  readonly conditions: readonly StoredCondition[];
  readonly details: DetailsNetwork<StoredDetailsCondition>;
}

/** Tables of the right sizes; the levels of the chains are set, everything else is zero. */
export function emptyTables(architecture: Architecture): ModelTables {
  const { channels, trunkBlocks, denoiserBlocks } = architecture;
  return {
    weights: emptyWeights(architecture),
    conditions: repeat(NUM_CONDITIONS, (index) => emptyCondition(architecture, chainLevels(index))),
    details: {
      weights: emptyWeights(architecture),
      conditions: repeat(NUM_LARGE_CONDITIONS, () => ({
        trunkFilm: emptyFilm(trunkBlocks * channels),
        films: repeat(NUM_PASSES, () => emptyFilm(denoiserBlocks * channels)),
        deviations: new Int32Array(NUM_CLASSES * NUM_COEFFICIENTS),
      })),
    },
  };
}

function emptyWeights({ channels, trunkBlocks, denoiserBlocks }: Architecture): NetworkWeights {
  const blocks = (count: number): BlockWeights[] =>
    repeat(count, () => ({ conv1: emptyConv(channels, channels), conv2: emptyConv(channels, channels) }));
  return {
    channels,
    trunkIn: emptyConv(KNOWN_PLANES, channels),
    trunkBlocks: blocks(trunkBlocks),
    denoiserIn: emptyConv(DENOISER_PLANES, channels),
    denoiserBlocks: blocks(denoiserBlocks),
    denoiserOut: emptyConv(channels, DENOISER_OUTPUTS),
  };
}

function emptyCondition(
  { channels, trunkBlocks, denoiserBlocks }: Architecture,
  levels: readonly (readonly number[])[],
): StoredCondition {
  return {
    trunkFilm: emptyFilm(trunkBlocks * channels),
    films: repeat(TIME_GRID + 1, () => emptyFilm(denoiserBlocks * channels)),
    priorFilm: emptyFilm(denoiserBlocks * channels),
    noise: new Int32Array(TIME_GRID + 1),
    deviations: new Int32Array(NUM_CLASSES * NUM_COEFFICIENTS),
    levels: levels.map((chain) => Uint8Array.from(chain)),
    neighbours: repeat(TIME_GRID + 2, emptyNeighbourTable),
  };
}

const repeat = <T>(count: number, make: (index: number) => T): T[] => Array.from({ length: count }, (_, i) => make(i));

const emptyConv = (inChannels: number, outChannels: number): ConvWeights => ({
  inChannels,
  outChannels,
  weights: new Int8Array(outChannels * 9 * inChannels),
  bias: new Int32Array(outChannels),
  shift: new Uint8Array(outChannels),
});

const emptyFilm = (size: number): Film => ({ multiplier: new Int16Array(size), offset: new Int32Array(size) });

export const emptyNeighbourTable = (): NeighbourTable => ({
  weights: new Int8Array(NUM_COEFFICIENTS * NUM_NEIGHBOURS * NUM_COEFFICIENTS),
  steps: new Int8Array(NUM_COEFFICIENTS * NUM_ENERGY_CLASSES),
});

type IntegerArray = Int8Array | Uint8Array | Int16Array | Int32Array;

/** Every array of the tables in the order of the weights file. */
export const arraysOf = ({ weights, conditions, details }: ModelTables): IntegerArray[] => [
  ...weightArrays(weights),
  ...conditions.flatMap((condition) => [
    ...filmArrays([condition.trunkFilm, ...condition.films, condition.priorFilm]),
    condition.noise,
    condition.deviations,
    ...condition.levels,
    ...condition.neighbours.flatMap(({ weights, steps }) => [weights, steps]),
  ]),
  ...weightArrays(details.weights),
  ...details.conditions.flatMap(({ trunkFilm, films, deviations }) => [
    ...filmArrays([trunkFilm, ...films]),
    deviations,
  ]),
];

function weightArrays(weights: NetworkWeights): IntegerArray[] {
  const { trunkIn, denoiserIn, trunkBlocks, denoiserBlocks, denoiserOut } = weights;
  const blocks = [...trunkBlocks, ...denoiserBlocks].flatMap(({ conv1, conv2 }) => [conv1, conv2]);
  return [trunkIn, denoiserIn, ...blocks, denoiserOut].flatMap((conv) => [conv.weights, conv.bias, conv.shift]);
}

const filmArrays = (films: readonly Film[]): IntegerArray[] =>
  films.flatMap(({ multiplier, offset }) => [multiplier, offset]);

export const encodeTables = (tables: ModelTables): Uint8Array => encodeArrays(arraysOf(tables));

/** Undoes encodeTables. @throws RangeError when the bytes do not have the size that the architecture asks for. */
export function decodeTables(bytes: Uint8Array, architecture: Architecture): ModelTables {
  const tables = emptyTables(architecture);
  decodeArrays(bytes, arraysOf(tables));
  return tables;
}
