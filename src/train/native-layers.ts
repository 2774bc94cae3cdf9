/**
 * The rectifier and the sum with a bias, with TensorFlow's own gradients: TensorFlow.js composes that of the rectifier from six
 * operations, one of which looks for numbers that are none, at twenty times the cost.
 */
import type { Tensor, Tf } from '../tensorflow.ts';
import { type NativeBackend, nativeBackend } from './native-backend.ts';

type Save = (tensors: Tensor[]) => void;

export function relu<T extends Tensor>(tf: Tf, x: T): T {
  const native = nativeBackend(tf);
  if (native === undefined) return tf.relu(x);
  return tf.customGrad((input, save) => {
    const value = tf.relu(input as Tensor);
    (save as Save)([value]);
    const gradFunc = (dy: Tensor, [value]: Tensor[]) => run(native, 'ReluGrad', [dy, value!]);
    return { value, gradFunc };
  })(x) as T;
}

/** @param x [..., channels], of two dimensions or more @param bias [channels] */
export function addBias<T extends Tensor>(tf: Tf, x: T, bias: Tensor): T {
  const native = nativeBackend(tf);
  if (native === undefined) return tf.add(x, bias) as T;
  return tf.customGrad((x, bias) => ({
    value: run(native, 'BiasAdd', [x as Tensor, bias as Tensor]),
    gradFunc: (dy: Tensor) => [dy.clone(), run(native, 'BiasAddGrad', [dy])],
  }))(x, bias) as T;
}

const run = (native: NativeBackend, name: string, inputs: readonly Tensor[]): Tensor =>
  native.executeSingleOutput(
    name,
    [{ name: 'T', type: native.binding.TF_ATTR_TYPE, value: native.binding.TF_FLOAT }],
    inputs,
  );
