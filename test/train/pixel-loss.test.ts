import { expect, it } from 'vitest';
import type { Tensor, Tf } from '../../src/tensorflow.ts';
import type { RunState } from '../../src/train/checkpoint.ts';
import { VARIANCE_WEIGHT } from '../../src/train/curve-gradient.ts';
import { type Parameters, scheduleOf } from '../../src/train/model.ts';
import { pixelBatch } from '../../src/train/pixel-batch.ts';
import { levelValue, type PixelInputs, pixelTerms } from '../../src/train/pixel-loss.ts';
import { pixelCondition } from '../../src/train/pixel-network.ts';
import { Random } from '../../src/train/random.ts';
import { gammaAt } from '../../src/train/schedule.ts';
import { idleRun, NUM_VALUES, PIXEL_CONFIG, PIXEL_IMAGES } from '../helpers/pixel-runs.ts';
import { describeBackends } from '../helpers/tensorflow.ts';

/** Gammas that make every term matter: n_0 of nearly a level, a last latent that is not quite noise. */
const [GAMMA_0, GAMMA_1] = [-10, 3];

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

function termsOf(tf: Tf, run: RunState, inputs: PixelInputs) {
  const { recon, prior, diffusion } = pixelTerms(tf, run.optimizer.average, PIXEL_CONFIG, inputs);
  return { recon: [...recon.dataSync()], prior: [...prior.dataSync()], diffusion: [...diffusion.dataSync()] };
}

describeBackends('the bound of a plain VDM on pixels', (tf) => {
  const batch = pixelBatch(PIXEL_IMAGES.map(([finest]) => finest!));
  const noise = new Random(6).normal(batch.levels.length);
  const times = [0.2, 0.5, 1];
  const inputs = { batch, t: Float32Array.from(times), noise, reconImages: 3 };

  it('has the terms of the closed forms', () => {
    const terms = termsOf(tf, idleRun(tf, [GAMMA_0, GAMMA_1]), inputs);
    const n0 = Math.exp(GAMMA_0 / 2);
    for (const [image, t] of times.entries()) {
      const values = Array.from({ length: NUM_VALUES }, (_, j) => ({
        v: batch.levels[image * NUM_VALUES + j]!,
        x: levelValue(batch.levels[image * NUM_VALUES + j]!),
        eps: noise[image * NUM_VALUES + j]!,
      }));
      const prior = values.map(({ x }) => {
        const variance = sigmoid(GAMMA_1);
        return 0.5 * (variance + (1 - variance) * x * x - 1 - Math.log(variance));
      });
      expect(terms.prior[image]! / (mean(prior) / Math.LN2)).toBeCloseTo(1, 3);
      const recon = values.map(({ v, x, eps }) => {
        const density = (level: number) => Math.exp(-0.5 * ((x + n0 * eps - levelValue(level)) / n0) ** 2);
        return -Math.log(density(v) / Array.from({ length: 256 }, (_, w) => density(w)).reduce((a, b) => a + b, 0));
      });
      expect(terms.recon[image]).toBeCloseTo(mean(recon) / Math.LN2, 3);
      const gamma = GAMMA_0 + (GAMMA_1 - GAMMA_0) * t;
      const [alpha, sigma] = [Math.sqrt(sigmoid(-gamma)), Math.sqrt(sigmoid(gamma))];
      const squares = values.map(({ x, eps }) => (eps - (alpha * x + sigma * eps)) ** 2);
      expect(terms.diffusion[image]! / ((0.5 * (GAMMA_1 - GAMMA_0) * mean(squares)) / Math.LN2)).toBeCloseTo(1, 3);
    }
  });

  it('has a discrete loss that is above the continuous one and nears it', () => {
    const run = idleRun(tf, [GAMMA_0, GAMMA_1]);
    const lossOf = (numSteps: number) => {
      const s = Float32Array.from(times, (t) => t - 1 / numSteps);
      return mean(termsOf(tf, run, { ...inputs, steps: { numSteps, s } }).diffusion);
    };
    const continuous = mean(termsOf(tf, run, inputs).diffusion);
    // T expm1(d / T) = d (1 + d / 2T + ...) with d = 13.
    expect(lossOf(1000) / continuous).toBeCloseTo(1 + 13 / 2000, 3);
    expect(lossOf(100) / continuous).toBeCloseTo((100 / 13) * Math.expm1(13 / 100), 2);
  });

  it('has a learned curve whose slope counts, and whose gradient is that of the squared loss of each image', () => {
    const config = { ...PIXEL_CONFIG, schedule: 'learned' } as const;
    const run = idleRun(tf, [GAMMA_0, GAMMA_1]);
    // A curve far from a straight line.
    const unitBias = tf.fill([6, 8], -2);
    const average: Parameters = { ...run.optimizer.average, unitBias };
    const lossesOf = (p: Parameters, given: PixelInputs) => pixelTerms(tf, p, config, given).diffusion;
    const near = (change: number): PixelInputs => ({ ...inputs, t: inputs.t.map((t) => Math.min(1, t + change)) });
    const gammas = (given: PixelInputs) => {
      const at = { kind: 'learned', condition: pixelCondition(tf, 3), times: given.t } as const;
      return Array.from(gammaAt(tf, scheduleOf(average), at).dataSync());
    };
    const [below, above, middle] = [near(-0.01), near(0.01), near(0)].map(gammas);
    const losses = Array.from(lossesOf(average, inputs).dataSync());
    // The last time is an end, with no time above.
    for (const image of [0, 1]) {
      const [alpha, sigma] = [-1, 1].map((sign) => Math.sqrt(sigmoid(sign * middle![image]!))) as [number, number];
      const squares = Array.from({ length: NUM_VALUES }, (_, j) => {
        const eps = noise[image * NUM_VALUES + j]!;
        return (eps - (alpha * levelValue(batch.levels[image * NUM_VALUES + j]!) + sigma * eps)) ** 2;
      });
      const slope = (above![image]! - below![image]!) / 0.02;
      expect(losses[image]! / ((0.5 * slope * mean(squares)) / Math.LN2)).toBeCloseTo(1, 2);
    }
    const gradient = (loss: (bias: Tensor) => Tensor) => Array.from(tf.grad(loss)(unitBias).dataSync());
    const trained = gradient((bias) => tf.mean(lossesOf({ ...average, unitBias: bias }, inputs)));
    const row = trained.slice(0, 8);
    expect(Math.max(...row.map(Math.abs))).toBeGreaterThan(0.001);
    // By differences of the squares' mean.
    const squaresMean = (change: number) => {
      const bias = tf.add(
        unitBias,
        tf
          .oneHot(tf.tensor1d([0], 'int32'), 48)
          .toFloat()
          .reshape([6, 8])
          .mul(change),
      );
      return mean(
        Array.from(
          lossesOf({ ...average, unitBias: bias }, inputs).dataSync(),
          (loss) => VARIANCE_WEIGHT * loss * loss,
        ),
      );
    };
    expect((squaresMean(0.02) - squaresMean(-0.02)) / 0.04 / row[0]!).toBeCloseTo(1, 1);
  });
});
