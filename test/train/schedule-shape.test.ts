import { describe, expect, it } from 'vitest';
import { shapeAt, shapeSlopeAt } from '../../src/train/schedule-shape.ts';

const SHAPES = ['straight', 'linear', 'cosine'] as const;

/** -logSnr of DDPM's betas, rising evenly from 1e-4 to 0.02 over 1000 steps, after n of them. */
function gammaOfBetas(n: number): number {
  let alphaSquared = 1;
  for (let i = 0; i < n; i++) alphaSquared *= 1 - (1e-4 + (i / 999) * (0.02 - 1e-4));
  return Math.log((1 - alphaSquared) / alphaSquared);
}

/** The same of Improved DDPM's equation 17. */
function gammaOfCosine(t: number): number {
  const f = (time: number) => Math.cos((((time + 0.008) / 1.008) * Math.PI) / 2) ** 2;
  return Math.log((1 - f(t) / f(0)) / (f(t) / f(0)));
}

describe('shapeAt', () => {
  it.each(SHAPES)('rises from 0 to 1: %s', (shape) => {
    const values = Array.from({ length: 65 }, (_, i) => shapeAt(shape, i / 64));
    expect(values[0]).toBe(0);
    expect(values.at(-1)).toBe(1);
    for (let i = 1; i < values.length; i++) expect(values[i]).toBeGreaterThan(values[i - 1]!);
  });

  it('has the differences of the linear betas', () => {
    const share = (n: number) => (gammaOfBetas(n) - gammaOfBetas(200)) / (gammaOfBetas(900) - gammaOfBetas(200));
    const from = shapeAt('linear', 0.2);
    for (const n of [300, 500, 700]) {
      expect((shapeAt('linear', n / 1000) - from) / (shapeAt('linear', 0.9) - from)).toBeCloseTo(share(n), 2);
    }
  });

  it('has the differences of the cosine', () => {
    const share = (t: number) => (gammaOfCosine(t) - gammaOfCosine(0.2)) / (gammaOfCosine(0.9) - gammaOfCosine(0.2));
    const from = shapeAt('cosine', 0.2 / 0.999);
    for (const t of [0.3, 0.5, 0.7]) {
      expect((shapeAt('cosine', t / 0.999) - from) / (shapeAt('cosine', 0.9 / 0.999) - from)).toBeCloseTo(share(t), 2);
    }
  });
});

describe('shapeSlopeAt', () => {
  it.each(SHAPES)('is the derivative: %s', (shape) => {
    const step = 1e-6;
    for (const t of [1e-3, 0.01, 0.1, 0.3, 0.5, 0.8, 0.95, 0.999]) {
      const difference = (shapeAt(shape, t + step) - shapeAt(shape, t - step)) / (2 * step);
      expect(shapeSlopeAt(shape, t) / difference, `t ${t}`).toBeCloseTo(1, 4);
    }
  });

  it.each(SHAPES)('is finite at both ends: %s', (shape) => {
    for (const t of [0, 1]) expect(Number.isFinite(shapeSlopeAt(shape, t))).toBe(true);
  });
});
