import { expect, it } from 'vitest';
import type { Tensor } from '../../src/tensorflow.ts';
import {
  ACTIVATION_UNIT,
  quantizeActivation,
  quantizeWeights,
  roundingOf,
  roundStraightThrough,
  weightExponents,
} from '../../src/train/fake-quantize.ts';
import { Random } from '../../src/train/random.ts';
import { describeBackends, valuesOf } from '../helpers/tensorflow.ts';

/** The integer network's activation of a stream value in units of 2^-8. */
const activation = (x: number): number => Math.max(0, Math.min(255, (x + 4) >> 3));

describeBackends('quantizeActivation', (tf) => {
  it('has the values of the integer network, halves included', () => {
    const stream = Array.from({ length: 2600 }, (_, i) => i - 300);
    const values = valuesOf(quantizeActivation(tf, tf.tensor1d(stream.map((x) => x / 256))));
    expect(values.map((value) => value / ACTIVATION_UNIT)).toEqual(stream.map(activation));
  });

  it('saturates far outside', () => {
    const values = valuesOf(quantizeActivation(tf, tf.tensor1d([-1e6, 1e6])));
    expect(values).toEqual([0, 255 * ACTIVATION_UNIT]);
  });

  it('passes the gradient where it does not saturate', () => {
    const x = tf.tensor1d([-1, -0.01, 0.01, 1, 7.9, 8, 100]);
    const dy = tf.tensor1d([1, 2, 3, 4, 5, 6, 7]);
    const gradient = tf.grad((input: Tensor) => quantizeActivation(tf, input))(x, dy);
    expect(valuesOf(gradient)).toEqual([0, 0, 3, 4, 5, 0, 0]);
  });
});

describeBackends('roundStraightThrough', (tf) => {
  it('rounds halves up and passes the gradient', () => {
    const x = tf.tensor1d([-1.5, -0.5, 0.49, 0.5, 2.5]);
    expect(valuesOf(roundStraightThrough(tf, x))).toEqual([-1, 0, 0, 1, 3]);
    const gradient = tf.grad((input: Tensor) => roundStraightThrough(tf, input))(x, tf.tensor1d([1, 2, 3, 4, 5]));
    expect(valuesOf(gradient)).toEqual([1, 2, 3, 4, 5]);
  });
});

describeBackends('quantizeWeights', (tf) => {
  const axes = [0, 1, 2];
  const channels = 10;
  /** Channels from 1e-7 to 100 in size, and one of zeros. */
  const weights = () => {
    const sizes = tf.tensor1d([0, 1e-7, 1e-5, 1e-3, 0.01, 0.1, 1, 10, 15.8, 100]);
    return tf.mul(tf.tensor(new Random(5).normal(3 * 3 * 4 * channels), [3, 3, 4, channels]), sizes);
  };

  it('gives int8 times a power of two for each output channel, as large as fits', () => {
    const w = weights();
    const exponents = valuesOf(weightExponents(tf, w, axes));
    const quantized = valuesOf(quantizeWeights(tf, w, axes));
    const largest = new Array<number>(channels).fill(0);
    for (const [i, value] of quantized.entries()) {
      const integer = value * 2 ** exponents[i % channels]!;
      expect(Number.isInteger(integer)).toBe(true);
      largest[i % channels] = Math.max(largest[i % channels]!, Math.abs(integer));
    }
    for (const [o, exponent] of exponents.entries()) {
      expect(Number.isInteger(exponent)).toBe(true);
      // The shift after the convolution, exponent - 3, must be in 0..20.
      expect(exponent).toBeGreaterThanOrEqual(3);
      expect(exponent).toBeLessThanOrEqual(23);
      expect(largest[o]).toBeLessThanOrEqual(127);
      if (exponent > 3 && exponent < 23) expect(largest[o]).toBeGreaterThanOrEqual(63);
    }
  });

  it('errs by at most half a unit where nothing is clipped', () => {
    const w = weights();
    const exponents = valuesOf(weightExponents(tf, w, axes));
    const quantized = valuesOf(quantizeWeights(tf, w, axes));
    for (const [i, value] of Array.from(w.dataSync()).entries()) {
      if (exponents[i % channels] === 3) continue;
      expect(Math.abs(value - quantized[i]!) * 2 ** exponents[i % channels]!).toBeLessThanOrEqual(0.5001);
    }
  });

  it('is its own fixed point, as an exported network must be', () => {
    const once = quantizeWeights(tf, weights(), axes);
    expect(valuesOf(quantizeWeights(tf, once, axes))).toEqual(valuesOf(once));
  });

  it('passes the gradient', () => {
    const gradient = tf.grad((w: Tensor) => tf.sum(tf.mul(quantizeWeights(tf, w, axes), 3)))(weights());
    expect(new Set(valuesOf(gradient))).toEqual(new Set([3]));
  });
});

describeBackends('roundingOf', (tf) => {
  it('is that of the integer network, or none but ReLU', () => {
    const x = () => tf.tensor1d([-1, 0.013, 20]);
    const values = (fakeQuantize: boolean) => valuesOf(roundingOf(fakeQuantize).activation(tf, x()));
    expect(values(true)).toEqual([0, 0, 255 / 32]);
    for (const [i, value] of values(false).entries()) expect(value).toBeCloseTo([0, 0.013, 20][i]!, 6);
    const weights = tf.tensor2d([[0.3], [0.0123]]);
    expect(valuesOf(roundingOf(true).weights(tf, weights, [0]))).toEqual([77 / 256, 3 / 256]);
    expect(roundingOf(false).weights(tf, weights, [0])).toBe(weights);
  });
});
