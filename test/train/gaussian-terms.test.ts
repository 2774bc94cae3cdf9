import { expect, it } from 'vitest';
import { discretisedBits, gaussianKlBits } from '../../src/diffusion/vlb.ts';
import type { Tensor } from '../../src/tensorflow.ts';
import { discretisedNats, gaussianKl, stepNats } from '../../src/train/gaussian-terms.ts';
import { stepVariance } from '../../src/train/step-variance.ts';
import { describeBackends, valuesOf } from '../helpers/tensorflow.ts';

const ERRORS = [0, 0.1, -0.4, 0.5, 2, -7, 30];
const DEVIATIONS = [0.3, 1, 5, 40];
const PAIRS = ERRORS.flatMap((error) => DEVIATIONS.map((deviation) => [error, deviation] as const));

describeBackends('terms of the bound', (tf) => {
  const column = (index: 0 | 1) => tf.tensor1d(PAIRS.map((pair) => pair[index]));

  function expectClose(nats: readonly number[], bits: (error: number, deviation: number) => number): void {
    for (const [i, [error, deviation]] of PAIRS.entries()) {
      const expected = bits(error, deviation) * Math.LN2;
      const relative = Math.abs(nats[i]! - expected) / Math.max(0.01, expected);
      expect(relative, `error ${error}, deviation ${deviation}: ${nats[i]}, ${expected}`).toBeLessThan(1e-3);
    }
  }

  it('gaussianKl is the KL divergence of two Gaussians', () => {
    const nats = gaussianKl(tf, tf.scalar(1.7), tf.square(column(1)), tf.square(column(0)));
    expectClose(valuesOf(nats), (error, deviation) => gaussianKlBits(1.7, deviation ** 2, error));
  });

  it('stepNats is that of a reverse step', () => {
    const [varS, varT] = [2, 5];
    const rest = 1 - varS / varT;
    const tensors = {
      error: column(0),
      modelVariance: tf.square(column(1)),
      varS: tf.scalar(varS),
      varT: tf.scalar(varT),
    };
    expectClose(valuesOf(stepNats(tf, tensors)), (error, deviation) =>
      gaussianKlBits(varS * rest, deviation ** 2, rest * error),
    );
  });

  it('stepNats of a step that learned the right tau costs 1/2 log(1 + (1 - r) tau^2 / n_s^2) on average', () => {
    // Averaged over errors of variance tau^2, the squared terms of the KL leave only its logarithm.
    const [varS, varT, tau] = [2, 5, 3];
    const noise = { varS: tf.scalar(varS), varT: tf.scalar(varT) };
    const outputs = { sd: tf.scalar(9), tau: tf.scalar(tau), g: tf.scalar(0) };
    const modelVariance = stepVariance(tf, 'learned', { ...noise, ...outputs });
    const terms = { error: tf.scalar(tau), modelVariance, ...noise };
    const expected = 0.5 * Math.log(1 + ((1 - varS / varT) * tau ** 2) / varS);
    expect(valuesOf(stepNats(tf, terms))[0]).toBeCloseTo(expected, 5);
  });

  it('discretisedNats is the cost of an integer, or of the density at it where the mass is below 1e-4', () => {
    const nats = valuesOf(discretisedNats(tf, column(0), column(1)));
    expectClose(nats, (error, tau) => {
      const bits = discretisedBits(error, tau);
      const density = 0.5 * (error / tau) ** 2 + Math.log(tau * Math.sqrt(2 * Math.PI));
      return bits < -Math.log2(1e-4) ? bits : density / Math.LN2;
    });
  });

  it('discretisedNats falls when the error shrinks and has finite gradients everywhere', () => {
    const sum = (error: Tensor, tau: Tensor) => tf.sum(discretisedNats(tf, error, tau));
    const [byError, byTau] = tf.grads(sum as never)([column(0), column(1)]);
    for (const [i, value] of valuesOf(byError!).entries()) {
      expect(Math.sign(value) * Math.sign(PAIRS[i]![0])).toBeGreaterThanOrEqual(0);
      expect(Number.isFinite(value)).toBe(true);
    }
    expect(valuesOf(byTau!).every(Number.isFinite)).toBe(true);
  });
});
