/** The network of absorbing diffusion in floats (src/absorbing/pixel-network.ts), and the mixtures that it leads to. */
import { NUM_CHANNELS, NUM_INPUTS } from '../absorbing/neighbourhood.ts';
import { COMPONENT_PARAMETERS, KNOWN_INPUTS, MAX_HALVES, MAX_KNOWN, NUM_KNOWN } from '../absorbing/pixel-network.ts';
import type { Tensor, Tensor2D, Tf } from '../tensorflow.ts';
import type { AbsorbingBatch } from './absorbing-batch.ts';
import type { TrainConfig } from './config.ts';
import type { Parameters } from './model.ts';
import { addBias, relu } from './native-layers.ts';
import type { Random } from './random.ts';

/** Of the second layers of residual blocks at first, so that a block begins by adding little. */
const SECOND_GAIN = 0.2;
const OUTPUT_GAIN = 0.3;

export function initialAbsorbingParameters(tf: Tf, config: TrainConfig, random: Random): Parameters {
  const { channels, denoiserBlocks, headChannels, components } = config;
  const outputs = COMPONENT_PARAMETERS * components;
  const normal = (shape: number[], fanIn: number): Tensor => {
    const count = shape.reduce((product, side) => product * side, 1);
    return tf.mul(tf.tensor(random.normal(count), shape), 1 / Math.sqrt(fanIn));
  };
  return tf.tidy(() => {
    const gains = Array.from({ length: 2 * denoiserBlocks }, (_, i) => (i % 2 === 1 ? SECOND_GAIN : 1));
    const hidden = normal([2 * denoiserBlocks, channels, channels], channels / 1.5);
    return {
      input: normal([NUM_INPUTS, channels], NUM_INPUTS / 2),
      inputBias: tf.zeros([channels]),
      hidden: tf.mul(hidden, tf.tensor(gains, [gains.length, 1, 1])),
      hiddenBias: tf.zeros([2 * denoiserBlocks, channels]),
      head: normal([NUM_CHANNELS, channels + NUM_KNOWN, headChannels], channels),
      headBias: tf.zeros([NUM_CHANNELS, headChannels]),
      output: tf.mul(normal([NUM_CHANNELS, headChannels, outputs], headChannels), OUTPUT_GAIN),
      outputBias: tf.tile(tf.tensor([initialOutputs(components)]), [NUM_CHANNELS, 1]),
    };
  }) as Parameters;
}

/** Components of one mean whose deviations are an octave apart, and of one weight. */
function initialOutputs(components: number): number[] {
  const octaves = Array.from({ length: components }, (_, k) => k - (components - 1) / 2 - 0.5);
  const zeros = octaves.map(() => 0);
  return [...zeros, ...octaves, ...zeros];
}

/** [size, 3] bits of each sample, those that are not coded included. */
export function sampleBits(tf: Tf, p: Parameters, batch: AbsorbingBatch): Tensor2D {
  const { size } = batch;
  const channelsOf = (array: Float32Array) => tf.split(tf.tensor2d(array, [size, NUM_CHANNELS]), NUM_CHANNELS, 1);
  const [values, predictions] = [channelsOf(batch.values), channelsOf(batch.predictions)] as [Tensor[], Tensor[]];
  const spreads = tf.tensor2d(batch.spreads, [size, 1]);
  const residuals = values.map((value, c) => tf.sub(value, predictions[c]!));
  const known = values.slice(1).map((_, c) => knownInputs(tf, residuals, values[c]!, { channel: c, spreads }));
  const nothing = tf.zeros([size, KNOWN_INPUTS]);
  const features = trunk(tf, p, tf.tensor2d(batch.inputs, [size, NUM_INPUTS]));
  const [heads, lasts] = [layersOf(tf, p, 'head'), layersOf(tf, p, 'output')];
  const outputs = heads.map((head, c) => {
    const told = known.map((inputs, before) => (before < c ? inputs : nothing));
    return lasts[c]!(relu(tf, head(tf.concat([features, ...told], 1))));
  });
  const bases = predictions.map((prediction, c) =>
    c === 0 ? prediction : tf.add(prediction, tf.div(tf.addN(residuals.slice(0, c)), c)),
  );
  // All channels at once: many small operations would take longer than their arithmetic.
  const bits = mixtureBits(tf, tf.concat(outputs, 0), {
    values: tf.concat(values, 0),
    bases: tf.concat(bases, 0),
    spreads: tf.tile(spreads, [NUM_CHANNELS, 1]),
  });
  return tf.transpose(tf.reshape(bits, [NUM_CHANNELS, size])) as Tensor2D;
}

function trunk(tf: Tf, p: Parameters, inputs: Tensor): Tensor {
  const hidden = layersOf(tf, p, 'hidden');
  let stream = addBias(tf, tf.matMul(inputs as Tensor2D, p.input as Tensor2D), p.inputBias!);
  for (let i = 0; i < hidden.length; i += 2) {
    const inner = relu(tf, hidden[i]!(relu(tf, stream)));
    stream = tf.add(stream, hidden[i + 1]!(inner));
  }
  return relu(tf, stream);
}

type Layer = (inputs: Tensor) => Tensor2D;

/** Layers whose weights are one tensor, [layers, inputs, outputs]. */
function layersOf(tf: Tf, p: Parameters, name: 'hidden' | 'head' | 'output'): Layer[] {
  const biases = tf.unstack(p[`${name}Bias`]!);
  return tf
    .unstack(p[name]!)
    .map((weights, i) => (inputs) => addBias(tf, tf.matMul(inputs as Tensor2D, weights as Tensor2D), biases[i]!));
}

/** As PixelCoder.tell of src/absorbing/pixel-codec.ts. */
function knownInputs(
  tf: Tf,
  residuals: readonly Tensor[],
  value: Tensor,
  { channel, spreads }: { channel: number; spreads: Tensor },
): Tensor {
  const own = residuals[channel]!;
  const difference = channel === 0 ? own : tf.sub(own, residuals[channel - 1]!);
  const inSpreads = tf.div(difference, spreads);
  const clamped = (tensor: Tensor, limit: number) => tf.clipByValue(tensor, -limit, limit);
  return tf.concat(
    [
      clamped(inSpreads, MAX_KNOWN),
      clamped(tf.mul(inSpreads, 4), MAX_KNOWN),
      clamped(tf.div(difference, 32), MAX_KNOWN),
      clamped(tf.div(difference, 2), MAX_HALVES),
      tf.sub(tf.div(value, 128), 1),
    ],
    1,
  );
}

/** Octaves of a deviation are kept so near to those of the spread. */
const MAX_OCTAVES = 8;
/** Of 2^20: each of 256 values has 1. */
const FLOOR = 1 / (1 << 20);

/**
 * Bits of values under mixtures of Gaussians whose tails count at 0 and 255 (src/rans/byte-mixture.ts).
 * @param outputs [n, 3 * components]; the others are [n, 1]
 */
function mixtureBits(
  tf: Tf,
  outputs: Tensor,
  { values, bases, spreads }: Readonly<Record<'values' | 'bases' | 'spreads', Tensor>>,
): Tensor {
  const [offsets, octaves, logits] = tf.split(outputs, COMPONENT_PARAMETERS, 1) as [Tensor, Tensor, Tensor];
  const components = offsets.shape[1]!;
  const distances = tf.sub(values, tf.add(bases, tf.mul(spreads, offsets)));
  const exponents = tf.mul(tf.clipByValue(octaves, -MAX_OCTAVES, MAX_OCTAVES), -Math.LN2);
  const inverses = tf.div(tf.exp(exponents), spreads);
  const edge = (shift: number) => tf.erf(tf.mul(tf.mul(tf.add(distances, shift), inverses), Math.SQRT1_2));
  const [upper, lower] = [edge(0.5), edge(-0.5)];
  const isAt = (end: number) => tf.tile(tf.equal(values, end), [1, components]);
  const above = tf.where(isAt(255), tf.onesLike(upper), upper);
  const below = tf.where(isAt(0), tf.neg(tf.onesLike(lower)), lower);
  const shares = tf.mul(tf.softmax(logits), tf.mul(tf.sub(above, below), 0.5));
  const probability = tf.add(tf.mul(relu(tf, tf.sum(shares, 1)), 1 - 256 * FLOOR), FLOOR);
  return tf.div(tf.log(probability), -Math.LN2);
}
