/** The bound of infinitely many steps: the limit of that of T steps, and what its gradients teach. */
import { expect, it } from 'vitest';
import type { Tensor, Tensor2D, Tf } from '../../src/tensorflow.ts';
import type { RunState } from '../../src/train/checkpoint.ts';
import type { TrainConfig } from '../../src/train/config.ts';
import { drawContinuousTimes } from '../../src/train/continuous-draw.ts';
import { VARIANCE_WEIGHT } from '../../src/train/curve-gradient.ts';
import { type LossInputs, stageLoss } from '../../src/train/loss.ts';
import { scheduleOf } from '../../src/train/model.ts';
import { Random } from '../../src/train/random.ts';
import { gammaAt } from '../../src/train/schedule.ts';
import type { TimeDraw } from '../../src/train/time-draw.ts';
import { SCHEDULES } from '../../src/training-methods.ts';
import { CONDITION, repeatedBatch, repeatedNoise, VALUES } from '../helpers/repeated-batch.ts';
import { describeBackends, valuesOf } from '../helpers/tensorflow.ts';
import { randomRun, TINY_CONFIG } from '../helpers/tiny-runs.ts';

const CONTINUOUS = { ...TINY_CONFIG, time: 'continuous', variance: 'beta-tilde' } as const;

/** F = 0.25 and G = 0: with the prediction of x, uHat = sd / 4 whatever y and t are. */
function constantRun(tf: Tf, fields: Partial<TrainConfig> = {}): RunState {
  const run = randomRun(tf, { seed: 31, config: { ...CONTINUOUS, ...fields } });
  const bias = Array.from({ length: 18 }, (_, o) => (o < 9 ? 0.25 : 0));
  const denoiserOut = tf.zerosLike(run.parameters.denoiserOut!);
  return { ...run, parameters: { ...run.parameters, denoiserOut, denoiserOutBias: tf.tensor1d(bias) } };
}

/** Examples that all stand for steps from t, to s or of infinitely many, each with weight 1. */
function stepsAt(t: readonly number[], s?: readonly number[]): TimeDraw {
  const all = (value: number) => new Float32Array(t.length).fill(value);
  const times = { t: Float32Array.from(t), ...(s === undefined ? {} : { s: Float32Array.from(s) }) };
  return {
    term: new Uint8Array(t.length),
    known: all(1),
    recon: all(0),
    prior: all(0),
    step: all(1),
    level: all(1),
    ...times,
  };
}

function inputsOf({ standardDeviations }: RunState, draw: TimeDraw): LossInputs {
  const batch = repeatedBatch(draw.t.length);
  return { batch, draw, noise: repeatedNoise(batch.size), standardDeviations };
}

/** The mean over the examples. */
const diffusionOf = (tf: Tf, run: RunState, draw: TimeDraw, roundingVariance = 0): number =>
  tf
    .tidy(() => stageLoss(tf, run.parameters, run.config, { ...inputsOf(run, draw), roundingVariance }).lossDiffusion)
    .dataSync()[0]!;

/** Of T steps together. */
function discreteBound(tf: Tf, run: RunState, numSteps: number, roundingVariance = 0): number {
  const steps = Array.from({ length: numSteps }, (_, i) => i + 1);
  const timesOf = (before: number) => steps.map((step) => (step - before) / numSteps);
  return numSteps * diffusionOf(tf, run, stepsAt(timesOf(0), timesOf(1)), roundingVariance);
}

/** The integral over t in [0, 1] by the middles of even parts of the cube root of t: fixed schedules are steepest near 0. */
function limitOf(tf: Tf, run: RunState, { parts = 256, roundingVariance = 0 } = {}): number {
  const roots = Array.from({ length: parts }, (_, i) => (i + 0.5) / parts);
  const draw = stepsAt(roots.map((root) => root ** 3));
  const step = Float32Array.from(roots, (root) => 3 * root ** 2);
  return diffusionOf(tf, run, { ...draw, step }, roundingVariance);
}

const SCHEDULE_NAMES = ['gammaStart', 'gammaRange', 'unitWeight', 'unitBias', 'unitScale'] as const;
type ScheduleName = (typeof SCHEDULE_NAMES)[number];

/** Gradients of a function of a run's schedule, by name. */
function scheduleGradients(
  tf: Tf,
  { parameters }: RunState,
  of: (p: RunState['parameters']) => Tensor,
  names: readonly ScheduleName[] = SCHEDULE_NAMES,
): Partial<Record<ScheduleName, number[]>> {
  const gradients = tf.grads((...tensors: Tensor[]) =>
    of({ ...parameters, ...Object.fromEntries(names.map((name, i) => [name, tensors[i]!])) }),
  )(names.map((name) => parameters[name]!));
  return Object.fromEntries(names.map((name, i) => [name, Array.from(gradients[i]!.dataSync())]));
}

/** Of u - sd / 4. */
function meanSquareOf({ standardDeviations }: RunState): number {
  const { detail } = repeatedBatch(1);
  const squares = Array.from(detail, (u, i) => (u - 0.25 * standardDeviations[CONDITION]![i % 9]!) ** 2);
  return squares.reduce((sum, value) => sum + value, 0) / VALUES;
}

/** L of each example in bits per coefficient for uHat = sd / 4, by VDM's formulas: 1/2 gamma' exp(-gamma) error^2. */
function explicitLosses(tf: Tf, run: RunState, p: RunState['parameters'], times: readonly number[]): Tensor {
  const row = (name: ScheduleName): Tensor => tf.slice(p[name]!, [CONDITION, 0], [1, -1]);
  const [weight, scale] = [row('unitWeight'), row('unitScale')].map((units) => tf.softplus(units)) as [Tensor, Tensor];
  const unitsAt = (t: Tensor): Tensor => tf.sigmoid(tf.add(tf.mul(weight, t), row('unitBias')));
  const curve = (t: Tensor): Tensor => tf.add(t, tf.sum(tf.mul(scale, unitsAt(t)), 1, true));
  const t = tf.tensor2d([...times], [times.length, 1]);
  const [low, high] = [tf.zeros([1, 1]), tf.ones([1, 1])].map(curve) as [Tensor, Tensor];
  const active = unitsAt(t);
  const slope = tf.add(1, tf.sum(tf.mul(tf.mul(scale, weight), tf.mul(active, tf.sub(1, active))), 1, true));
  const range = tf.div(tf.softplus(row('gammaRange')), tf.sub(high, low));
  const gamma = tf.add(row('gammaStart'), tf.mul(range, tf.sub(curve(t), low)));
  const nats = tf.mul(tf.mul(0.5 * meanSquareOf(run), tf.mul(range, slope)), tf.exp(tf.neg(gamma)));
  return tf.reshape(tf.div(nats, Math.LN2), [-1]);
}

function expectClose(values: readonly number[], expected: readonly number[], name: string): void {
  const largest = Math.max(...expected.map(Math.abs));
  expect(values).toHaveLength(expected.length);
  for (const [i, value] of values.entries()) {
    expect(Math.abs(value - expected[i]!), `${name} ${i}`).toBeLessThanOrEqual(1e-3 * largest);
  }
}

describeBackends('the bound of infinitely many steps', (tf) => {
  it.each(SCHEDULES)('is that of any number of steps where the error is the same at all times: %s', (schedule) => {
    const run = constantRun(tf, { schedule, prediction: 'x' });
    const limit = limitOf(tf, run);
    for (const numSteps of [1, 8]) expect(limit / discreteBound(tf, run, numSteps)).toBeCloseTo(1, 2);
  });

  it('counts the variance of rounding as steps do', () => {
    const run = constantRun(tf, { prediction: 'x' });
    const limit = limitOf(tf, run, { roundingVariance: 1 / 12 });
    expect(limit / discreteBound(tf, run, 8, 1 / 12)).toBeCloseTo(1, 2);
    expect(limit / discreteBound(tf, run, 8)).toBeLessThan(0.95);
  });

  it.each(['v', 'eps'] as const)('is what that of T steps falls to as T grows: %s', (prediction) => {
    const run = randomRun(tf, { seed: 32, config: { ...CONTINUOUS, prediction } });
    const limit = limitOf(tf, run);
    const excess = [8, 32, 128].map((numSteps) => discreteBound(tf, run, numSteps) / limit - 1);
    for (const [i, value] of excess.slice(1).entries()) expect(Math.abs(value)).toBeLessThan(excess[i]! / 3);
    expect(excess[0]).toBeGreaterThan(0.1);
    expect(Math.abs(excess[2]!)).toBeLessThan(0.04);
  });

  it('is estimated without bias by draws', () => {
    const run = randomRun(tf, { seed: 33, config: CONTINUOUS });
    const exact = limitOf(tf, run);
    let mean = 0;
    for (let k = 0; k < 8; k++) {
      const source = Object.assign(new Random(1), { uniform: () => (k + 0.5) / 8 });
      mean += diffusionOf(tf, run, drawContinuousTimes(32, source)) / 8;
    }
    expect(mean / exact).toBeCloseTo(1, 2);
  });

  const TIMES = [0.1, 0.35, 0.6, 0.9];

  it('teaches the ends by the bound, and the curve between them by the mean of squares', () => {
    const run = constantRun(tf, { prediction: 'x' });
    const inputs = inputsOf(run, stepsAt(TIMES));
    const gradients = scheduleGradients(tf, run, (p) => stageLoss(tf, p, run.config, inputs).lossDiffusion);
    const bound = scheduleGradients(tf, run, (p) => tf.mean(explicitLosses(tf, run, p, TIMES)));
    const squares = scheduleGradients(tf, run, (p) =>
      tf.mul(VARIANCE_WEIGHT, tf.mean(tf.square(explicitLosses(tf, run, p, TIMES)))),
    );
    for (const name of SCHEDULE_NAMES) {
      const expected = name.startsWith('gamma') ? bound : squares;
      expectClose(gradients[name]!, expected[name]!, name);
    }
    expect(Math.max(...squares.unitBias!.map(Math.abs))).toBeGreaterThan(
      2 * Math.max(...bound.unitBias!.map(Math.abs)),
    );
  });

  it('teaches straight ends by the bound, and the rest of the schedule nothing', () => {
    const run = constantRun(tf, { prediction: 'x', schedule: 'straight' });
    const inputs = inputsOf(run, stepsAt(TIMES));
    const gradients = scheduleGradients(tf, run, (p) => stageLoss(tf, p, run.config, inputs).total);
    // Without scales the curve of the explicit formula is a straight line.
    const unitScale = tf.fill([6, 8], -100);
    const names = ['gammaStart', 'gammaRange'] as const;
    const explicit = (p: RunState['parameters']) => tf.mean(explicitLosses(tf, run, { ...p, unitScale }, TIMES));
    const expected = scheduleGradients(tf, run, explicit, names);
    for (const name of names) expectClose(gradients[name]!, expected[name]!, name);
    for (const name of ['unitWeight', 'unitBias', 'unitScale'] as const) {
      expect(Math.max(...gradients[name]!.map(Math.abs))).toBe(0);
    }
  });

  it('is the squared error of the noise at all times under the simple objective, which leaves the schedule alone', () => {
    const run = constantRun(tf, { prediction: 'x', schedule: 'cosine', objective: 'simple' });
    const inputs = inputsOf(run, stepsAt(TIMES));
    const total = tf.tidy(() => stageLoss(tf, run.parameters, run.config, inputs).total).dataSync()[0]!;
    const condition = tf.oneHot(tf.fill([TIMES.length], CONDITION, 'int32'), 6).toFloat() as Tensor2D;
    const at = { kind: 'cosine', condition, times: Float32Array.from(TIMES) } as const;
    const gammas = valuesOf(gammaAt(tf, scheduleOf(run.parameters), at));
    const meanInverse = gammas.reduce((sum, gamma) => sum + Math.exp(-gamma), 0) / TIMES.length;
    expect(total / (meanSquareOf(run) * meanInverse)).toBeCloseTo(1, 3);
    const gradients = scheduleGradients(tf, run, (p) => stageLoss(tf, p, run.config, inputs).total);
    for (const name of SCHEDULE_NAMES) expect(Math.max(...gradients[name]!.map(Math.abs))).toBe(0);
  });

  it('has finite gradients in all parameters, and leaves no tensors behind', () => {
    const run = randomRun(tf, { seed: 34, config: CONTINUOUS });
    const before = tf.memory().numTensors;
    const names = Object.keys(run.parameters);
    const norms = tf.tidy(() => {
      const inputs = inputsOf(run, drawContinuousTimes(12, new Random(4)));
      const gradients = tf.grads(
        (...tensors) =>
          stageLoss(tf, Object.fromEntries(names.map((name, i) => [name, tensors[i]!])), run.config, inputs).total,
      )(Object.values(run.parameters));
      return gradients.map((gradient) => tf.norm(gradient).dataSync()[0]!);
    }) as unknown as number[];
    expect(tf.memory().numTensors).toBe(before);
    for (const [i, norm] of norms.entries()) {
      expect(Number.isFinite(norm), names[i]).toBe(true);
      expect(norm, names[i]).toBeGreaterThan(0);
    }
  });
});
