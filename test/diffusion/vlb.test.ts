import { describe, expect, it } from 'vitest';
import { discretisedBits, gaussianKlBits } from '../../src/diffusion/vlb.ts';

const density = (x: number, variance: number) =>
  Math.exp((-x * x) / (2 * variance)) / Math.sqrt(2 * Math.PI * variance);

/** By the trapezoidal rule, which is nearly exact for smooth functions that vanish at both ends. */
function integrate(f: (x: number) => number, from: number, to: number, steps: number): number {
  const width = (to - from) / steps;
  let sum = (f(from) + f(to)) / 2;
  for (let i = 1; i < steps; i++) sum += f(from + i * width);
  return sum * width;
}

function numericKlBits(variance: number, modelVariance: number, error: number): number {
  const reach = 12 * Math.sqrt(variance);
  const logRatio = (x: number) =>
    (-x * x) / (2 * variance) + (x + error) ** 2 / (2 * modelVariance) + Math.log(modelVariance / variance) / 2;
  return integrate((x) => (density(x, variance) * logRatio(x)) / Math.LN2, -reach, reach, 4000);
}

describe('gaussianKlBits', () => {
  it.each([
    [1, 1, 0],
    [1, 1, 3],
    [1, 4, 0],
    [4, 1, -2],
    [0.01, 0.5, 0.3],
    [900, 2, 11],
    [2, 900, -40],
  ])('is the integral for variances %f and %f and error %f', (variance, modelVariance, error) => {
    const bits = gaussianKlBits(variance, modelVariance, error);
    expect(bits).toBeCloseTo(numericKlBits(variance, modelVariance, error), 8);
  });

  it('is 0 for equal distributions, positive for others, and even in the error', () => {
    expect(gaussianKlBits(3, 3, 0)).toBe(0);
    expect(gaussianKlBits(3, 3.1, 0)).toBeGreaterThan(0);
    expect(gaussianKlBits(3, 2.9, 0)).toBeGreaterThan(0);
    expect(gaussianKlBits(3, 5, -7)).toBe(gaussianKlBits(3, 5, 7));
  });
});

describe('discretisedBits', () => {
  const CASES = [0.03125, 0.2, 1, 3.7, 40, 1900].flatMap((sigma) => [0, 0.25, 0.5].map((mean) => ({ sigma, mean })));

  it.each(CASES)('are those of probabilities that sum to 1 (sigma $sigma, mean $mean)', ({ sigma, mean }) => {
    const reach = Math.ceil(8 * sigma) + 1;
    let total = 0;
    for (let u = -reach; u <= reach; u++) total += 2 ** -discretisedBits(u - mean, sigma);
    expect(total).toBeCloseTo(1, 6);
  });

  it.each([
    [0, 1],
    [0.5, 1],
    [-2, 1],
    [5, 1.5],
    [-3, 40],
    [700, 300],
  ])('are the integral of the density over the bin (error %f, sigma %f)', (error, sigma) => {
    const mass = integrate((x) => density(x, sigma * sigma), error - 0.5, error + 0.5, 2000);
    expect(discretisedBits(error, sigma)).toBeCloseTo(-Math.log2(mass), 3);
  });

  it('rise with the distance, as long as there are numbers for it, and stay finite', () => {
    const bits = [0, 1, 3, 10, 30].map((error) => discretisedBits(error, 1));
    expect(bits).toEqual(bits.toSorted((a, b) => a - b));
    expect(new Set(bits).size).toBe(5);
    expect(discretisedBits(2000, 0.1)).toBe(1074);
  });
});
