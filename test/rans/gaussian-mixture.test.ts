import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AnsStack } from '../../src/rans/ans-stack.ts';
import { gaussianFreq, halfWidthOf, normalCdf } from '../../src/rans/discretised-gaussian.ts';
import { GaussianMixture } from '../../src/rans/gaussian-mixture.ts';
import { checkCodecOnBits } from '../helpers/check-codec.ts';
import { stackOfBytes } from '../helpers/stacks.ts';

interface Component {
  readonly mean16: number;
  readonly scale: number;
  readonly weight: number;
}

const TOTAL = 1 << 20;
/** A sum of weights that rounding makes too large, by more than it does. */
const ROUNDED_SUM = 1 + 1e-5;

function mixtureOf(components: readonly Component[], centre: number): GaussianMixture {
  const mixture = new GaussianMixture(components.length);
  for (const [k, { mean16, scale, weight }] of components.entries()) mixture.setComponent(k, mean16, scale, weight);
  mixture.setCentre(centre);
  return mixture;
}

function withSum(sum: number, components: readonly Component[]): Component[] {
  const total = components.reduce((total, { weight }) => total + weight, 0);
  return components.map((component) => ({ ...component, weight: (component.weight * sum) / total }));
}

const component = fc.record({
  mean16: fc.double({ min: -20_000, max: 20_000, noNaN: true }),
  scale: fc.integer({ min: 0, max: 255 }),
  weight: fc.double({ min: 1e-9, max: 1, noNaN: true }),
});
const mixtures = fc
  .record({
    components: fc.array(component, { minLength: 1, maxLength: 6 }),
    centre: fc.integer({ min: -1250, max: 1250 }),
    sum: fc.constantFrom(1, ROUNDED_SUM),
  })
  .map(({ components, centre, sum }) => mixtureOf(withSum(sum, components), centre));

const freq = (mixture: GaussianMixture, bin: number): number => mixture.start(bin + 1) - mixture.start(bin);
const binsOf = ({ halfWidth }: GaussianMixture): number[] =>
  Array.from({ length: 2 * halfWidth + 1 }, (_, i) => i - halfWidth);
/** Those that stand for one value each. */
const innerBinsOf = (mixture: GaussianMixture): number[] => binsOf(mixture).slice(1, -1);

/** Far apart, the widest one neither first nor last. */
const THREE: readonly Component[] = [
  { mean16: -603.5, scale: 90, weight: 0.25 },
  { mean16: 37, scale: 140, weight: 0.5 },
  { mean16: 800, scale: 64, weight: 0.25 },
];

describe('a mixture of Gaussians', () => {
  it('gives every bin an interval, without gaps', () => {
    fc.assert(
      fc.property(mixtures, (mixture) => {
        expect(binsOf(mixture).find((bin) => freq(mixture, bin) < 1)).toBeUndefined();
        expect(mixture.start(-mixture.halfWidth)).toBe(0);
        expect(mixture.start(mixture.halfWidth + 1)).toBe(TOTAL);
      }),
    );
  });

  it('pops the bin that was pushed, from any stack', () => {
    fc.assert(
      fc.property(mixtures, fc.nat(), fc.integer({ min: -13_000, max: 13_000 }), (mixture, seed, offset) => {
        const stack = stackOfBytes(40, seed);
        const before = stack.toBytes();
        const bin = mixture.binOf(mixture.centre + offset);
        stack.push(mixture.start(bin), freq(mixture, bin), 20);
        expect(mixture.pop(stack)).toBe(bin);
        expect(stack.toBytes()).toEqual(before);
      }),
    );
  });

  it('finds the bin of the first and the last slot of each interval', () => {
    fc.assert(
      fc.property(mixtures, (mixture) => {
        for (const bin of [...binsOf(mixture).slice(0, 5), -3, -2, -1, 0, 1, 2, 3, ...binsOf(mixture).slice(-5)]) {
          for (const slot of [mixture.start(bin), mixture.start(bin + 1) - 1]) {
            const stack = stackOfBytes(40);
            stack.push(slot, 1, 20);
            expect(mixture.pop(stack)).toBe(bin);
          }
        }
      }),
      { numRuns: 20 },
    );
  });

  it('brings any bits back that bins were popped from', () => {
    fc.assert(
      fc.property(mixtures, fc.nat(), (mixture, seed) => {
        const push = (stack: AnsStack, bin: number) => stack.push(mixture.start(bin), freq(mixture, bin), 20);
        checkCodecOnBits({ push, pop: (stack) => mixture.pop(stack) }, stackOfBytes(300, seed), 50);
      }),
    );
  });

  it.each([
    [37, 80],
    [-1608, 0],
    [7, 255],
    [-9, 144],
  ])('is the single Gaussian where a component of mean %d / 16 and scale %d has all the weight', (mean16, scale) => {
    const without = { mean16: 5000, scale: 0, weight: 0 };
    for (const others of [[], [without, without]]) {
      const mixture = mixtureOf([...others, { mean16, scale, weight: 1 }], (mean16 + 8) >> 4);
      const single = innerBinsOf(mixture).map((bin) => gaussianFreq(mixture.centre + bin, mean16, scale));
      expect(innerBinsOf(mixture).map((bin) => freq(mixture, bin))).toEqual(single);
    }
  });

  it('shares the probability among components of other means and scales by their weights', () => {
    const mixture = mixtureOf(THREE, 2);
    const below = (bin: number): number =>
      THREE.reduce((sum, { mean16, scale, weight }) => sum + weight * normalCdf(bin, mean16 - 32, scale), 0);
    const left = 1 - binsOf(mixture).length / TOTAL;
    for (const bin of innerBinsOf(mixture)) {
      const expected = 1 + left * (below(bin + 1) - below(bin));
      expect(Math.abs(freq(mixture, bin) - expected), `bin ${bin}`).toBeLessThanOrEqual(1);
    }
  });

  it('gives values the same frequencies from wherever bins are counted', () => {
    const [mixture, moved] = [mixtureOf(THREE, 2), mixtureOf(THREE, -5)];
    for (let value = -60; value <= 60; value++) {
      expect(freq(moved, moved.binOf(value))).toBe(freq(mixture, mixture.binOf(value)));
    }
  });

  it('says what each component gives to a bin: by its weight of 2^20 in all', () => {
    const mixture = mixtureOf(THREE, 2);
    const bins = binsOf(mixture);
    for (const [k, { weight }] of THREE.entries()) {
      const total = bins.reduce((sum, bin) => sum + mixture.part(k, bin), 0);
      expect(total / TOTAL).toBeCloseTo(weight, 6);
    }
    for (const bin of innerBinsOf(mixture)) {
      const parts = THREE.reduce((sum, _, k) => sum + mixture.part(k, bin), 0);
      expect(Math.abs(freq(mixture, bin) - parts)).toBeLessThan(2 + parts / 1000);
    }
  });

  it('has the bins of its widest component around its centre, the outermost for all values beyond', () => {
    const mixture = mixtureOf(THREE, -7);
    const { halfWidth } = mixture;
    expect([mixture.centre, mixture.widestScale, halfWidth]).toEqual([-7, 140, halfWidthOf(140)]);
    const offsets = [-9000, -halfWidth - 1, -halfWidth, 1 - halfWidth, 0, halfWidth - 1, halfWidth, halfWidth + 1];
    const bins = offsets.map((offset) => mixture.binOf(offset - 7));
    expect(bins).toEqual([-halfWidth, -halfWidth, -halfWidth, 1 - halfWidth, 0, halfWidth - 1, halfWidth, halfWidth]);
    expect(binsOf(mixture).filter((bin) => mixture.isEscape(bin))).toEqual([-halfWidth, halfWidth]);
  });
});
