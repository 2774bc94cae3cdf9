import { expect, it } from 'vitest';
import { NUM_CONDITIONS } from '../../src/diffusion/conditions.ts';
import type { Tensor, Tensor2D, Tf } from '../../src/tensorflow.ts';
import { Random } from '../../src/train/random.ts';
import { gammaAt, initialSchedule, type ScheduleParameters } from '../../src/train/schedule.ts';
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
