import { describe, expect, it } from 'vitest';
import { DEFAULT_CONFIG } from '../../src/train/config.ts';
import { learningRates } from '../../src/train/learning-rate.ts';

const CONFIG = { ...DEFAULT_CONFIG, iterations: 1000, warmup: 10, muonLearningRate: 1, adamLearningRate: 0.1 };

describe('learningRates', () => {
  it('warms up, then falls with a cosine to 2 % of its start', () => {
    const rate = (iteration: number) => learningRates(CONFIG, iteration).muon;
    expect(rate(1)).toBeCloseTo(0.1, 3);
    expect(rate(10)).toBeCloseTo(1, 3);
    expect(rate(500)).toBeCloseTo(0.51, 5);
    expect(rate(1000)).toBeCloseTo(0.02, 9);
    expect(rate(1001)).toBeCloseTo(0.02, 9);
  });

  it('has one share for both optimizers, and no warm-up of 0 iterations', () => {
    for (const iteration of [1, 77, 900]) {
      const { muon, adam } = learningRates({ ...CONFIG, warmup: 0 }, iteration);
      expect(adam / muon).toBeCloseTo(0.1, 9);
      expect(muon).toBeGreaterThan(0);
    }
  });

  it('lets the average forget the first weights', () => {
    expect(learningRates(CONFIG, 1).emaDecay).toBeCloseTo(0.1, 9);
    expect(learningRates(CONFIG, 100_000).emaDecay).toBe(CONFIG.emaDecay);
  });
});
