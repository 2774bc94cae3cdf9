import { expect, it } from 'vitest';
import type { Tensor, Tensor2D, Tf } from '../../src/tensorflow.ts';
import { CurveGradient, VARIANCE_WEIGHT } from '../../src/train/curve-gradient.ts';
import { gammaAt, gammaSlopeAt, initialSchedule, type ScheduleParameters } from '../../src/train/schedule.ts';
import { describeBackends, valuesOf } from '../helpers/tensorflow.ts';

const UNITS = ['unitWeight', 'unitBias', 'unitScale'] as const;
const TIMES = Float32Array.from({ length: 64 }, (_, i) => (i + 0.5) / 64);

/** The diffusion loss at each time for an error of variance s^2 n^2 / (s^2 + n^2), that of a Gaussian of deviation s: 1/2 gamma' s^2 / (s^2 + n^2). */
function gaussianLosses(tf: Tf, p: ScheduleParameters, throughCurve?: (rows: Tensor2D) => Tensor2D): Tensor {
  const condition = tf.oneHot(tf.fill([TIMES.length], 1, 'int32'), 6).toFloat() as Tensor2D;
  const at = { kind: 'learned', condition, times: TIMES, throughCurve } as const;
  const share = tf.div(9, tf.add(9, tf.exp(gammaAt(tf, p, at))));
  return tf.reshape(tf.mul(0.5, tf.mul(gammaSlopeAt(tf, p, at), share)), [-1]);
}

describeBackends('CurveGradient', (tf) => {
  it('is the identity forward, and backward the gradient of weighted squares', () => {
    const rows = tf.tensor2d([1, -2, 0.5, 3, 0.1, -0.7], [3, 2]);
    const weights = tf.tensor1d([1, 0.5, 2]);
    const losses = (x: Tensor): Tensor => tf.sum(tf.exp(tf.mul(x, 0.4)), 1);
    const curve = new CurveGradient(tf);
    const told = (x: Tensor): Tensor => {
      const values = losses(curve.through(x as Tensor2D));
      curve.tell(values);
      return tf.sum(tf.mul(values, weights));
    };
    const expected = tf.grad((x) => tf.sum(tf.mul(tf.square(losses(x)), weights)))(rows);
    for (const [i, value] of valuesOf(tf.grad(told)(rows)).entries()) {
      expect(value).toBeCloseTo(VARIANCE_WEIGHT * expected.dataSync()[i]!, 4);
    }
    expect(valuesOf(curve.through(rows))).toEqual(Array.from(rows.dataSync()));
  });

  it('needs the losses before the backward pass', () => {
    const curve = new CurveGradient(tf);
    expect(() => tf.grad((x) => tf.sum(curve.through(x as Tensor2D)))(tf.ones([2, 2]))).toThrow(/must be told/);
  });

  it('lowers the variance of the estimate and not the bound itself, whose ends stay', () => {
    let p = initialSchedule(tf, [5, 10, 20, 30, 40, 50]);
    const momentsOf = () => {
      const values = valuesOf(gaussianLosses(tf, p));
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
      return { mean, variance: values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length };
    };
    const before = momentsOf();
    const gradientsOf = tf.grads((...units: Tensor[]) => {
      const curve = new CurveGradient(tf);
      const parameters = { ...p, ...Object.fromEntries(UNITS.map((name, i) => [name, units[i]!])) };
      const losses = gaussianLosses(tf, parameters, (rows) => curve.through(rows));
      curve.tell(losses);
      return tf.mean(losses);
    });
    for (let k = 0; k < 30; k++) {
      const gradients = gradientsOf(UNITS.map((name) => p[name]));
      p = { ...p, ...Object.fromEntries(UNITS.map((name, i) => [name, tf.sub(p[name], tf.mul(4, gradients[i]!))])) };
    }
    const after = momentsOf();
    expect(after.mean / before.mean).toBeCloseTo(1, 2);
    expect(after.variance).toBeLessThan(0.6 * before.variance);
  });
});
