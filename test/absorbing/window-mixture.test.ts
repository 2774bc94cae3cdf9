import fc from 'fast-check';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { ColourWeights } from '../../src/absorbing/colour-weights.ts';
import { MAX_WINDOW, WINDOW_STARTS, WindowMixture, windowOf } from '../../src/absorbing/window-mixture.ts';
import { ROW_WINDOW } from '../../src/kernels/samples.ts';
import type { ByteDistribution } from '../../src/rans/byte-mixture.ts';
import { CDF_PRECISION } from '../../src/rans/discretised-gaussian.ts';
import { checkCodec } from '../helpers/check-codec.ts';
import { type GivenMixture, mixtureOf, rowsOfMixtures } from '../helpers/sample-rows.ts';
import { stackOfBytes } from '../helpers/stacks.ts';

const TOTAL = 2 ** CDF_PRECISION;
const VALUES = Array.from({ length: 256 }, (_, value) => value);
/** A row that is not the first. */
const ROW = 3;

const component = fc.record({
  mean16: fc.oneof(fc.integer({ min: -100, max: 4200 }), fc.constantFrom(-(2 ** 17), 0, 4080, 2 ** 17)),
  scale: fc.integer({ min: 0, max: 255 }),
});
const mixtures = fc
  .array(component, { minLength: 1, maxLength: 3 })
  .map((components) => components.map(({ mean16, scale }) => [mean16, scale, 1 / components.length] as const));
const moves = fc.record({ shift16: fc.integer({ min: -60, max: 60 }), steps: fc.integer({ min: -16, max: 16 }) });
const given = fc.tuple(mixtures, moves).map(([components, move]): GivenMixture => ({ components, ...move }));
const weight = fc.oneof(fc.double({ min: 1e-3, max: 8, noNaN: true }), fc.constantFrom(1, 1e-12, 7e4));
const weightLists = fc
  .array(weight, { minLength: MAX_WINDOW, maxLength: MAX_WINDOW })
  .map((list) => Float64Array.from(list));

const freq = (of: ByteDistribution, value: number) => of.start(value + 1) - of.start(value);

/** A mixture as it stands in a row, and by the row. */
function inRow(one: GivenMixture) {
  const rows = rowsOfMixtures(
    Array.from({ length: ROW + 1 }, (_, i) => ({ ...one, shift16: i < ROW ? 0 : one.shift16! })),
  );
  const [mixture, coded] = [mixtureOf(one), new WindowMixture(one.components.length)];
  coded.set(ROW, rows, rows.windows);
  return { mixture, coded, rows, window: windowOf(mixture) };
}

const cases = given.map(inRow);

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

describe('a mixture by its window', () => {
  it('has the starts of the mixture, within the window and outside', () => {
    fc.assert(
      fc.property(cases, ({ mixture, coded }) => {
        expect([...VALUES, 256].filter((value) => coded.start(value) !== mixture.start(value))).toEqual([]);
      }),
    );
  });

  it('pops what the mixture pops', () => {
    fc.assert(
      fc.property(cases, fc.nat(), ({ mixture, coded }, seed) => {
        const [stack, other] = [stackOfBytes(60, seed), stackOfBytes(60, seed)];
        for (let i = 0; i < 8; i++) expect(coded.pop(stack)).toBe(mixture.pop(other));
        expect(stack.toBytes()).toEqual(other.toBytes());
      }),
    );
  });

  it('stands for the row that it was set to last', () => {
    fc.assert(
      fc.property(mixtures, mixtures, (one, other) => {
        const components = Math.min(one.length, other.length);
        const both = [one, other].map((all) => ({ components: all.slice(0, components) }));
        const rows = rowsOfMixtures(both);
        const coded = new WindowMixture(components);
        for (const [i, windows] of [
          [0, rows.windows],
          [1, rows.windows],
          [1, undefined],
          [0, undefined],
          [0, rows.windows],
        ] as const) {
          coded.set(i, rows, windows);
          const mixture = mixtureOf(both[i]!);
          expect([...VALUES, 256].filter((value) => coded.start(value) !== mixture.start(value))).toEqual([]);
        }
      }),
    );
  });
});

/** Weighs all windows by what is given here. */
let weights: Float64Array = new Float64Array(MAX_WINDOW);
const weighGreen = vi.spyOn(ColourWeights.prototype, 'weighGreen').mockImplementation(function give(
  this: ColourWeights,
) {
  this.weights.set(weights);
});
afterAll(() => weighGreen.mockRestore());

const KNOWN = { green: 0, red: 0, blueOffset: 0 };

const COLOURS = new ColourWeights();

function weighedBy(given: GivenMixture, list: Float64Array) {
  const { rows, mixture, window } = inRow(given);
  weights = list;
  COLOURS.weigh(ROW, 0, rows, KNOWN);
  const weighed = new WindowMixture(given.components.length);
  weighed.set(ROW, rows, rows.weighed);
  return { mixture, rows, weighed, window, weights: list };
}

const weighedCases = fc.tuple(given, weightLists).map((pair) => weighedBy(...pair));

describe('a weighed window', () => {
  it('gives a cdf that rises strictly from 0 to 2^20', () => {
    fc.assert(
      fc.property(weighedCases, ({ weighed }) => {
        expect(VALUES.filter((value) => !(freq(weighed, value) >= 1))).toEqual([]);
        expect([weighed.start(0), weighed.start(256)]).toEqual([0, TOTAL]);
      }),
      { numRuns: 500 },
    );
  });

  it('leaves the mixture as it is outside, and at the ends', () => {
    fc.assert(
      fc.property(weighedCases, ({ mixture, weighed, window: { first, count } }) => {
        const outside = [...VALUES, 256].filter((value) => value <= first || value >= first + count);
        expect(outside.filter((value) => weighed.start(value) !== mixture.start(value))).toEqual([]);
      }),
    );
  });

  it('leaves the row as it is', () => {
    fc.assert(
      fc.property(weighedCases, ({ mixture, rows, window: { first, count } }) => {
        const at = ROW * ROW_WINDOW;
        const starts = Array.from({ length: count + 1 }, (_, k) => mixture.start(first + k));
        expect([...rows.windows.subarray(at, at + WINDOW_STARTS + count + 1)]).toEqual([first, count, ...starts]);
      }),
    );
  });

  it('is dealt out by weights', () => {
    fc.assert(
      fc.property(weighedCases, ({ mixture, weighed, window: { first, count }, weights }) => {
        const parts = Array.from({ length: count }, (_, i) => weights[i]! * freq(mixture, first + i));
        const [sum, share] = [parts.reduce((a, b) => a + b), mixture.start(first + count) - mixture.start(first)];
        for (const [i, part] of parts.entries()) {
          const expected = ((share - count) * part) / sum + 1;
          expect(Math.abs(freq(weighed, first + i) - expected)).toBeLessThanOrEqual(1.001);
        }
      }),
    );
  });

  it('has the starts of the formula, to the last bit', () => {
    fc.assert(
      fc.property(weighedCases, ({ mixture, weighed, window: { first, count }, weights }) => {
        const parts = Array.from({ length: count }, (_, i) => weights[i]! * freq(mixture, first + i));
        const before = (i: number) => parts.slice(0, i).reduce((a, b) => a + b, 0);
        const [start, share] = [mixture.start(first), mixture.start(first + count) - mixture.start(first)];
        const factor = (share - count) / before(count);
        for (let i = 1; i < count; i++) {
          expect(weighed.start(first + i)).toBe(start + Math.floor(before(i) * factor) + i);
        }
      }),
    );
  });

  it('pops every value that was pushed', () => {
    fc.assert(
      fc.property(weighedCases, fc.nat(), ({ weighed }, seed) => {
        const codec = {
          push: (stack: Parameters<WindowMixture['pop']>[0], value: number) =>
            stack.push(weighed.start(value), freq(weighed, value), CDF_PRECISION),
          pop: (stack: Parameters<WindowMixture['pop']>[0]) => weighed.pop(stack),
        };
        checkCodec(codec, VALUES, stackOfBytes(40, seed));
      }),
    );
  });

  it('finds the value of the first and the last slot of each interval', () => {
    fc.assert(
      fc.property(weighedCases, ({ weighed }) => {
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
      fc.property(given, (one) => {
        const { mixture, weighed } = weighedBy(one, new Float64Array(MAX_WINDOW).fill(3));
        expect(VALUES.filter((value) => Math.abs(weighed.start(value) - mixture.start(value)) > MAX_WINDOW)).toEqual(
          [],
        );
      }),
    );
  });
});
