import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gaussianFreq, scaleSigma } from '../../src/rans/discretised-gaussian.ts';
import { GaussianMixture } from '../../src/rans/gaussian-mixture.ts';
import { stackOfBytes } from '../helpers/stacks.ts';

const TOTAL = 1 << 20;
const parts = fc.array(fc.double({ min: 1e-9, max: 1, noNaN: true }), { minLength: 5, maxLength: 5 });
const mixtures = fc
  .record({ mean16: fc.integer({ min: -20_000, max: 20_000 }), scale: fc.integer({ min: 0, max: 255 }), parts })
  .map(({ mean16, scale, parts }) => {
    const total = parts.reduce((sum, part) => sum + part);
    return mixtureOf(
      mean16,
      scale,
      Float64Array.from(parts, (part) => part / total),
    );
  });

function mixtureOf(mean16: number, scale: number, weights: Float64Array): GaussianMixture {
  const mixture = new GaussianMixture();
  mixture.set(mean16, scale, weights, 0);
  return mixture;
}

const freq = (mixture: GaussianMixture, bin: number): number => mixture.start(bin + 1) - mixture.start(bin);

describe('a mixture of Gaussians', () => {
  it('gives every bin an interval, without gaps', () => {
    fc.assert(
      fc.property(mixtures, (mixture) => {
        let end = 0;
        for (let bin = -mixture.halfWidth; bin <= mixture.halfWidth; bin++) {
          expect(mixture.start(bin)).toBe(end);
          expect(freq(mixture, bin)).toBeGreaterThanOrEqual(1);
          end += freq(mixture, bin);
        }
        expect(end).toBe(TOTAL);
      }),
      { numRuns: 50 },
    );
  });

  it('pops the bin that was pushed, from any stack', () => {
    fc.assert(
      fc.property(mixtures, fc.nat(), fc.integer({ min: -200, max: 200 }), (mixture, seed, value) => {
        const stack = stackOfBytes(40, seed);
        const before = stack.toBytes();
        const bin = mixture.binOf(mixture.centre + value);
        stack.push(mixture.start(bin), freq(mixture, bin), 20);
        expect(mixture.pop(stack)).toBe(bin);
        expect(stack.toBytes()).toEqual(before);
      }),
    );
  });

  it('is its middle component where that has all the weight', () => {
    const mixture = mixtureOf(37, 80, Float64Array.of(0, 0, 1, 0, 0));
    for (let value = -20; value <= 20; value++) {
      const single = gaussianFreq(value, 37, 80);
      expect(Math.abs(freq(mixture, mixture.binOf(value)) - single)).toBeLessThan(2 + single / 1000);
    }
  });

  it('shares the probability of components an octave apart by their weights', () => {
    const mixture = mixtureOf(0, 112, Float64Array.of(0, 0.5, 0, 0.5, 0));
    const density = (sigma: number): number => 1 / (sigma * Math.sqrt(2 * Math.PI));
    const sigma = scaleSigma(112);
    expect(freq(mixture, 0) / TOTAL).toBeCloseTo((density(sigma / 2) + density(2 * sigma)) / 2, 2);
  });

  it('learns which components its bins come from, and nothing from bins that all find impossible', () => {
    const weights = Float64Array.of(0.2, 0.2, 0.2, 0.2, 0.2);
    const mixture = new GaussianMixture();
    for (let i = 0; i < 2000; i++) {
      mixture.set(0, 144, weights, 0);
      mixture.learn(0, weights, 0, 1 / 64);
    }
    expect(weights[0]).toBeGreaterThan(0.9);
    expect(weights.reduce((sum, weight) => sum + weight)).toBeCloseTo(1, 9);
    mixture.set(0, 16, weights, 0);
    const before = weights.slice();
    mixture.learn(mixture.halfWidth, weights, 0, 1 / 64);
    expect(weights).toEqual(before);
  });
});
