/**
 * A layer's convolution as a product of float32 matrices on TensorFlow.js, exact in any order of its sums.
 *
 * Operands are integers of 8 bits, weights with their channel's unit 2^-shift, so products are exact; every partial sum
 * is an integer below 2^24 of that unit (bounds.ts), so sums are exact as well. tf.conv2d would not do: on GPUs it may
 * use Winograd's or Fourier's transforms, which compute with other numbers and round them.
 */
import type { Tensor1D, Tensor2D, Tensor3D, Tf } from '../tensorflow.ts';
import type { ConvWeights } from './network.ts';

/** A layer on the device. */
export interface TfjsLayer {
  /** [3 * inChannels, 3 * outChannels]: columns kx and inputs by rows ky and outputs, in units of 2^-shift. */
  readonly kernel: Tensor2D;
  /** [outChannels], in units of 2^-shift. */
  readonly bias: Tensor1D;
}

/** Uploads a layer; the caller disposes of it. */
export function uploadLayer(tf: Tf, { inChannels, outChannels, ...layer }: ConvWeights): TfjsLayer {
  return tf.tidy(() => {
    const unit = tf.tensor1d(Float32Array.from(layer.shift, (shift) => 1 / (1 << shift)));
    const bias = tf.mul<Tensor1D>(tf.tensor1d(Float32Array.from(layer.bias)), unit);
    const weights = tf.tensor4d(Float32Array.from(layer.weights), [outChannels, 3, 3, inChannels]);
    const scaled = tf.mul(weights, tf.reshape(unit, [outChannels, 1, 1, 1]));
    const kernel = tf.reshape(tf.transpose(scaled, [2, 3, 1, 0]), [3 * inChannels, 3 * outChannels]);
    return { kernel: kernel as Tensor2D, bias };
  });
}

/**
 * The sums of one convolution, each divided by 2^shift of its channel, exactly.
 *
 * One product gives each position the sums of the kernel's three rows; what they are of is then shifted into place.
 *
 * @param input [height, width, inChannels]
 * @returns [height, width, outChannels]
 */
export function convolve(tf: Tf, input: Tensor3D, { kernel, bias }: TfjsLayer): Tensor3D {
  const [height, width, inChannels] = input.shape;
  const outChannels = bias.size;
  // biome-ignore format: one row of the map above, one below; the same left and right
  const padded = tf.pad(input, [[1, 1], [1, 1], [0, 0]]);
  const columns = [0, 1, 2].map((kx) => tf.slice(padded, [0, kx, 0], [height + 2, width, inChannels]));
  const triples = tf.reshape(tf.concat(columns, 2), [(height + 2) * width, 3 * inChannels]);
  const products = tf.reshape(tf.matMul(triples as Tensor2D, kernel), [height + 2, width, 3 * outChannels]);
  const row = (ky: number) => tf.slice(products, [ky, 0, ky * outChannels], [height, width, outChannels]);
  return tf.add(tf.add(tf.add(row(0), row(1)), row(2)), bias);
}
