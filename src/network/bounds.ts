/**
 * What makes the network exact on every engine: |accumulator| < 2^24 in every convolution, whatever the input.
 *
 * Below 2^24 integer sums are exact in float32 in any order, so a GPU may run the network too; and the integer
 * kernels need no wider intermediate results (see kernels/winograd.ts).
 */
import {
  CHANNEL_GROUP,
  type ConvWeights,
  DENOISER_OUTPUTS,
  DENOISER_PLANES,
  KNOWN_PLANES,
  MAX_SHIFT,
  type NetworkWeights,
} from './network.ts';

const ACCUMULATOR_END = 0x100_0000; // 2^24
const MAX_ACTIVATION = 255;
const MAX_PLANE = 128;

interface Layer {
  readonly name: string;
  readonly conv: ConvWeights;
  readonly inChannels: number;
  readonly outChannels: number;
  readonly maxInput: number;
}

/** Asserts the shapes of all layers, their shifts, and the accumulator bound of every output channel. */
export function assertAccumulatorBounds(weights: NetworkWeights): void {
  const { channels } = weights;
  if (channels < CHANNEL_GROUP || channels % CHANNEL_GROUP !== 0) {
    throw new Error(`channels must be a positive multiple of ${CHANNEL_GROUP}, got ${channels}`);
  }
  for (const layer of layersOf(weights)) {
    assertShape(layer);
    for (let channel = 0; channel < layer.outChannels; channel++) assertChannel(layer, channel);
  }
}

function layersOf({ channels: C, ...weights }: NetworkWeights): Layer[] {
  const hidden = { inChannels: C, outChannels: C, maxInput: MAX_ACTIVATION };
  const blockLayers = (part: string, blocks: NetworkWeights['trunkBlocks']): Layer[] =>
    blocks.flatMap(({ conv1, conv2 }, i) => [
      { name: `${part}[${i}].conv1`, conv: conv1, ...hidden },
      { name: `${part}[${i}].conv2`, conv: conv2, ...hidden },
    ]);
  return [
    { name: 'trunkIn', conv: weights.trunkIn, inChannels: KNOWN_PLANES, outChannels: C, maxInput: MAX_PLANE },
    ...blockLayers('trunkBlocks', weights.trunkBlocks),
    { name: 'denoiserIn', conv: weights.denoiserIn, inChannels: DENOISER_PLANES, outChannels: C, maxInput: MAX_PLANE },
    ...blockLayers('denoiserBlocks', weights.denoiserBlocks),
    { name: 'denoiserOut', conv: weights.denoiserOut, ...hidden, outChannels: DENOISER_OUTPUTS },
  ];
}

function assertShape({ name, conv, inChannels, outChannels }: Layer): void {
  const shapeHolds =
    conv.inChannels === inChannels &&
    conv.outChannels === outChannels &&
    conv.weights.length === outChannels * 9 * inChannels &&
    conv.bias.length === outChannels &&
    conv.shift.length === outChannels;
  if (!shapeHolds) throw new Error(`layer ${name} must map ${inChannels} to ${outChannels} channels`);
}

function assertChannel({ name, conv, maxInput }: Layer, channel: number): void {
  const size = 9 * conv.inChannels;
  let weightSum = 0;
  for (const weight of conv.weights.subarray(channel * size, (channel + 1) * size)) weightSum += Math.abs(weight);
  const bound = weightSum * maxInput + Math.abs(conv.bias[channel]!);
  if (bound >= ACCUMULATOR_END) {
    throw new Error(`layer ${name}, channel ${channel}: accumulator may reach ${bound}, must stay below 2^24`);
  }
  if (conv.shift[channel]! > MAX_SHIFT) {
    throw new Error(`layer ${name}, channel ${channel}: shift ${conv.shift[channel]} is above ${MAX_SHIFT}`);
  }
}
