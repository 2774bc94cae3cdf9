/** Fully connected layers of training as those of the codec: weights and biases as integers, and back. */
import { type DenseWeights, SHIFTS } from '../kernels/dense-backend.ts';
import { largestSum } from '../model/pixel-bounds.ts';

const MAX_WEIGHT = 32767;
const MAX_SUM = 2 ** 31 - 1;

/** A layer in floats. */
export interface FloatLayer {
  /** [inputs, outputs] */
  readonly weights: Float32Array;
  /** [outputs] */
  readonly bias: Float32Array;
}

/** What an integer 1 stands for, as its inverse. */
export interface LayerUnits {
  /** Of each input, powers of two. */
  readonly inputs: Float64Array;
  readonly output: number;
}

/**
 * Rounds a layer to integers as fine as 16 bits and sums of 32 allow.
 * @param layer overwritten
 * @throws RangeError when its weights are so large that no integers would do
 */
export function quantizeDense(layer: DenseWeights, floats: FloatLayer, units: LayerUnits): void {
  for (let shift = SHIFTS.most; shift >= SHIFTS.least; shift--) {
    layer.shift[0] = shift;
    if (fillRounded(layer, floats, units)) return;
  }
  throw new RangeError('weights are too large for integers of 16 bits');
}

/** A number of the layer in floats is so many integers. @param input its index, or none for a bias */
function scaleOf({ shift }: DenseWeights, { inputs, output }: LayerUnits, input?: number): number {
  return (output * 2 ** shift[0]!) / (input === undefined ? 1 : inputs[input]!);
}

/** Returns false where numbers or sums would be too large. */
function fillRounded(layer: DenseWeights, { weights, bias }: FloatLayer, units: LayerUnits): boolean {
  const biases = Float64Array.from(bias, (value) => Math.round(value * scaleOf(layer, units)));
  if (!biases.every((value) => Math.abs(value) <= MAX_SUM)) return false;
  layer.bias.set(biases);
  for (let i = 0; i < layer.inputs; i++) {
    const scale = scaleOf(layer, units, i);
    for (let o = 0; o < layer.outputs; o++) {
      const weight = Math.round(weights[i * layer.outputs + o]! * scale);
      if (Math.abs(weight) > MAX_WEIGHT) return false;
      layer.weights[i * layer.outputs + o] = weight;
    }
  }
  return largestSum(layer) <= MAX_SUM;
}

/** Undoes quantizeDense, but for what was rounded. */
export function dequantizeDense(layer: DenseWeights, units: LayerUnits): FloatLayer {
  const weights = Float32Array.from(
    layer.weights,
    (weight, at) => weight / scaleOf(layer, units, Math.floor(at / layer.outputs)),
  );
  return { weights, bias: Float32Array.from(layer.bias, (value) => value / scaleOf(layer, units)) };
}
