/**
 * What integers of the network of absorbing diffusion stand for, as inverses: those of the inputs, of the stream and of the outputs are
 * the codec's; those of a layer's inner activations are free, and leave room for twice the largest seen, 254 in blocks and 93 in heads.
 */
import { NUM_INPUTS, UNIT } from '../absorbing/neighbourhood.ts';
import {
  COMPONENT_PARAMETERS,
  NUM_KNOWN,
  OUTPUT_UNIT,
  type PixelWeights,
  STREAM_SHIFT,
} from '../absorbing/pixel-network.ts';
import type { FloatLayer, LayerUnits } from './dense-quantization.ts';

const STREAM = 256;
const FEATURES = STREAM / 2 ** STREAM_SHIFT;
const INNER = 16;
const HEAD = 64;

type Layers = Pick<PixelWeights, 'channels' | 'headChannels'>;

const same = (count: number, unit: number): Float64Array => new Float64Array(count).fill(unit);

export const inputUnits = (): LayerUnits => ({ inputs: same(NUM_INPUTS, UNIT), output: STREAM });

/** @param index of the hidden layers */
export const hiddenUnits = ({ channels }: Layers, index: number): LayerUnits =>
  index % 2 === 0
    ? { inputs: same(channels, FEATURES), output: INNER }
    : { inputs: same(channels, INNER), output: STREAM };

export const headUnits = ({ channels }: Layers): LayerUnits => ({
  inputs: Float64Array.of(...same(channels, FEATURES), ...same(NUM_KNOWN, UNIT)),
  output: HEAD,
});

export const outputUnits = ({ headChannels }: Layers): LayerUnits => ({
  inputs: same(headChannels, HEAD),
  output: OUTPUT_UNIT,
});

/** An output layer with what leads to the components' weights, the last third, in other units: a factor of them. */
export function withWeightUnits({ weights, bias }: FloatLayer, components: number, factor: number): FloatLayer {
  const outputs = COMPONENT_PARAMETERS * components;
  const convert = (array: Float32Array) =>
    array.map((value, i) => (i % outputs >= outputs - components ? value * factor : value));
  return { weights: convert(weights), bias: convert(bias) };
}
