import { expect, it } from 'vitest';
import { predictionTerms } from '../../src/train/prediction.ts';
import { stepVariance } from '../../src/train/step-variance.ts';
import { PREDICTIONS, VARIANCES, type Variance } from '../../src/training-methods.ts';
import { describeBackends, valuesOf } from '../helpers/tensorflow.ts';

/** n_s^2 = 1, n_t^2 = 4, sd = 3: r = 1/4, beta-tilde = 3/4, beta = 3 (9 + 1) / (9 + 4). */
const [VAR_S, VAR_T, SD] = [1, 4, 3];
const [BETA_TILDE, BETA] = [0.75, 30 / 13];

describeBackends('stepVariance', (tf) => {
  const noise = () => ({ varS: tf.scalar(VAR_S), varT: tf.scalar(VAR_T), sd: tf.scalar(SD) });
  const varianceOf = (variance: Variance, { tau = 2, g = 0 } = {}): number =>
    valuesOf(stepVariance(tf, variance, { ...noise(), tau: tf.scalar(tau), g: tf.scalar(g) }))[0]!;

  it('is that of q(y_s | y_t, u) for beta-tilde, and what an error of variance tau^2 adds where that is learned or fixed', () => {
    expect(varianceOf('beta-tilde')).toBeCloseTo(BETA_TILDE, 5);
    for (const variance of ['learned', 'fixed'] as const) {
      expect(varianceOf(variance, { tau: 2 })).toBeCloseTo(0.75 + (9 / 16) * 4, 5);
    }
  });

  it.each([
    [-1, BETA_TILDE],
    [0, Math.sqrt(BETA_TILDE * BETA)],
    [1, BETA],
    [3, BETA ** 2 / BETA_TILDE],
  ])('interpolates logarithms: at G = %d', (g, expected) => {
    expect(varianceOf('interpolated', { g })).toBeCloseTo(expected, 4);
  });

  it.each(PREDICTIONS)('fixed with the size of the gain is beta for v alone: %s', (prediction) => {
    const terms = predictionTerms(tf, prediction, { sd: tf.scalar(SD), variance: tf.scalar(VAR_T) });
    const expected = { v: BETA, eps: VAR_T - VAR_S, x: 0.75 * (1 + 0.75 * 9) }[prediction];
    expect(varianceOf('fixed', { tau: valuesOf(terms.deviation)[0]! })).toBeCloseTo(expected, 4);
  });

  it("has DDPM's two variances, in units of y", () => {
    // z = y sqrt(alphaBar) / sd has alphaBar = sd^2 / (sd^2 + n^2), and beta = 1 - alphaBar_t / alphaBar_s.
    const [barS, barT] = [SD ** 2 / (SD ** 2 + VAR_S), SD ** 2 / (SD ** 2 + VAR_T)];
    const beta = 1 - barT / barS;
    const units = SD ** 2 / barS;
    expect(units * beta).toBeCloseTo(BETA, 6);
    expect((units * beta * (1 - barS)) / (1 - barT)).toBeCloseTo(BETA_TILDE, 6);
  });

  it.each(VARIANCES)('stays above 0 and finite where steps are tiny: %s', (variance) => {
    const inputs = {
      varS: tf.scalar(4),
      varT: tf.scalar(4),
      sd: tf.scalar(0.12),
      tau: tf.scalar(0.1),
      g: tf.scalar(0),
    };
    const [value] = valuesOf(stepVariance(tf, variance, inputs));
    expect(value).toBeGreaterThan(0);
    expect(value).toBeLessThan(1e-2);
  });
});
