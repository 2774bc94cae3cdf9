import { expect, it } from 'vitest';
import type { Tensor } from '../../src/tensorflow.ts';
import { addBias, relu } from '../../src/train/native-layers.ts';
import { Random } from '../../src/train/random.ts';
import { describeBackends, valuesOf } from '../helpers/tensorflow.ts';

describeBackends('relu', (tf) => {
  it('keeps what is above 0, and its gradient', () => {
    const x = tf.tensor2d([[-2, -0.5, 0], [0.25, 3, -1e9]]); // biome-ignore format: rows
    const dy = tf.tensor2d([[1, 2, 3], [4, 5, 6]]); // biome-ignore format: rows
    const { value, grad } = tf.valueAndGrad((input: Tensor) => relu(tf, input))(x, dy);
    expect(value.shape).toEqual([2, 3]);
    expect(valuesOf(value)).toEqual([0, 0, 0, 0.25, 3, 0]);
    expect(valuesOf(grad)).toEqual([0, 0, 0, 4, 5, 0]);
  });
});

describeBackends('addBias', (tf) => {
  it('adds to each channel, and has the gradients of a sum', () => {
    const random = new Random(3);
    const x = tf.tensor3d(random.normal(24), [2, 3, 4]);
    const bias = tf.tensor1d(random.normal(4));
    const dy = tf.tensor3d(random.normal(24), [2, 3, 4]);
    const run = (sum: (x: Tensor, bias: Tensor) => Tensor) => {
      const { value, grads } = tf.valueAndGrads((x: Tensor, bias: Tensor) => sum(x, bias))([x, bias], dy);
      return [value, ...grads].map((tensor) => [tensor.shape, valuesOf(tensor).map((number) => number.toFixed(5))]);
    };
    expect(run((x, bias) => addBias(tf, x, bias))).toEqual(run((x, bias) => tf.add(x, bias)));
  });
});
