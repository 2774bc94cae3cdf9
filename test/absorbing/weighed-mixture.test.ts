import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_WINDOW } from '../../src/absorbing/colour-weights.ts';
import { WeighedMixture } from '../../src/absorbing/weighed-mixture.ts';
import { ByteMixture } from '../../src/rans/byte-mixture.ts';
import { CDF_PRECISION } from '../../src/rans/discretised-gaussian.ts';
import { checkCodec } from '../helpers/check-codec.ts';
import { stackOfBytes } from '../helpers/stacks.ts';

const TOTAL = 2 ** CDF_PRECISION;
const VALUES = Array.from({ length: 256 }, (_, value) => value);

const component = fc.record({
  mean16: fc.oneof(fc.integer({ min: -100, max: 4200 }), fc.constantFrom(-(2 ** 17), 0, 4080, 2 ** 17)),
  scale: fc.integer({ min: 0, max: 255 }),
});
const mixtures = fc.array(component, { minLength: 1, maxLength: 3 }).map((components) => {
  const mixture = new ByteMixture(components.length);
  for (const [k, { mean16, scale }] of components.entries()) {
    mixture.setComponent(k, mean16, scale, 1 / components.length);
  }
  return mixture;
});
const moves = fc.record({ shift16: fc.integer({ min: -60, max: 60 }), step: fc.integer({ min: -16, max: 16 }) });
const weight = fc.oneof(fc.double({ min: 1e-3, max: 8, noNaN: true }), fc.constantFrom(1, 1e-12, 7e4));
const weightLists = fc
  .array(weight, { minLength: MAX_WINDOW, maxLength: MAX_WINDOW })
  .map((list) => Float64Array.from(list));
const cases = fc.tuple(mixtures, moves, weightLists).map(([mixture, { shift16, step }, weights]) => {
  mixture.adapt(shift16, step);
  const weighed = new WeighedMixture();
  const window = weighed.windowOf(mixture);
  weighed.set(mixture, window, weights);
  return { mixture, weighed, window, weights };
});

const freq = (of: ByteMixture | WeighedMixture, value: number) => of.start(value + 1) - of.start(value);

describe('a window', () => {
  it('lies within the values, around the mean', () => {
    fc.assert(
      fc.property(cases, ({ mixture, window: { first, count } }) => {
        const centre = Math.min(Math.max(Math.floor(mixture.adaptedMean() + 0.5), 0), 255);
        const half = Math.min(Math.ceil(2.5 * mixture.deviation()) + 1, 24);
        expect([first, first + count - 1]).toEqual([Math.max(centre - half, 0), Math.min(centre + half, 255)]);
        expect(count).toBeLessThanOrEqual(MAX_WINDOW);
      }),
    );
  });
});

describe('a weighed mixture', () => {
  it('has a cdf that rises strictly from 0 to 2^20', () => {
    fc.assert(
      fc.property(cases, ({ weighed }) => {
        expect(VALUES.filter((value) => !(freq(weighed, value) >= 1))).toEqual([]);
        expect([weighed.start(0), weighed.start(256)]).toEqual([0, TOTAL]);
      }),
      { numRuns: 500 },
    );
  });

  it('is the mixture outside of the window, and at its ends', () => {
    fc.assert(
      fc.property(cases, ({ mixture, weighed, window: { first, count } }) => {
        const outside = [...VALUES, 256].filter((value) => value <= first || value >= first + count);
        expect(outside.filter((value) => weighed.start(value) !== mixture.start(value))).toEqual([]);
        expect(VALUES.filter((value) => weighed.covers(value) !== (value >= first && value < first + count))).toEqual(
          [],
        );
      }),
    );
  });

  it('deals the window out by weights', () => {
    fc.assert(
      fc.property(cases, ({ mixture, weighed, window: { first, count }, weights }) => {
        const parts = Array.from({ length: count }, (_, i) => weights[i]! * freq(mixture, first + i));
        const [sum, share] = [parts.reduce((a, b) => a + b), mixture.start(first + count) - mixture.start(first)];
        for (const [i, part] of parts.entries()) {
          const expected = ((share - count) * part) / sum + 1;
          expect(Math.abs(freq(weighed, first + i) - expected)).toBeLessThanOrEqual(1.001);
        }
      }),
    );
  });

  it('tells the share of each value in what it was', () => {
    fc.assert(
      fc.property(cases, ({ mixture, weighed, window: { first, count } }) => {
        for (let value = first; value < first + count; value++) {
          expect(weighed.ratio(value)).toBe(freq(weighed, value) / freq(mixture, value));
        }
      }),
    );
  });

  it('pops every value that was pushed', () => {
    fc.assert(
      fc.property(cases, fc.nat(), ({ weighed }, seed) => {
        const codec = {
          push: (stack: Parameters<WeighedMixture['pop']>[0], value: number) =>
            stack.push(weighed.start(value), freq(weighed, value), CDF_PRECISION),
          pop: (stack: Parameters<WeighedMixture['pop']>[0]) => weighed.pop(stack),
        };
        checkCodec(codec, VALUES, stackOfBytes(40, seed));
      }),
    );
  });

  it('finds the value of the first and the last slot of each interval', () => {
    fc.assert(
      fc.property(cases, ({ weighed }) => {
        const slots = VALUES.flatMap((value) => [weighed.start(value), weighed.start(value + 1) - 1]);
        const found = slots.map((slot) => {
          const stack = stackOfBytes(40);
          stack.push(slot, 1, CDF_PRECISION);
          return weighed.pop(stack);
        });
        expect(found).toEqual(VALUES.flatMap((value) => [value, value]));
      }),
      { numRuns: 30 },
    );
  });

  it('of weights that are all the same is nearly what it was', () => {
    fc.assert(
      fc.property(mixtures, (mixture) => {
        const weighed = new WeighedMixture();
        weighed.set(mixture, weighed.windowOf(mixture), new Float64Array(MAX_WINDOW).fill(3));
        expect(VALUES.filter((value) => Math.abs(weighed.start(value) - mixture.start(value)) > MAX_WINDOW)).toEqual(
          [],
        );
      }),
    );
  });
});
