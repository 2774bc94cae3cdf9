/**
 * A model of absorbing diffusion: the network that predicts a pixel from those revealed before. Its weights file is little-endian,
 * layer after layer: the shift, 8 bits; weights [inputs, outputs], 16 bits each; biases, 32 bits each.
 */
import { NUM_CHANNELS, NUM_INPUTS } from '../absorbing/neighbourhood.ts';
import {
  COMPONENT_PARAMETERS,
  NUM_KNOWN,
  type PixelArchitecture,
  type PixelWeights,
} from '../absorbing/pixel-network.ts';
import { type DenseWeights, SHIFTS } from '../kernels/dense-backend.ts';
import { decodeArrays, encodeArrays, type WeightArray } from './weights-file.ts';

export interface AbsorbingModel {
  readonly process: 'absorbing';
  readonly name: string;
  /** First 32 bits of the SHA-256 of the weights file. */
  readonly id: number;
  readonly weights: PixelWeights;
}

/** Layers of the right sizes, all 0. */
export function emptyPixelWeights(architecture: PixelArchitecture): PixelWeights {
  const { channels, blocks, headChannels, components } = architecture;
  const repeat = (count: number, make: () => DenseWeights) => Array.from({ length: count }, make);
  return {
    channels,
    blocks,
    headChannels,
    components,
    input: emptyLayer(NUM_INPUTS, channels),
    hidden: repeat(2 * blocks, () => emptyLayer(channels, channels)),
    heads: repeat(NUM_CHANNELS, () => emptyLayer(channels + NUM_KNOWN, headChannels)),
    outputs: repeat(NUM_CHANNELS, () => emptyLayer(headChannels, COMPONENT_PARAMETERS * components)),
  };
}

/** A layer of these sizes, all 0. */
export const emptyLayer = (inputs: number, outputs: number): DenseWeights => ({
  inputs,
  outputs,
  weights: new Int16Array(inputs * outputs),
  bias: new Int32Array(outputs),
  shift: Uint8Array.of(SHIFTS.least),
});

/** In the order of the weights file. */
export const layersOf = ({ input, hidden, heads, outputs }: PixelWeights): DenseWeights[] => [
  input,
  ...hidden,
  ...heads,
  ...outputs,
];

/** Multiplications at one pixel of colour. */
export const pixelMacs = (weights: PixelWeights): number =>
  layersOf(weights).reduce((sum, { inputs, outputs }) => sum + inputs * outputs, 0);

/** Every array in the order of the weights file. */
const arraysOf = (weights: PixelWeights): WeightArray[] =>
  layersOf(weights).flatMap(({ weights, bias, shift }) => [shift, weights, bias]);

export const encodePixelWeights = (weights: PixelWeights): Uint8Array => encodeArrays(arraysOf(weights));

/** Undoes encodePixelWeights. @throws RangeError for bytes of another size */
export function decodePixelWeights(bytes: Uint8Array, architecture: PixelArchitecture): PixelWeights {
  const weights = emptyPixelWeights(architecture);
  decodeArrays(bytes, arraysOf(weights));
  return weights;
}
