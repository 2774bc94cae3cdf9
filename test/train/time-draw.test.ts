import { describe, expect, it } from 'vitest';
import { TIME_GRID } from '../../src/diffusion/dimensions.ts';
import { Random } from '../../src/train/random.ts';
import { drawTimes, type TimeDraw } from '../../src/train/time-draw.ts';

/** A source whose uniform numbers are all the same. */
const constant = (value: number): Random => Object.assign(new Random(1), { uniform: () => value });

/** Uneven, and not down to all noise: a chain of 4 steps. */
const LEVELS = [0, 3, 5, 8, 14];
const chainsOf = (batch: number, levels: readonly number[] = LEVELS) => Array.from({ length: batch }, () => levels);

/** 'recon', 'prior' or the level of the latent of the step that an example stands for. */
function termOf(draw: TimeDraw, i: number): string {
  if (draw.recon[i]! > 0) return 'recon';
  return draw.prior[i]! > 0 ? 'prior' : String(draw.t[i]! * TIME_GRID);
}

const weightOf = (draw: TimeDraw, i: number): number => draw.recon[i]! + draw.step[i]! + draw.prior[i]!;

describe('drawTimes', () => {
  it('takes terms by the shares that it is given, weighted so that each counts the same', () => {
    const shares = [0.1, 0.2, 0.4, 0.25, 0.05, 0];
    const counts = new Map<number, number>();
    const draw = drawTimes(chainsOf(1000), new Random(4), { sharesOf: () => shares });
    for (const [i, term] of draw.term.entries()) {
      counts.set(term, (counts.get(term) ?? 0) + 1);
      expect(weightOf(draw, i)).toBeCloseTo(1 / shares[term]!, 4);
      expect(draw.level[i]).toBeCloseTo(term === 1 ? 0 : 1 / shares[term]! / LEVELS.length, 4);
    }
    for (const [term, share] of shares.entries())
      expect(Math.abs((counts.get(term) ?? 0) - 1000 * share)).toBeLessThan(2);
  });

  it('draws each time by itself when asked to', () => {
    const draw = drawTimes(chainsOf(1200), new Random(4), { isIndependent: true });
    const recon = draw.term.filter((term) => term === 0).length;
    expect(Math.abs(recon - 200)).toBeLessThan(60);
    expect(recon).not.toBe(200);
  });

  it.each([
    [1, LEVELS],
    [5, [0, 1, 2, 3, 5, 7, 9, 11, 16]],
    [16, Array.from({ length: 17 }, (_, k) => k)],
  ])('weights every term of the bound 1 on average: batch %i, levels %j', (batch, levels) => {
    const mean = new Map<string, number>();
    const offsets = 480;
    for (let k = 0; k < offsets; k++) {
      const draw = drawTimes(chainsOf(batch, levels), constant((k + 0.5) / offsets));
      for (let i = 0; i < batch; i++) {
        const term = termOf(draw, i);
        mean.set(term, (mean.get(term) ?? 0) + weightOf(draw, i) / batch / offsets);
      }
    }
    expect(mean.size).toBe(levels.length + 1);
    for (const [term, weight] of mean) expect(weight, term).toBeCloseTo(1, 1);
  });

  it('gives each example one term with its times', () => {
    const draw = drawTimes(chainsOf(24), new Random(2));
    for (let i = 0; i < 24; i++) {
      expect([draw.recon[i], draw.step[i], draw.prior[i]].filter((weight) => weight! > 0)).toHaveLength(1);
      const [t, s, known] = [draw.t[i], draw.s[i], draw.known[i]];
      const term = termOf(draw, i);
      if (term === 'recon') expect([t, s, known]).toEqual([0, 0, 1]);
      else if (term === 'prior') expect([t, s, known]).toEqual([14 / TIME_GRID, 0, 0]);
      else expect([t, s, known]).toEqual([t, LEVELS[LEVELS.indexOf(Number(term)) - 1]! / TIME_GRID, 1]);
    }
  });

  it('has low discrepancy: in every draw each term has its share of the batch within one example', () => {
    const batch = 24;
    const random = new Random(3);
    for (let k = 0; k < 50; k++) {
      const draw = drawTimes(chainsOf(batch), random);
      const counts: Record<string, number> = {};
      for (let i = 0; i < batch; i++) counts[termOf(draw, i)] = (counts[termOf(draw, i)] ?? 0) + 1;
      expect(Math.abs(counts.recon! - 4)).toBeLessThanOrEqual(1);
      expect(Math.abs(counts.prior! - 2)).toBeLessThanOrEqual(1);
      for (const level of LEVELS.slice(1)) expect(Math.abs(counts[level]! - 4.5)).toBeLessThanOrEqual(1);
    }
  });
});
