import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CategoricalCdf, ESCAPE_FREQ, MAX_SYMBOLS } from '../../src/rans/categorical.ts';
import { stackOfBytes } from '../helpers/stacks.ts';

const TOTAL = 1 << 20;
/** Weights over some 600 orders of magnitude. */
const weight = fc.tuple(fc.double({ min: 1, max: 10, noNaN: true }), fc.integer({ min: -150, max: 150 }));
const weights = fc
  .array(weight, { minLength: 1, maxLength: 300 })
  .map((pairs) => Float64Array.from(pairs, ([mantissa, exponent]) => mantissa * 10 ** exponent));

const cdfOf = (values: Float64Array): CategoricalCdf => {
  const cdf = new CategoricalCdf();
  cdf.set(values, values.length);
  return cdf;
};

/** Pushes a symbol as its encoder does. */
const push = (stack: ReturnType<typeof stackOfBytes>, cdf: CategoricalCdf, symbol: number): void =>
  stack.push(cdf.start(symbol), cdf.freq(symbol), 20);

describe('the categorical cdf', () => {
  it('gives every symbol and the escape an interval, without gaps, for any weights', () => {
    fc.assert(
      fc.property(weights, (values) => {
        const cdf = cdfOf(values);
        let end = 0;
        for (let symbol = 0; symbol <= values.length; symbol++) {
          expect(cdf.start(symbol)).toBe(end);
          expect(cdf.freq(symbol)).toBeGreaterThanOrEqual(1);
          end += cdf.freq(symbol);
        }
        expect(end).toBe(TOTAL);
        expect(cdf.escape).toBe(values.length);
        expect(cdf.freq(cdf.escape)).toBe(ESCAPE_FREQ);
      }),
    );
  });

  it('shares the total by the weights', () => {
    const cdf = cdfOf(Float64Array.of(1, 2, 5));
    const share = (symbol: number) => cdf.freq(symbol) / (TOTAL - ESCAPE_FREQ);
    expect(share(0)).toBeCloseTo(1 / 8, 5);
    expect(share(1)).toBeCloseTo(2 / 8, 5);
    expect(share(2)).toBeCloseTo(5 / 8, 5);
  });

  it('pops what was pushed, from any stack', () => {
    fc.assert(
      fc.property(weights, fc.nat(), (values, seed) => {
        const cdf = cdfOf(values);
        const stack = stackOfBytes(40, seed);
        const before = stack.toBytes();
        const symbol = seed % (values.length + 1);
        push(stack, cdf, symbol);
        expect(cdf.pop(stack)).toBe(symbol);
        expect(stack.toBytes()).toEqual(before);
      }),
    );
  });

  it('pushes what was popped, from any stack', () => {
    fc.assert(
      fc.property(weights, fc.nat(), (values, seed) => {
        const cdf = cdfOf(values);
        const stack = stackOfBytes(40, seed);
        const before = stack.toBytes();
        push(stack, cdf, cdf.pop(stack));
        expect(stack.toBytes()).toEqual(before);
      }),
    );
  });

  it('takes as many symbols as it says', () => {
    const cdf = cdfOf(new Float64Array(MAX_SYMBOLS).fill(0.1));
    expect(cdf.freq(0)).toBeGreaterThanOrEqual(1);
    expect(cdf.freq(MAX_SYMBOLS - 1)).toBeGreaterThanOrEqual(1);
  });
});
