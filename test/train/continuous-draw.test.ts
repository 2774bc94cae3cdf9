import { describe, expect, it } from 'vitest';
import { drawContinuousTimes } from '../../src/train/continuous-draw.ts';
import { Random } from '../../src/train/random.ts';

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

describe('drawContinuousTimes', () => {
  it('gives each example one term: L0 at t = 0, the prior at t = 1, or the diffusion loss between them', () => {
    const draw = drawContinuousTimes(48, new Random(3));
    expect(draw.s).toBe(undefined);
    for (let i = 0; i < 48; i++) {
      const weights = [draw.recon[i]!, draw.prior[i]!, draw.step[i]!];
      expect(weights.filter((weight) => weight > 0)).toHaveLength(1);
      expect(weights[draw.term[i]!]).toBeGreaterThan(0);
      if (draw.term[i] === 2) expect(draw.t[i]! > 0 && draw.t[i]! < 1).toBe(true);
      else expect(draw.t[i]).toBe(draw.term[i]);
      expect(draw.known[i]).toBe(draw.term[i] === 1 ? 0 : 1);
      expect(draw.level[i]).toBe(draw.step[i]);
    }
  });

  it.each([false, true])('weights each term 1 on average, and all t the same (independent: %s)', (isIndependent) => {
    const random = new Random(5);
    const draws = Array.from({ length: 400 }, () => drawContinuousTimes(24, random, { isIndependent }));
    for (const name of ['recon', 'prior', 'step', 'level'] as const) {
      expect(Math.abs(mean(draws.flatMap((draw) => [...draw[name]])) - 1), name).toBeLessThan(0.1);
    }
    const times = draws.flatMap(({ t, step }) => [...t].filter((_, i) => step[i]! > 0)).sort((a, b) => a - b);
    for (const [i, t] of times.entries()) expect(Math.abs(t - i / times.length)).toBeLessThan(0.03);
  });

  it('has times of low discrepancy over the batch', () => {
    const { t, step } = drawContinuousTimes(400, new Random(6));
    const times = [...t].filter((_, i) => step[i]! > 0);
    for (const [i, time] of times.entries()) {
      if (i > 0) expect(time - times[i - 1]!).toBeCloseTo(1 / 300, 4);
    }
    expect(Math.abs(times.length - 300)).toBeLessThanOrEqual(1);
  });
});
