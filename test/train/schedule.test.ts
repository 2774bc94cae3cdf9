import { expect, it } from 'vitest';
import { NUM_CONDITIONS } from '../../src/diffusion/conditions.ts';
import type { Tensor, Tensor2D, Tf } from '../../src/tensorflow.ts';
import { Random } from '../../src/train/random.ts';
import { gammaAt, gammaSlopeAt, initialSchedule, type ScheduleParameters } from '../../src/train/schedule.ts';
import { shapeAt } from '../../src/train/schedule-shape.ts';
import { SCHEDULES, type ScheduleKind } from '../../src/training-methods.ts';
import { describeBackends, valuesOf } from '../helpers/tensorflow.ts';

const END_SIGMA = [10, 20, 30, 40, 50, 60];

/** The initial schedule with normal noise on every parameter. */
function randomSchedule(tf: Tf, seed: number): ScheduleParameters {
  const random = new Random(seed);
  const entries = Object.entries(initialSchedule(tf, END_SIGMA) as unknown as Record<string, Tensor>);
  const noisy = entries.map(([name, value]) => [
    name,
    tf.add(value, tf.tensor(random.normal(value.size), value.shape)),
  ]);
  return Object.fromEntries(noisy) as ScheduleParameters;
}

const oneHot = (tf: Tf, condition: number, rows: number): Tensor2D =>
  tf.oneHot(tf.fill([rows], condition, 'int32'), NUM_CONDITIONS).toFloat() as Tensor2D;

function gammas(
  tf: Tf,
  schedule: ScheduleParameters,
  condition: number,
  times: readonly number[],
  kind: ScheduleKind = 'learned',
): number[] {
  const rows = oneHot(tf, condition, times.length);
  return valuesOf(tf.tidy(() => gammaAt(tf, schedule, { kind, condition: rows, times: Float32Array.from(times) })));
}

const softplus = (x: number): number => Math.log1p(Math.exp(x));

describeBackends('gammaAt', (tf) => {
  it('starts at noise 0.75 and ends at the noise asked for', () => {
    const schedule = initialSchedule(tf, END_SIGMA);
    for (const [condition, sigma] of END_SIGMA.entries()) {
      const [start, end] = gammas(tf, schedule, condition, [0, 1]);
      expect(Math.exp(start! / 2)).toBeCloseTo(0.75, 4);
      expect(Math.exp(end! / 2) / sigma).toBeCloseTo(1, 4);
    }
  });

  it('rises with t between its learned end points, whatever the parameters', () => {
    const times = Array.from({ length: 33 }, (_, i) => i / 32);
    for (let seed = 1; seed <= 5; seed++) {
      const schedule = randomSchedule(tf, seed);
      for (let condition = 0; condition < NUM_CONDITIONS; condition++) {
        const values = gammas(tf, schedule, condition, times);
        const start = schedule.gammaStart.dataSync()[condition]!;
        const range = softplus(schedule.gammaRange.dataSync()[condition]!);
        expect(values[0]).toBeCloseTo(start, 5);
        expect(values.at(-1)).toBeCloseTo(start + range, 4);
        for (let i = 1; i < values.length; i++) expect(values[i]! - values[i - 1]!, `seed ${seed}`).toBeGreaterThan(0);
      }
    }
  });

  it.each(['straight', 'linear', 'cosine'] as const)('goes the way of its shape between the same ends: %s', (kind) => {
    const schedule = randomSchedule(tf, 4);
    const times = [0, 0.3, 0.7, 1];
    const learned = gammas(tf, schedule, 1, times);
    const [start, end] = [learned[0]!, learned.at(-1)!];
    for (const [i, gamma] of gammas(tf, schedule, 1, times, kind).entries()) {
      expect(gamma).toBeCloseTo(start + (end - start) * shapeAt(kind, times[i]!), 4);
    }
  });

  const TRAINED: Record<ScheduleKind, RegExp> = {
    learned: /./,
    straight: /^gamma/,
    linear: /^$/,
    cosine: /^$/,
  };

  it.each(SCHEDULES)('has a gradient in the parameters that it learns, of its condition alone: %s', (kind) => {
    const schedule = randomSchedule(tf, 9) as unknown as Record<string, Tensor>;
    const names = Object.keys(schedule);
    const gradientsOf = tf.grads((...tensors: Tensor[]) => {
      const parameters = Object.fromEntries(names.map((name, i) => [name, tensors[i]!]));
      const times = Float32Array.of(0.4);
      return tf.sum(gammaAt(tf, parameters as never, { kind, condition: oneHot(tf, 2, 1), times }));
    });
    for (const [n, gradient] of gradientsOf(Object.values(schedule)).entries()) {
      const perCondition = gradient.shape[1]!;
      for (const [i, value] of gradient.dataSync().entries()) {
        const isTrained = Math.floor(i / perCondition) === 2 && TRAINED[kind].test(names[n]!);
        if (isTrained) expect(Math.abs(value)).toBeGreaterThan(1e-6);
        else expect(Math.abs(value)).toBe(0);
      }
    }
  });
});

describeBackends('gammaSlopeAt', (tf) => {
  it.each(SCHEDULES)('is the derivative of gammaAt: %s', (kind) => {
    const schedule = randomSchedule(tf, 6);
    const times = [0.05, 0.2, 0.4, 0.7, 0.95];
    // Gammas are of single precision, up to 20: a tenth of a percent of the time is the finest that differences tell.
    const step = 2e-3;
    for (let condition = 0; condition < NUM_CONDITIONS; condition++) {
      const [before, after] = [-step, step].map((by) =>
        gammas(
          tf,
          schedule,
          condition,
          times.map((t) => t + by),
          kind,
        ),
      );
      const at = { kind, condition: oneHot(tf, condition, times.length), times: Float32Array.from(times) };
      for (const [i, slope] of valuesOf(gammaSlopeAt(tf, schedule, at)).entries()) {
        expect(slope / ((after![i]! - before![i]!) / (2 * step)), `t ${times[i]}`).toBeCloseTo(1, 2);
      }
    }
  });

  it('is the sum of VDM, scaled to the ends, in double precision', () => {
    const schedule = randomSchedule(tf, 7);
    const row = (parameter: Tensor2D): number[] => (parameter.arraySync() as number[][])[3]!;
    const [weights, scales] = [schedule.unitWeight, schedule.unitScale].map((units) => row(units).map(softplus));
    const biases = row(schedule.unitBias);
    const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
    const curve = (t: number) => t + scales!.reduce((sum, a, i) => sum + a * sigmoid(weights![i]! * t + biases[i]!), 0);
    const share = (t: number) => (curve(t) - curve(0)) / (curve(1) - curve(0));
    const times = [0, 0.1, 0.45, 0.8, 1];
    const at = { kind: 'learned', condition: oneHot(tf, 3, times.length), times: Float32Array.from(times) } as const;
    for (const [i, slope] of valuesOf(gammaSlopeAt(tf, schedule, at)).entries()) {
      const difference = (share(times[i]! + 1e-5) - share(times[i]! - 1e-5)) / 2e-5;
      expect(slope / (softplus(row(schedule.gammaRange)[0]!) * difference)).toBeCloseTo(1, 4);
    }
  });
});
