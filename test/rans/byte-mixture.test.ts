import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CodecError } from '../../src/errors.ts';
import { AnsStack } from '../../src/rans/ans-stack.ts';
import { ByteMixture } from '../../src/rans/byte-mixture.ts';
import { CDF_PRECISION, scaleSigma } from '../../src/rans/discretised-gaussian.ts';
import { checkCodec, checkCodecOnBits } from '../helpers/check-codec.ts';
import { normalBelow } from '../helpers/normal.ts';
import { randomInteger, seededRandom } from '../helpers/random.ts';
import { stackOfBytes } from '../helpers/stacks.ts';

interface Component {
  readonly mean16: number;
  readonly scale: number;
  readonly weight: number;
}

const TOTAL = 2 ** CDF_PRECISION;
const MAX_MEAN16 = 2 ** 17;
/** Sums of weights that rounding leaves beside 1, by more than it does. */
const SUMS = [1, 1 + 1e-5, 1 - 1e-5];
const VALUES = Array.from({ length: 256 }, (_, value) => value);

function mixtureOf(components: readonly Component[], sum = 1): ByteMixture {
  const mixture = new ByteMixture(components.length);
  const total = components.reduce((before, { weight }) => before + weight, 0);
  for (const [k, { mean16, scale, weight }] of components.entries()) {
    mixture.setComponent(k, mean16, scale, (weight * sum) / total);
  }
  return mixture;
}

const component = fc.record({
  mean16: fc.oneof(
    fc.integer({ min: -MAX_MEAN16, max: MAX_MEAN16 }),
    fc.integer({ min: -100, max: 4200 }),
    fc.constantFrom(-MAX_MEAN16, MAX_MEAN16),
  ),
  scale: fc.oneof(fc.integer({ min: 0, max: 255 }), fc.constantFrom(0, 255)),
  weight: fc.oneof(fc.double({ min: 1e-3, max: 1, noNaN: true }), fc.constantFrom(0, 2 ** -20, 1e-300)),
});
const heavy = component.map((one) => ({ ...one, weight: 1 }));
const mixtures = fc
  .tuple(fc.array(component, { maxLength: 5 }), heavy, fc.constantFrom(...SUMS))
  .map(([light, last, sum]) => mixtureOf([...light, last], sum));

const freq = (mixture: ByteMixture, value: number): number => mixture.start(value + 1) - mixture.start(value);
const codecOf = (mixture: ByteMixture) => ({
  push: (stack: AnsStack, value: number) => stack.push(mixture.start(value), freq(mixture, value), CDF_PRECISION),
  pop: (stack: AnsStack) => mixture.pop(stack),
});

/** The probability of a value, by the real numbers: tails count at the ends. */
function probabilityOf(value: number, components: readonly Component[]): number {
  const total = components.reduce((sum, { weight }) => sum + weight, 0);
  return components.reduce((sum, { mean16, scale, weight }) => {
    const below = (edge: number) => normalBelow((edge - mean16 / 16) / scaleSigma(scale));
    const share = (value === 255 ? 1 : below(value + 0.5)) - (value === 0 ? 0 : below(value - 0.5));
    return sum + (weight / total) * share;
  }, 0);
}

const THREE: readonly Component[] = [
  { mean16: 603, scale: 90, weight: 0.25 },
  { mean16: 37, scale: 140, weight: 0.5 },
  { mean16: 3800, scale: 64, weight: 0.25 },
];

describe('a mixture on bytes', () => {
  it('has a cdf that rises strictly from 0 to 2^20', () => {
    fc.assert(
      fc.property(mixtures, (mixture) => {
        expect(VALUES.find((value) => !(Number.isInteger(mixture.start(value)) && freq(mixture, value) >= 1))).toBe(
          undefined,
        );
        expect([mixture.start(0), mixture.start(256)]).toEqual([0, TOTAL]);
      }),
      { numRuns: 500 },
    );
  });

  it('pops what was pushed, from any stack', () => {
    fc.assert(
      fc.property(mixtures, fc.nat(), fc.uint8Array({ maxLength: 20 }), (mixture, seed, values) => {
        checkCodec(codecOf(mixture), [...values], stackOfBytes(40, seed));
      }),
    );
  });

  it('brings any bits back that values were popped from', () => {
    fc.assert(
      fc.property(mixtures, fc.nat(), (mixture, seed) => {
        checkCodecOnBits(codecOf(mixture), stackOfBytes(300, seed), 50);
      }),
    );
  });

  it('finds the value of the first and the last slot of each interval', () => {
    fc.assert(
      fc.property(mixtures, (mixture) => {
        const slots = VALUES.flatMap((value) => [mixture.start(value), mixture.start(value + 1) - 1]);
        const found = slots.map((slot) => {
          const stack = stackOfBytes(40);
          stack.push(slot, 1, CDF_PRECISION);
          return mixture.pop(stack);
        });
        expect(found).toEqual(VALUES.flatMap((value) => [value, value]));
      }),
      { numRuns: 30 },
    );
  });

  it('says that a stack has ended', () => {
    const mixture = mixtureOf(THREE);
    const popAll = (stack: AnsStack) => {
      for (let i = 0; i < 100; i++) mixture.pop(stack);
    };
    expect(() => popAll(stackOfBytes(20))).toThrow(CodecError);
    expect(() => popAll(stackOfBytes(20))).toThrow(expect.objectContaining({ code: 'truncated' }));
  });
});

describe('probability', () => {
  it.each([
    { mean16: -MAX_MEAN16, scale: 0, value: 0 },
    { mean16: -MAX_MEAN16, scale: 255, value: 0 },
    { mean16: MAX_MEAN16, scale: 0, value: 255 },
    { mean16: MAX_MEAN16, scale: 255, value: 255 },
    { mean16: 0, scale: 0, value: 0 },
    { mean16: 16 * 77, scale: 0, value: 77 },
    { mean16: 16 * 255, scale: 0, value: 255 },
  ])('is almost all at $value for mean $mean16 / 16 and scale $scale', ({ value, ...gaussian }) => {
    expect(freq(mixtureOf([{ ...gaussian, weight: 1 }]), value)).toBeGreaterThan(0.999 * TOTAL);
  });

  it('of tails counts at 0 and 255', () => {
    const wide = [{ mean16: 16 * 100 + 8, scale: 208, weight: 1 }];
    const mixture = mixtureOf(wide);
    for (const value of [0, 1, 100, 254, 255]) {
      expect(freq(mixture, value) / TOTAL).toBeCloseTo(probabilityOf(value, wide), 3);
    }
    expect(freq(mixture, 0)).toBeGreaterThan(50 * freq(mixture, 1));
    expect(freq(mixture, 255)).toBeGreaterThan(20 * freq(mixture, 254));
  });

  it('is shared among components by their weights', () => {
    const mixture = mixtureOf(THREE);
    const wrong = VALUES.filter(
      (value) => Math.abs(freq(mixture, value) / TOTAL - probabilityOf(value, THREE)) > 0.001,
    );
    expect(wrong).toEqual([]);
  });

  it('is not that of components without weight', () => {
    const without = { mean16: 3000, scale: 200, weight: 0 };
    const [mixture, alone] = [mixtureOf([without, ...THREE, without]), mixtureOf(THREE)];
    expect(VALUES.map((value) => freq(mixture, value))).toEqual(VALUES.map((value) => freq(alone, value)));
  });
});

describe('cost', () => {
  // Up to a deviation of 32: steps of the table are a larger part of a value's share where deviations are larger.
  const narrow = component.map((one) => ({ ...one, scale: one.scale % 161 }));
  it('is on average that of the Gaussians themselves and a thousandth of a bit', () => {
    fc.assert(
      fc.property(fc.array(narrow, { minLength: 1, maxLength: 4 }), narrow, (light, last) => {
        const components = [...light, { ...last, weight: 1 }];
        const mixture = mixtureOf(components);
        const excess = VALUES.reduce((sum, value) => {
          const p = probabilityOf(value, components);
          return p > 1e-12 ? sum + p * Math.log2((p * TOTAL) / freq(mixture, value)) : sum;
        }, 0);
        expect(excess).toBeLessThan(0.001);
      }),
    );
  });

  it('is the information content, within 0.01 %', () => {
    const random = seededRandom(3);
    const stack = new AnsStack();
    let bits = 0;
    for (let i = 0; i < 20_000; i++) {
      const [mean16, scale] = [randomInteger(random, 4080), randomInteger(random, 200)];
      const mixture = mixtureOf([{ mean16, scale, weight: 0.75 }, THREE[i % 3]!]);
      const value = randomInteger(random, 256);
      codecOf(mixture).push(stack, value);
      bits += CDF_PRECISION - Math.log2(freq(mixture, value));
    }
    expect(Math.abs(stack.bitLength / bits - 1)).toBeLessThan(1e-4);
  });
});
