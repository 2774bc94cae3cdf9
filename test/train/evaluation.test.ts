import { expect, it } from 'vitest';
import { conditionOf } from '../../src/diffusion/conditions.ts';
import { discretisedBits, gaussianKlBits } from '../../src/diffusion/vlb.ts';
import { analyse } from '../../src/pyramid/haar.ts';
import type { Tensor2D, Tf } from '../../src/tensorflow.ts';
import type { RunState } from '../../src/train/checkpoint.ts';
import type { Plane } from '../../src/train/dataset.ts';
import { evaluateBound } from '../../src/train/evaluation.ts';
import { estimateOf } from '../../src/train/even-steps.ts';
import { scheduleOf } from '../../src/train/model.ts';
import { gammaAt } from '../../src/train/schedule.ts';
import { blindRun, IMAGES, SIDE } from '../helpers/blind-runs.ts';
import { describeBackends } from '../helpers/tensorflow.ts';
import { randomRun } from '../helpers/tiny-runs.ts';

/** n_t^2, and what rounding adds. */
function varianceAt(tf: Tf, run: RunState, condition: number, t: number): number {
  const oneHot = tf.oneHot(tf.tensor1d([condition], 'int32'), 6).toFloat() as Tensor2D;
  const times = { kind: run.config.schedule, condition: oneHot, times: Float32Array.of(t) };
  return Math.exp(gammaAt(tf, scheduleOf(run.optimizer.average), times).dataSync()[0]!) + 1 / 12;
}

/** The bound of one image in bits, term by term. */
function closedForm(tf: Tf, run: RunState, image: readonly Plane[], numSteps: number): number {
  let bits = 26;
  for (const [level, { height, width, data }] of image.entries()) {
    const condition = conditionOf(level, height, width);
    const variances = Array.from({ length: numSteps + 1 }, (_, k) => varianceAt(tf, run, condition, k / numSteps));
    for (const [i, u] of analyse(data, height, width, 3).detail.entries()) {
      const sd = run.standardDeviations[condition]![i % 9]!;
      const last = variances[numSteps]!;
      bits += discretisedBits(u, sd) + gaussianKlBits(last, last + sd * sd, u);
      for (let k = 1; k <= numSteps; k++) {
        const [varS, varT] = [variances[k - 1]!, variances[k]!];
        const rest = 1 - varS / varT;
        bits += gaussianKlBits(varS * rest, varS * rest + (rest * sd) ** 2, rest * u);
      }
    }
  }
  return bits;
}

describeBackends('evaluateBound', (tf) => {
  it.each([2, 5])('is the sum of all terms of all stages and the base, T = %d', (numSteps) => {
    const run = blindRun(tf);
    const { bitsPerDim, standardError, images } = evaluateBound(tf, run, IMAGES, { numSteps });
    const rates = IMAGES.map((image) => closedForm(tf, run, image, numSteps) / (SIDE * SIDE * 3));
    const mean = rates.reduce((sum, rate) => sum + rate, 0) / 3;
    expect(bitsPerDim / mean).toBeCloseTo(1, 4);
    const squares = rates.reduce((sum, rate) => sum + (rate - mean) ** 2, 0);
    expect(standardError / Math.sqrt(squares / 2 / 3)).toBeCloseTo(1, 2);
    expect(images).toBe(3);
  });

  it('is estimated without bias by some of the steps', () => {
    const run = blindRun(tf);
    const exact = evaluateBound(tf, run, IMAGES, { numSteps: 16 });
    const seeds = Array.from({ length: 12 }, (_, seed) => seed);
    const errors = seeds.map(
      (seed) => evaluateBound(tf, run, IMAGES, { numSteps: 16, samples: 4, seed }).bitsPerDim - exact.bitsPerDim,
    );
    const { bitsPerDim: mean, standardError } = estimateOf(errors);
    expect(Math.abs(mean)).toBeLessThan(3 * standardError);
    expect(standardError / exact.bitsPerDim).toBeLessThan(0.02);
  });

  it('is the same for the same seed, and leaves no tensors behind', () => {
    const run = randomRun(tf, { seed: 5 });
    const before = tf.memory().numTensors;
    const [first, again, other] = [1, 1, 2].map((seed) => evaluateBound(tf, run, IMAGES, { numSteps: 4, seed }));
    expect(again).toEqual(first);
    expect(other!.bitsPerDim).not.toBe(first!.bitsPerDim);
    expect(tf.memory().numTensors).toBe(before);
  });
});
