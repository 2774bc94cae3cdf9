import { describe, expect, it } from 'vitest';
import { estimateOf, evenSteps } from '../../src/train/even-steps.ts';
import { Random } from '../../src/train/random.ts';

describe('evenSteps', () => {
  it.each([2, 4, 16])('takes each of T = %d steps where there are not more than asked for', (numSteps) => {
    const { steps, weight } = evenSteps(numSteps, { samples: 16, examples: 3 }, new Random(1));
    const all = Array.from({ length: numSteps }, (_, i) => i + 1);
    expect(steps).toEqual([all, all, all]);
    expect(weight).toBe(1);
  });

  it('takes each step of many equally often, one from each even part', () => {
    const { steps, weight } = evenSteps(24, { samples: 5, examples: 20_000 }, new Random(2));
    expect(weight).toBeCloseTo(24 / 5, 12);
    let strays = 0;
    const counts = new Array<number>(25).fill(0);
    for (const list of steps) {
      for (const [part, step] of list.entries()) {
        strays += step > (part * 24) / 5 && step < ((part + 1) * 24) / 5 + 1 ? 0 : 1;
        counts[step]! += weight;
      }
    }
    expect(strays).toBe(0);
    for (const count of counts.slice(1)) expect(count / 20_000).toBeCloseTo(1, 2);
  });
});

describe('estimateOf', () => {
  it('has the mean, and the standard deviation over the root of the number', () => {
    const { bitsPerDim, standardError, images } = estimateOf([1, 2, 3, 6]);
    expect([bitsPerDim, images]).toEqual([3, 4]);
    expect(standardError).toBeCloseTo(Math.sqrt((4 + 1 + 0 + 9) / 3 / 4), 12);
  });
});
