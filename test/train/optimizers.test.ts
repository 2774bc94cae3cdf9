import { expect, it } from 'vitest';
import type { Tensor3D, Tf } from '../../src/tensorflow.ts';
import type { Parameters } from '../../src/train/model.ts';
import {
  clipGradients,
  initialOptimizerState,
  type LearningRates,
  optimizerStep,
  orthogonalize,
} from '../../src/train/optimizers.ts';
import { Random } from '../../src/train/random.ts';
import { describeBackends, valuesOf } from '../helpers/tensorflow.ts';

const RATES: LearningRates = { muon: 0.03, adam: 0.01, weightDecay: 0.1, emaDecay: 0.75 };

const parametersOf = (tf: Tf, hidden: Tensor3D, other: readonly number[]): Parameters => ({
  hidden,
  other: tf.tensor1d([...other]),
});

const hiddenOf = (tf: Tf, seed: number): Tensor3D => tf.tensor3d(new Random(seed).normal(2 * 6 * 3), [2, 6, 3]);

describeBackends('orthogonalize', (tf) => {
  it('brings singular values near 1', () => {
    // The singular values of a diagonal matrix are its entries, and it stays diagonal.
    const singular = [5, 1, 0.3, 0.1];
    const matrix = tf.tensor3d([
      singular.map((value, row) => Array.from({ length: 6 }, (_, c) => (c === row ? value : 0))),
    ]);
    const [result] = tf.tidy(() => orthogonalize(tf, matrix)).arraySync() as number[][][];
    for (const [row, columns] of result!.entries()) {
      for (const [c, value] of columns.entries()) {
        if (c !== row) expect(Math.abs(value)).toBeLessThan(1e-6);
        else expect(Math.abs(value - 0.95)).toBeLessThan(0.27); // the iteration ends in 0.68..1.22
      }
    }
  });

  it('keeps rows of random matrices nearly orthonormal, whatever their size', () => {
    const random = new Random(6);
    const matrices = tf.mul(
      tf.tensor3d(random.normal(3 * 4 * 30), [3, 4, 30]),
      tf.tensor3d([[[1e-3]], [[1]], [[1e4]]]),
    );
    const x = tf.tidy(() => orthogonalize(tf, matrices as Tensor3D));
    const grams = tf.tidy(() => tf.matMul(x, x, false, true)).arraySync() as number[][][];
    for (const gram of grams) {
      for (const [i, row] of gram.entries()) {
        for (const [j, value] of row.entries()) {
          // Singular values in 0.68..1.22 have squares, the eigenvalues here, in 0.46..1.49.
          expect(Math.abs(value - (i === j ? 0.975 : 0))).toBeLessThan(0.515);
        }
      }
    }
  });
});

describeBackends('optimizerStep', (tf) => {
  it('takes the steps of AdamW', () => {
    let parameters = parametersOf(tf, hiddenOf(tf, 1), [1, -2, 3]);
    let state = initialOptimizerState(tf, parameters);
    const expected = [1, -2, 3];
    const [first, second] = [
      [0, 0, 0],
      [0, 0, 0],
    ];
    for (let iteration = 1; iteration <= 3; iteration++) {
      const gradient = [0.5 * iteration, -0.1, 2];
      const gradients = parametersOf(tf, hiddenOf(tf, 2), gradient);
      ({ parameters, state } = optimizerStep(tf, { parameters, state, gradients }, RATES, iteration));
      for (const [i, g] of gradient.entries()) {
        first![i] = 0.9 * first![i]! + 0.1 * g;
        second![i] = 0.99 * second![i]! + 0.01 * g * g;
        const unbiased = first![i]! / (1 - 0.9 ** iteration) / Math.sqrt(second![i]! / (1 - 0.99 ** iteration));
        expected[i] = expected[i]! * (1 - RATES.adam * RATES.weightDecay) - RATES.adam * unbiased;
      }
    }
    for (const [i, value] of valuesOf(parameters.other!).entries()) expect(value).toBeCloseTo(expected[i]!, 5);
  });

  it('moves hidden weights by the orthogonalised Nesterov momentum', () => {
    const parameters = parametersOf(tf, hiddenOf(tf, 1), [0]);
    const state = initialOptimizerState(tf, parameters);
    const gradients = parametersOf(tf, hiddenOf(tf, 2), [0]);
    const before = valuesOf(parameters.hidden!.clone());
    const after = optimizerStep(tf, { parameters, state, gradients }, RATES, 1);
    // At the first step momentum is the gradient, and the scale of its input does not matter to orthogonalize.
    const rows = tf.transpose(gradients.hidden!, [0, 2, 1]) as Tensor3D;
    const update = valuesOf(tf.transpose(orthogonalize(tf, rows), [0, 2, 1]));
    for (const [i, value] of valuesOf(after.parameters.hidden!).entries()) {
      expect(value).toBeCloseTo(before[i]! * (1 - 0.03 * 0.1) - 0.03 * update[i]!, 4);
    }
    expect(valuesOf(after.state.momentum)).toEqual(valuesOf(gradients.hidden!));
  });

  it('takes the steps of AdamW for hidden weights too, where it is asked to', () => {
    const parameters = parametersOf(tf, hiddenOf(tf, 1), [1]);
    const state = initialOptimizerState(tf, parameters, 'adamw');
    const gradients = parametersOf(tf, hiddenOf(tf, 2), [1]);
    const [before, signs] = [valuesOf(parameters.hidden!.clone()), valuesOf(gradients.hidden!.clone()).map(Math.sign)];
    const after = optimizerStep(tf, { parameters, state, gradients }, RATES, 1);
    // The first step of Adam is as long as the rate, whatever the gradient.
    for (const [i, value] of valuesOf(after.parameters.hidden!).entries()) {
      expect(value).toBeCloseTo(before[i]! * (1 - RATES.adam * RATES.weightDecay) - RATES.adam * signs[i]!, 5);
    }
    expect(Object.keys(after.state.first)).toContain('hidden');
    expect(valuesOf(after.state.momentum)).toEqual([0]);
  });

  it('averages the weights', () => {
    const parameters = parametersOf(tf, hiddenOf(tf, 1), [4]);
    const state = initialOptimizerState(tf, parameters);
    const gradients = parametersOf(tf, hiddenOf(tf, 2), [1]);
    const after = optimizerStep(tf, { parameters, state, gradients }, RATES, 1);
    const [moved] = valuesOf(after.parameters.other!);
    expect(valuesOf(after.state.average.other!)[0]).toBeCloseTo(0.75 * 4 + 0.25 * moved!, 5);
  });
});

describeBackends('clipGradients', (tf) => {
  const gradients = () => ({ a: tf.tensor1d([3, 0]), b: tf.tensor2d([[4]]) });

  it('scales all gradients to the joint norm', () => {
    const { clipped, norm } = clipGradients(tf, gradients(), 1);
    expect(valuesOf(norm)[0]).toBeCloseTo(5, 5);
    expect(valuesOf(clipped.a!)[0]).toBeCloseTo(0.6, 5);
    expect(valuesOf(clipped.b!)[0]).toBeCloseTo(0.8, 5);
  });

  it('leaves small gradients as they are', () => {
    const { clipped } = clipGradients(tf, gradients(), 10);
    expect(valuesOf(clipped.a!)).toEqual([3, 0]);
  });
});
