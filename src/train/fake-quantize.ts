/**
 * Fake quantisation with straight-through gradients: the forward values are those of the integer network.
 *
 * On a TensorFlow backend activations use its FakeQuantWithMinMaxArgs kernel, one pass forward and one backward where
 * composed operations need five.
 */
import type { Tensor, Tf } from '../tensorflow.ts';
import { type Attribute, type NativeBackend, nativeBackend } from './native-backend.ts';
import { relu } from './native-layers.ts';

/** Activations are uint8 with this unit (2^-5). */
export const ACTIVATION_UNIT = 1 / 32;
const ACTIVATION_MAX = 255 * ACTIVATION_UNIT;

/** ReLU, rounding to ACTIVATION_UNIT and saturation at 255 units; the gradient passes inside the range. */
export function quantizeActivation<T extends Tensor>(tf: Tf, x: T): T {
  const native = nativeBackend(tf);
  return tf.customGrad((input, save) => {
    const x = input as Tensor;
    (save as (tensors: Tensor[]) => void)([x]);
    const value = native ? nativeForward(native, x) : composedForward(tf, x);
    const gradFunc = (dy: Tensor, saved: Tensor[]) =>
      native ? nativeBackward(native, dy, saved[0]!) : tf.mul(dy, insideRange(tf, saved[0]!));
    return { value, gradFunc };
  })(x) as T;
}

function attributes({ binding }: NativeBackend): Attribute[] {
  return [
    { name: 'min', type: binding.TF_ATTR_FLOAT, value: 0 },
    { name: 'max', type: binding.TF_ATTR_FLOAT, value: ACTIVATION_MAX },
    { name: 'num_bits', type: binding.TF_ATTR_INT, value: 8 },
    { name: 'narrow_range', type: binding.TF_ATTR_BOOL, value: false },
  ];
}

const nativeForward = (native: NativeBackend, x: Tensor): Tensor =>
  native.executeSingleOutput('FakeQuantWithMinMaxArgs', attributes(native), [x]);

const nativeBackward = (native: NativeBackend, dy: Tensor, x: Tensor): Tensor =>
  native.executeSingleOutput('FakeQuantWithMinMaxArgsGradient', attributes(native), [dy, x]);

// Adding half and taking the floor is the integer network's rounding; tf.round would round halves to even.
const composedForward = (tf: Tf, x: Tensor): Tensor =>
  tf.mul(tf.clipByValue(tf.floor(tf.add(tf.mul(x, 1 / ACTIVATION_UNIT), 0.5)), 0, 255), ACTIVATION_UNIT);

const insideRange = (tf: Tf, x: Tensor): Tensor =>
  tf.cast(tf.logicalAnd(tf.greaterEqual(x, 0), tf.lessEqual(x, ACTIVATION_MAX)), 'float32');

/** floor(x + 1/2) forward, the identity backward. */
export function roundStraightThrough<T extends Tensor>(tf: Tf, x: T): T {
  return tf.customGrad((input) => ({
    value: tf.floor(tf.add(input as Tensor, 0.5)),
    gradFunc: (dy: Tensor) => dy,
  }))(x) as T;
}

/** Largest exponent: keeps the shift after a convolution (exponent - 3) at most 20. */
const WEIGHT_EXPONENT_MAX = 23;
/** Smallest exponent: the shift must not be negative. */
const WEIGHT_EXPONENT_MIN = 3;

/**
 * Rounds weights to int8 times a power of two per output channel (the last axis), as large as fits.
 *
 * @param w [..., inputs, outputs]; the maximum is taken over the axes `axes`.
 */
export function quantizeWeights<T extends Tensor>(tf: Tf, w: T, axes: number[]): T {
  return tf.customGrad((input) => {
    const w = input as Tensor;
    const scale = tf.pow(2, weightExponents(tf, w, axes));
    const value = tf.div(tf.clipByValue(tf.round(tf.mul(w, scale)), -127, 127), scale);
    return { value, gradFunc: (dy: Tensor) => dy };
  })(w) as T;
}

/** Exponent e of each output channel: weights are stored as round(w * 2^e) in int8. */
export function weightExponents(tf: Tf, w: Tensor, axes: number[]): Tensor {
  const largest = tf.maximum(tf.max(tf.abs(w), axes, true), 1e-9);
  const exponent = tf.floor(tf.div(tf.log(tf.div(127, largest)), Math.LN2));
  return tf.clipByValue(exponent, WEIGHT_EXPONENT_MIN, WEIGHT_EXPONENT_MAX);
}

/** What stands between convolutions, and what becomes of their weights. */
export interface Rounding {
  activation<T extends Tensor>(tf: Tf, x: T): T;
  weights<T extends Tensor>(tf: Tf, w: T, axes: number[]): T;
}

/** As the integer network rounds, or plain ReLU and weights as they are. */
export const roundingOf = (fakeQuantize: boolean): Rounding => (fakeQuantize ? INTEGERS : FLOATS);

const INTEGERS: Rounding = { activation: quantizeActivation, weights: quantizeWeights };
const FLOATS: Rounding = { activation: relu, weights: (_tf, w) => w };
