import { expect, it } from 'vitest';
import { evaluateBound } from '../../src/train/evaluation.ts';
import { termCosts } from '../../src/train/term-costs.ts';
import { blindRun, IMAGES } from '../helpers/blind-runs.ts';
import { describeBackends } from '../helpers/tensorflow.ts';

describeBackends('termCosts', (tf) => {
  it.each([2, 5])('sum to the bound, T = %d, and leave no tensors behind', (numSteps) => {
    const run = blindRun(tf);
    const before = tf.memory().numTensors;
    const { base, recon, steps, prior } = termCosts(tf, run, IMAGES, { numSteps });
    expect(tf.memory().numTensors).toBe(before);
    expect(steps).toHaveLength(numSteps);
    const sum = steps.reduce((total, step) => total + step, base + recon + prior);
    expect(sum).toBeCloseTo(evaluateBound(tf, run, IMAGES, { numSteps }).bitsPerDim, 4);
    for (const term of [base, recon, prior, ...steps]) expect(term).toBeGreaterThan(0);
  });
});
