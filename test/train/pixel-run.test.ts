import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { rgbToYcocg } from '../../src/pyramid/ycocg.ts';
import type { Tf } from '../../src/tensorflow.ts';
import type { RunState } from '../../src/train/checkpoint.ts';
import type { Plane } from '../../src/train/dataset.ts';
import { assertPixelConfig, PIXEL_METHODS } from '../../src/train/pixel-config.ts';
import { levelValue, type PixelInputs, pixelTerms } from '../../src/train/pixel-loss.ts';
import { evaluatePixels, freshPixelRun, pixelBatch, trainPixels } from '../../src/train/pixel-run.ts';
import { Random } from '../../src/train/random.ts';
import { describeBackends } from '../helpers/tensorflow.ts';
import { TINY_CONFIG, temporaryFolder } from '../helpers/tiny-runs.ts';

const SIDE = 4;
const VALUES = SIDE * SIDE * 3;
const CONFIG = { ...TINY_CONFIG, ...PIXEL_METHODS, fakeQuantize: false };

function imageOf(seed: number): Plane[] {
  const random = new Random(seed);
  const rgb = Uint8Array.from({ length: VALUES }, () => (seed === 0 ? 255 : random.integer(256)));
  return [{ height: SIDE, width: SIDE, data: rgbToYcocg(rgb) }];
}

const IMAGES = [imageOf(0), imageOf(1), imageOf(2)];

/** Gammas that make every term matter: n_0 of nearly a level, a last latent that is not quite noise. */
const [GAMMA_0, GAMMA_1] = [-10, 3];

/** A run whose network adds nothing, so that epsHat = z. */
function idleRun(tf: Tf, start = GAMMA_0): RunState {
  const run = freshPixelRun(tf, CONFIG);
  const { average } = run.optimizer;
  const gammas = {
    gammaStart: tf.fill([6, 1], start),
    gammaRange: tf.fill([6, 1], Math.log(Math.expm1(GAMMA_1 - start))),
  };
  const idle = { ...average, ...gammas, denoiserOut: tf.zerosLike(average.denoiserOut!) };
  return { ...run, optimizer: { ...run.optimizer, average: idle } };
}

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

function termsOf(tf: Tf, run: RunState, inputs: PixelInputs) {
  const { recon, prior, diffusion } = pixelTerms(tf, run.optimizer.average, CONFIG, inputs);
  return { recon: [...recon.dataSync()], prior: [...prior.dataSync()], diffusion: [...diffusion.dataSync()] };
}

describeBackends('a plain VDM on pixels', (tf) => {
  const batch = pixelBatch(IMAGES.map(([finest]) => finest!));
  const noise = new Random(6).normal(batch.levels.length);
  const times = [0.2, 0.5, 1];
  const inputs = { batch, t: Float32Array.from(times), noise, reconImages: 3 };

  it.each([
    [{ schedule: 'learned' }, '"schedule" of a plain VDM on pixels must be "straight", got "learned"'],
    [{ prediction: 'v' }, '"prediction" of a plain VDM on pixels must be "eps", got "v"'],
    [{ objective: 'details' }, '"objective" of a plain VDM on pixels must be "vlb", got "details"'],
    [{ variance: 'learned' }, '"variance" of a plain VDM on pixels must be "beta-tilde", got "learned"'],
    [
      { timeSampler: 'importance' },
      '"timeSampler" of a plain VDM on pixels must be "low-discrepancy", got "importance"',
    ],
    [{ process: 'absorbing' }, '"process" of a plain VDM on pixels must be "gaussian", got "absorbing"'],
  ] as const)('refuses %j', async (fields, message) => {
    const log = join(await temporaryFolder(), 'log.csv');
    await expect(trainPixels(tf, { config: { ...CONFIG, ...fields }, images: IMAGES, log })).rejects.toThrow(message);
  });

  it('has the terms of the closed forms', () => {
    const terms = termsOf(tf, idleRun(tf), inputs);
    const n0 = Math.exp(GAMMA_0 / 2);
    for (const [image, t] of times.entries()) {
      const values = Array.from({ length: VALUES }, (_, j) => ({
        v: batch.levels[image * VALUES + j]!,
        x: levelValue(batch.levels[image * VALUES + j]!),
        eps: noise[image * VALUES + j]!,
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
    const run = idleRun(tf);
    const lossOf = (numSteps: number) => {
      const s = Float32Array.from(times, (t) => t - 1 / numSteps);
      return mean(termsOf(tf, run, { ...inputs, steps: { numSteps, s } }).diffusion);
    };
    const continuous = mean(termsOf(tf, run, inputs).diffusion);
    // T expm1(d / T) = d (1 + d / 2T + ...) with d = 13.
    expect(lossOf(1000) / continuous).toBeCloseTo(1 + 13 / 2000, 3);
    expect(lossOf(100) / continuous).toBeCloseTo((100 / 13) * Math.expm1(13 / 100), 2);
  });

  it.each([8, 3])('evaluates to its expectation by %d of 8 steps', (samples) => {
    const [start, T] = [-14, 8];
    const run = idleRun(tf, start);
    const seeds = [1, 2, 3, 4, 5, 6, 7, 8];
    const rates = seeds.map((seed) => evaluatePixels(tf, run, IMAGES, { numSteps: T, samples, seed }).bitsPerDim);
    const squares = mean(Array.from(batch.levels, (v) => levelValue(v) ** 2));
    const end = sigmoid(GAMMA_1);
    // With n_0 of a ninth of a level L0 is nothing.
    let nats = 0.5 * (end + (1 - end) * squares - 1 - Math.log(end));
    for (let k = 1; k <= T; k++) {
      const sigma = Math.sqrt(sigmoid(start + ((GAMMA_1 - start) * k) / T));
      nats += 0.5 * Math.expm1((GAMMA_1 - start) / T) * ((1 - sigma) ** 2 + (1 - sigma ** 2) * squares);
    }
    expect(mean(rates) / (nats / Math.LN2)).toBeCloseTo(1, 1);
  });

  it('learns, logs, and leaves no tensors behind but its own', async () => {
    const log = join(await temporaryFolder(), 'log.csv');
    const config = {
      ...CONFIG,
      iterations: 40,
      batchPositions: 16,
      adamLearningRate: 0.01,
      emaDecay: 0.5,
      logEvery: 10,
    };
    const before = tf.memory().numTensors;
    const fresh = freshPixelRun(tf, config);
    const ofRun = tf.memory().numTensors - before;
    const run = await trainPixels(tf, { config, images: IMAGES, log });
    expect(tf.memory().numTensors - before).toBe(2 * ofRun);
    expect(run).toMatchObject({ iteration: 40, examples: 160 });
    const rate = (each: RunState) => evaluatePixels(tf, each, IMAGES, { numSteps: 16 }).bitsPerDim;
    expect(rate(run)).toBeLessThan(0.9 * rate(fresh));
    expect((await readFile(log, 'utf8')).trimEnd().split('\n').map(Number.parseFloat).slice(1)).toEqual([
      10, 20, 30, 40,
    ]);
    for (const each of [fresh, run]) tf.dispose([each.parameters, each.optimizer] as never);
  });
});

it('tells which fields that are set for a run it has no use for', () => {
  expect(() => assertPixelConfig(CONFIG, ['channels', 'fourier'])).not.toThrow();
  expect(() => assertPixelConfig(CONFIG, ['channels', 'seedShare'])).toThrow(
    '"seedShare" means nothing to a plain VDM on pixels',
  );
});
