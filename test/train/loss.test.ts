import { expect, it } from 'vitest';
import { discretisedBits, gaussianKlBits } from '../../src/diffusion/vlb.ts';
import type { Tf } from '../../src/tensorflow.ts';
import type { Batch } from '../../src/train/batch.ts';
import type { RunState } from '../../src/train/checkpoint.ts';
import { type LossInputs, stageLoss } from '../../src/train/loss.ts';
import { Random } from '../../src/train/random.ts';
import { drawTimes, type TimeDraw } from '../../src/train/time-draw.ts';
import { CONDITION, repeatedBatch, repeatedNoise, VALUES } from '../helpers/repeated-batch.ts';
import { describeBackends } from '../helpers/tensorflow.ts';
import { randomRun } from '../helpers/tiny-runs.ts';

function inputsOf(run: RunState, batch: Batch, draw: TimeDraw): LossInputs {
  return { batch, draw, noise: repeatedNoise(batch.size), standardDeviations: run.standardDeviations };
}

type Kind = 'recon' | 'prior' | number;

/** A draw of one example that stands for one term with weight 1. */
function drawOf(kind: Kind, numSteps: number): TimeDraw {
  const one = (value: number) => Float32Array.of(value);
  const [t, s] = typeof kind === 'number' ? [kind / numSteps, (kind - 1) / numSteps] : [kind === 'prior' ? 1 : 0, 0];
  const weights = { recon: one(0), step: one(0), prior: one(0), [typeof kind === 'number' ? 'step' : kind]: one(1) };
  const isKnown = kind === 'prior' ? 0 : 1;
  return { term: new Uint8Array(1), t: one(t), s: one(s), known: one(isKnown), level: one(isKnown), ...weights };
}

type Terms = Record<'total' | 'lossRecon' | 'lossDiffusion' | 'lossPrior' | 'direct' | 'examples', number>;

function termsOf(tf: Tf, run: RunState, inputs: LossInputs): Terms {
  return tf.tidy(() => {
    const entries = Object.entries(stageLoss(tf, run.parameters, run.config, inputs));
    return Object.fromEntries(entries.map(([name, value]) => [name, value.dataSync()[0]!])) as never;
  }) as unknown as Terms;
}

/** The same run with F = 0.25 and G = -0.5 for every coefficient. */
function constantRun(tf: Tf, seed: number): RunState {
  const run = randomRun(tf, { seed });
  const outputs = Array.from({ length: 18 }, (_, o) => (o < 9 ? 0.25 : -0.5));
  const denoiserOut = tf.zerosLike(run.parameters.denoiserOut!);
  return { ...run, parameters: { ...run.parameters, denoiserOut, denoiserOutBias: tf.tensor1d(outputs) } };
}

const softplus = (x: number): number => Math.log1p(Math.exp(x));
const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

/** gamma(t) as VDM defines it, in numbers. */
function gamma({ parameters }: RunState, t: number): number {
  const row = (name: string): number[] => (parameters[name]!.arraySync() as number[][])[CONDITION]!;
  const [weights, biases, scales] = [row('unitWeight'), row('unitBias'), row('unitScale')];
  const monotone = (time: number): number =>
    weights.reduce((sum, w, i) => sum + softplus(scales[i]!) * sigmoid(softplus(w) * time + biases[i]!), time);
  const fraction = (monotone(t) - monotone(0)) / (monotone(1) - monotone(0));
  return row('gammaStart')[0]! + softplus(row('gammaRange')[0]!) * fraction;
}

/** What one example costs, for F = 0.25 and G = -0.5, in numbers from the formulas of the method. */
function closedForm(run: RunState, kind: Kind, { numSteps, gray }: { numSteps: number; gray: boolean }): number {
  const { detail, mask } = repeatedBatch(1, { gray });
  const noise = new Random(12).normal(VALUES);
  const [t, s] = typeof kind === 'number' ? [kind / numSteps, (kind - 1) / numSteps] : [kind === 'prior' ? 1 : 0, 0];
  const [varT, varS] = [Math.exp(gamma(run, t)), Math.exp(gamma(run, s))];
  let bits = 0;
  for (const [i, u] of detail.entries()) {
    if (mask[i % 9] === 0) continue;
    const sd = run.standardDeviations[CONDITION]![i % 9]!;
    const y = Math.floor(u + Math.sqrt(varT) * noise[i]! + 0.5);
    const scale = kind === 'prior' ? sd : (Math.sqrt(varT) * sd) / Math.hypot(sd, Math.sqrt(varT));
    const uHat = (kind === 'prior' ? 0 : (sd ** 2 / (sd ** 2 + varT)) * y) + 0.25 * scale;
    const tau = scale * Math.SQRT1_2;
    const rest = 1 - varS / varT;
    if (kind === 'recon') bits += discretisedBits(u - uHat, tau);
    else if (kind === 'prior') bits += gaussianKlBits(varT, varT + tau ** 2, u - uHat);
    else bits += gaussianKlBits(varS * rest, varS * rest + (rest * tau) ** 2, rest * (u - uHat));
  }
  return bits / VALUES;
}

describeBackends('stageLoss', (tf) => {
  const numSteps = 4;
  const LEVELS = [0, 4, 8, 12, 16];
  const chains = (batch: number) => Array.from({ length: batch }, () => LEVELS);

  it.each([false, true])('has the terms of the closed forms (gray: %s)', (gray) => {
    const run = constantRun(tf, 21);
    const bits = (kind: Kind) => termsOf(tf, run, inputsOf(run, repeatedBatch(1, { gray }), drawOf(kind, numSteps)));
    const expected = (kind: Kind) => closedForm(run, kind, { numSteps, gray });
    const close = (value: number, target: number) => expect(value / target).toBeCloseTo(1, 3);
    close(bits('recon').lossRecon, expected('recon'));
    close(bits('prior').lossPrior, expected('prior'));
    for (let step = 1; step <= numSteps; step++) close(bits(step).lossDiffusion, expected(step));
  });

  it('tells the term of each example without its weight', () => {
    const run = constantRun(tf, 21);
    const draw = drawOf(2, numSteps);
    const terms = termsOf(tf, run, inputsOf(run, repeatedBatch(1), { ...draw, step: Float32Array.of(3) }));
    expect(terms.examples * 3).toBeCloseTo(terms.lossDiffusion, 3);
  });

  it('is the squared error of the noise under the simple objective, and a little of the bound beside it under the hybrid one', () => {
    const run = constantRun(tf, 21);
    const totalOf = (objective: 'simple' | 'hybrid') => {
      const config = { ...run.config, objective };
      return termsOf(tf, { ...run, config }, inputsOf(run, repeatedBatch(1), drawOf(2, numSteps)));
    };
    const { detail } = repeatedBatch(1);
    const noise = new Random(12).normal(VALUES);
    const n = Math.exp(gamma(run, 2 / numSteps) / 2);
    const squares = detail.map((u, i) => {
      const sd = run.standardDeviations[CONDITION]![i % 9]!;
      const y = Math.floor(u + n * noise[i]! + 0.5);
      const uHat = (sd ** 2 / (sd ** 2 + n ** 2)) * y + (0.25 * n * sd) / Math.hypot(sd, n);
      return ((u - uHat) / n) ** 2;
    });
    const mean = squares.reduce((sum, value) => sum + value, 0) / VALUES;
    expect(totalOf('simple').total / mean).toBeCloseTo(1, 3);
    const { total, lossDiffusion } = totalOf('hybrid');
    expect(total).toBeCloseTo(mean + 0.001 * lossDiffusion, 3);
  });

  it.each(['simple', 'hybrid'] as const)('teaches variances by what the objective says: %s', (objective) => {
    const run = constantRun(tf, 21);
    const config = { ...run.config, objective };
    const inputs = inputsOf(run, repeatedBatch(1), drawOf(2, numSteps));
    const gradient = tf.tidy(() =>
      tf
        .grad((bias) => stageLoss(tf, { ...run.parameters, denoiserOutBias: bias }, config, inputs).total)(
          run.parameters.denoiserOutBias!,
        )
        .dataSync(),
    );
    const [mean, variance] = [gradient.slice(0, 9), gradient.slice(9)].map((part) => part.map(Math.abs));
    expect(Math.max(...mean!)).toBeGreaterThan(1e-3);
    if (objective === 'simple') expect(Math.max(...variance!)).toBe(0);
    else expect(Math.max(...variance!)).toBeGreaterThan(1e-6);
    expect(Math.max(...variance!)).toBeLessThan(1e-3);
  });

  it('leaves G out where variances are fixed', () => {
    const run = constantRun(tf, 21);
    const zero = {
      ...run.parameters,
      denoiserOutBias: tf.tensor1d(Array.from({ length: 18 }, (_, o) => (o < 9 ? 0.25 : 0))),
    };
    const inputs = inputsOf(run, repeatedBatch(1), drawOf(2, numSteps));
    const fixed = termsOf(tf, { ...run, config: { ...run.config, variance: 'fixed' } }, inputs);
    const learned = termsOf(tf, { ...run, parameters: zero }, inputs);
    expect(fixed.lossDiffusion).toBeCloseTo(learned.lossDiffusion, 5);
    expect(fixed.lossDiffusion).not.toBeCloseTo(termsOf(tf, run, inputs).lossDiffusion, 2);
  });

  it.each([
    ['beta-tilde', 0],
    // G = -0.5 is v = 1/4.
    ['interpolated', 0.25],
  ] as const)('has the variances of %s in its steps, and those of an error elsewhere', (variance, v) => {
    const run = constantRun(tf, 21);
    const config = { ...run.config, variance };
    const bits = (kind: Kind, fields: Partial<RunState['config']> = {}) =>
      termsOf(
        tf,
        { ...run, config: { ...config, ...fields } },
        inputsOf(run, repeatedBatch(1), drawOf(kind, numSteps)),
      );
    const { detail } = repeatedBatch(1);
    const noise = new Random(12).normal(VALUES);
    const [varT, varS] = [Math.exp(gamma(run, 2 / numSteps)), Math.exp(gamma(run, 1 / numSteps))];
    const rest = 1 - varS / varT;
    const terms = detail.map((u, i) => {
      const squared = run.standardDeviations[CONDITION]![i % 9]! ** 2;
      const y = Math.floor(u + Math.sqrt(varT) * noise[i]! + 0.5);
      const error = u - (squared * y) / (squared + varT) - 0.25 * Math.sqrt((squared * varT) / (squared + varT));
      const [lower, upper] = [varS * rest, (rest * varT * (squared + varS)) / (squared + varT)];
      return gaussianKlBits(lower, lower ** (1 - v) * upper ** v, rest * error);
    });
    const mean = terms.reduce((sum, value) => sum + value, 0) / VALUES;
    expect(bits(2).lossDiffusion / mean).toBeCloseTo(1, 3);
    const elsewhere = variance === 'beta-tilde' ? 'fixed' : 'learned';
    for (const kind of ['recon', 'prior'] as const) {
      expect(bits(kind).examples).toBe(bits(kind, { variance: elsewhere }).examples);
    }
  });

  it.each(['eps', 'x'] as const)('takes F for %s where it sees y, and for u / sd where not', (prediction) => {
    const run = constantRun(tf, 21);
    const config = { ...run.config, prediction };
    const bits = (kind: Kind) =>
      termsOf(tf, { ...run, config }, inputsOf(run, repeatedBatch(1), drawOf(kind, numSteps)));
    const n = Math.exp(gamma(run, 0) / 2);
    const { detail } = repeatedBatch(1);
    const noise = new Random(12).normal(VALUES);
    const expected = detail.map((u, i) => {
      const sd = run.standardDeviations[CONDITION]![i % 9]!;
      const y = Math.floor(u + n * noise[i]! + 0.5);
      const uHat = prediction === 'eps' ? y - n * 0.25 : sd * 0.25;
      return discretisedBits(u - uHat, (prediction === 'eps' ? n : sd) * Math.SQRT1_2);
    });
    expect(bits('recon').lossRecon / (expected.reduce((sum, value) => sum + value, 0) / VALUES)).toBeCloseTo(1, 3);
    const prior = closedForm(run, 'prior', { numSteps, gray: false });
    expect(bits('prior').lossPrior / prior).toBeCloseTo(1, 3);
  });

  it('codes directly by the mean and tau of the call without y', () => {
    const run = constantRun(tf, 21);
    const { direct } = termsOf(tf, run, inputsOf(run, repeatedBatch(1), drawOf('prior', numSteps)));
    const sds = run.standardDeviations[CONDITION]!;
    const { detail } = repeatedBatch(1);
    const bits = detail.map((u, i) => discretisedBits(u - 0.25 * sds[i % 9]!, sds[i % 9]! * Math.SQRT1_2));
    expect(direct / (bits.reduce((sum, value) => sum + value, 0) / VALUES)).toBeCloseTo(1, 3);
  });

  it('estimates the bound without bias over draws', () => {
    const run = randomRun(tf, { seed: 22 });
    const termsAt = (size: number, draw: TimeDraw) => termsOf(tf, run, inputsOf(run, repeatedBatch(size), draw));
    const steps = Array.from({ length: numSteps }, (_, i) => termsAt(1, drawOf(i + 1, numSteps)).lossDiffusion);
    const prior = termsAt(1, drawOf('prior', numSteps));
    const exact = {
      lossRecon: termsAt(1, drawOf('recon', numSteps)).lossRecon,
      lossDiffusion: steps.reduce((sum, value) => sum + value, 0),
      lossPrior: prior.lossPrior,
      direct: prior.direct,
    };
    // 3 examples at 16 offsets make 48 times: 8 of L0, 4 of the prior, 9 of each step, just as often as they should be.
    const means = { lossRecon: 0, lossDiffusion: 0, lossPrior: 0, direct: 0, total: 0 };
    for (let k = 0; k < 16; k++) {
      const source = Object.assign(new Random(1), { uniform: () => (k + 0.5) / 16 });
      const terms = termsAt(3, drawTimes(chains(3), source));
      for (const name of Object.keys(means) as (keyof typeof means)[]) means[name] += terms[name] / 16;
    }
    for (const [name, value] of Object.entries(exact))
      expect(means[name as keyof typeof means] / value).toBeCloseTo(1, 4);
    const vlb = exact.lossRecon + exact.lossDiffusion + exact.lossPrior;
    expect(means.total / (vlb + exact.direct / 12)).toBeCloseTo(1, 4);
  });

  it('has finite gradients in all parameters, and leaves no tensors behind', () => {
    const run = randomRun(tf, { seed: 23 });
    const before = tf.memory().numTensors;
    const names = Object.keys(run.parameters);
    const norms = tf.tidy(() => {
      const inputs = inputsOf(run, repeatedBatch(12), drawTimes(chains(12), new Random(4)));
      const gradients = tf.grads(
        (...tensors) =>
          stageLoss(tf, Object.fromEntries(names.map((name, i) => [name, tensors[i]!])), run.config, inputs).total,
      )(Object.values(run.parameters));
      return gradients.map((gradient) => tf.norm(gradient).dataSync()[0]!);
    });
    expect(tf.memory().numTensors).toBe(before);
    for (const [i, norm] of norms.entries()) {
      expect(Number.isFinite(norm), names[i]).toBe(true);
      expect(norm, names[i]).toBeGreaterThan(0);
    }
  });
});
