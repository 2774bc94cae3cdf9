import { expect, it } from 'vitest';
import { costOfLevels } from '../../src/diffusion/best-levels.ts';
import { evaluateBound } from '../../src/train/evaluation.ts';
import { pairTerms } from '../../src/train/pair-terms.ts';
import { termCosts } from '../../src/train/term-costs.ts';
import { blindRun, IMAGES } from '../helpers/blind-runs.ts';
import { describeBackends } from '../helpers/tensorflow.ts';
import { randomRun } from '../helpers/tiny-runs.ts';

describeBackends('pairTerms', (tf) => {
  it('sum over the conditions of a list of levels to the bound of as many steps', () => {
    const run = blindRun(tf);
    const before = tf.memory().numTensors;
    const costs = pairTerms(tf, run, IMAGES, { numParts: 4 });
    expect(tf.memory().numTensors).toBe(before);
    // Stages of 8 pixels have condition 4, those of 4 and 2 condition 5.
    expect([...costs.keys()]).toEqual([4, 5]);
    const { base } = termCosts(tf, run, IMAGES, { numSteps: 1 });
    for (const numSteps of [1, 2, 4]) {
      const levels = Array.from({ length: numSteps + 1 }, (_, k) => (4 / numSteps) * k);
      const sum = [...costs.values()].reduce((total, one) => total + costOfLevels(one, levels), base);
      expect(sum).toBeCloseTo(evaluateBound(tf, run, IMAGES, { numSteps }).bitsPerDim, 4);
    }
  });

  it('are the same for the same seed', () => {
    const run = randomRun(tf, { seed: 5 });
    const [first, again, other] = [1, 1, 2].map(
      (seed) => pairTerms(tf, run, IMAGES.slice(0, 1), { numParts: 2, seed }).get(5)!,
    );
    expect(again).toEqual(first);
    expect(other!.steps).not.toEqual(first!.steps);
  });
});
