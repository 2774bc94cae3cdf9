import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CodecError } from '../../src/errors.ts';
import { AnsStack } from '../../src/rans/ans-stack.ts';
import {
  CDF_PRECISION,
  gaussianFreq,
  MAX_EXCESS_BITS,
  NUM_SCALES,
  popGaussian,
  pushGaussian,
  scaleIndexForVariance,
  scaleSigma,
} from '../../src/rans/discretised-gaussian.ts';
import { checkCodec, checkCodecOnBits } from '../helpers/check-codec.ts';
import { randomInteger, seededRandom } from '../helpers/random.ts';

const TOTAL = 2 ** CDF_PRECISION;
const FRACTIONS = Array.from({ length: 16 }, (_, i) => i - 8);
const MAX_EXCESS = 2 ** MAX_EXCESS_BITS - 2;

const halfWidthOf = (scale: number) => Math.ceil(6 * scaleSigma(scale)) + 2;
const codec = (mean16: number, scale: number) => ({
  push: (stack: AnsStack, value: number) => pushGaussian(stack, value, mean16, scale),
  pop: (stack: AnsStack) => popGaussian(stack, mean16, scale),
});

/** Frequencies of bins -W..W, escape codes not counted. */
function frequencies(mean16: number, scale: number): number[] {
  const halfWidth = halfWidthOf(scale);
  const freqs = Array.from({ length: 2 * halfWidth + 1 }, (_, i) => gaussianFreq(i - halfWidth, mean16, scale));
  // Excess 0 is the 1-bit code word "1".
  freqs[0]! *= 2;
  freqs[2 * halfWidth]! *= 2;
  return freqs;
}

/** Puts a stack in a state whose next slot is the one given. */
function stackWithSlot(slot: number): AnsStack {
  const stack = new AnsStack();
  for (let i = 0; i < 4; i++) stack.push(0x5_5555, 1, CDF_PRECISION);
  stack.push(slot, 1, CDF_PRECISION);
  return stack;
}

function randomBits(seed: number, numBytes: number): AnsStack {
  const random = seededRandom(seed);
  return AnsStack.fromFirstBytes(Uint8Array.from({ length: numBytes }, () => 1 + randomInteger(random, 255)));
}

describe('scales', () => {
  it('are 2^(i/16 - 5)', () => {
    for (let i = 0; i < NUM_SCALES; i++) expect(scaleSigma(i) / 2 ** (i / 16 - 5)).toBeCloseTo(1, 14);
  });

  it('are found from their variance', () => {
    for (let i = 0; i < NUM_SCALES; i++) {
      const variance = scaleSigma(i) ** 2;
      expect(scaleIndexForVariance(variance)).toBe(i);
      expect(scaleIndexForVariance(variance * 2 ** (1 / 16 - 1e-9))).toBe(i);
      expect(scaleIndexForVariance(variance * 2 ** (-1 / 16 + 1e-9))).toBe(i);
      expect(scaleIndexForVariance(variance * 2 ** (1 / 16 + 1e-9))).toBe(Math.min(i + 1, NUM_SCALES - 1));
    }
  });

  it.each([
    { variance: 0, scale: 0 },
    { variance: 1e-30, scale: 0 },
    { variance: 1, scale: 80 },
    { variance: 1e30, scale: 255 },
    { variance: Number.POSITIVE_INFINITY, scale: 255 },
  ])('end at the ends of the grid: variance $variance is scale $scale', ({ variance, scale }) => {
    expect(scaleIndexForVariance(variance)).toBe(scale);
  });
});

describe('frequencies', () => {
  it('are at least 1 and sum to 2^20 for every scale and fraction', () => {
    for (let scale = 0; scale < NUM_SCALES; scale += scale < 160 ? 1 : 19) {
      for (const fraction of FRACTIONS) {
        const freqs = frequencies(fraction, scale);
        expect(Math.min(...freqs.slice(0, 10), ...freqs.slice(-10))).toBeGreaterThanOrEqual(1);
        expect(freqs.every((freq) => Number.isInteger(freq) && freq >= 1)).toBe(true);
        expect(freqs.reduce((sum, freq) => sum + freq, 0)).toBe(TOTAL);
      }
    }
  });

  it('move with the mean', () => {
    for (const mean16 of [-1_000_003, -17, -9, -8, 7, 8, 24, 1_000_003]) {
      const centre = Math.floor((mean16 + 8) / 16);
      for (let bin = -9; bin <= 9; bin++) {
        const freq = gaussianFreq(centre + bin, mean16, 90);
        expect(freq).toBe(gaussianFreq(bin, mean16 - 16 * centre, 90));
      }
    }
  });

  it('are part of the format: not one may change', () => {
    const hash = createHash('sha256');
    for (let scale = 0; scale < NUM_SCALES; scale += 15) {
      for (const fraction of FRACTIONS) hash.update(`${frequencies(fraction, scale).join()}\n`);
    }
    expect(hash.digest('hex')).toBe('3e8a0c77f9afb93799ff1d97c0dea485f9844a44daef7d84a744ac31e48ab9f8');
  });
});

describe('pushGaussian and popGaussian', () => {
  it('undo each other on any values', () => {
    const mean16 = fc.integer({ min: -(2 ** 24), max: 2 ** 24 });
    const scale = fc.integer({ min: 0, max: NUM_SCALES - 1 });
    const offsets = fc.array(fc.integer({ min: -(2 ** 16), max: 2 ** 16 }).map((n) => Math.trunc(n ** 3 / 2 ** 32)));
    const property = fc.property(mean16, scale, offsets, fc.integer(), (mean, index, distances, seed) => {
      const values = distances.map((distance) => Math.floor(mean / 16) + distance);
      checkCodec(codec(mean, index), values, randomBits(seed, 30));
    });
    fc.assert(property, { seed: 1, numRuns: 300 });
  });

  it('undo each other on any bits', () => {
    for (let scale = 0; scale < NUM_SCALES; scale += 5) {
      for (const fraction of FRACTIONS) checkCodecOnBits(codec(fraction - 320, scale), randomBits(scale, 1000), 400);
    }
  });

  it.each([0, 40, 80, 130, 170, 210, 255])('find the bin of every slot at its ends, scale %i', (scale) => {
    const halfWidth = halfWidthOf(scale);
    const wrong: number[] = [];
    for (const fraction of [-8, -1, 0, 7]) {
      const freqs = frequencies(fraction, scale);
      let start = freqs[0]!;
      for (let bin = 1 - halfWidth; bin < halfWidth; bin++) {
        const freq = freqs[bin + halfWidth]!;
        const slots = [start, start + freq - 1];
        wrong.push(...slots.filter((slot) => popGaussian(stackWithSlot(slot), fraction, scale) !== bin));
        start += freq;
      }
    }
    expect(wrong).toEqual([]);
  });

  it.each([0, 80, 170, 255])('carry values far out on both sides, scale %i', (scale) => {
    const halfWidth = halfWidthOf(scale);
    const excesses = [-2, -1, 0, 1, 2, 3, 6, 7, 255, 1000, 65_534, 65_535, 65_536, MAX_EXCESS - 1, MAX_EXCESS];
    const values = excesses.flatMap((excess) => [100 + halfWidth + excess, 100 - halfWidth - excess]);
    for (const mean16 of [1592, 1600, 1607]) checkCodec(codec(mean16, scale), values);
  });

  it('refuse values further out, before touching the stack', () => {
    const stack = new AnsStack();
    const value = halfWidthOf(80) + MAX_EXCESS + 1;
    expect(() => pushGaussian(stack, value, 0, 80)).toThrow(RangeError);
    expect(() => pushGaussian(stack, -value, 0, 80)).toThrow(RangeError);
    expect(stack.isPristine).toBe(true);
  });

  it('turn any bits after an escape into a value, so bits-back popping cannot fail', () => {
    for (let seed = 0; seed < 200; seed++) {
      const stack = randomBits(seed, 10);
      // Up to 19 zeros, more than any code word begins with; then slot 0, which is an escape.
      for (let i = 0; i < seed % 20; i++) stack.push(0, 1, 1);
      stack.push(0, 1, CDF_PRECISION);
      checkCodecOnBits(codec(3, 80), stack, 1);
    }
  });

  it('fail on a stack that ends early', () => {
    const stack = new AnsStack();
    pushGaussian(stack, 1000, 0, 80);
    const bytes = stack.toBytes();
    const shorter = AnsStack.fromFirstBytes(bytes.subarray(3));
    const popAll = () => {
      for (let i = 0; i < 100; i++) popGaussian(shorter, 0, 80);
    };
    expect(popAll).toThrow(CodecError);
  });
});

describe('cost', () => {
  it('is the information content of the symbols, escapes included', () => {
    const stack = new AnsStack();
    let bits = 0;
    const halfWidth = halfWidthOf(80);
    for (let excess = 0; excess <= MAX_EXCESS; excess += 61) {
      bits += CDF_PRECISION - Math.log2(gaussianFreq(-halfWidth - excess, 5, 80));
      pushGaussian(stack, -halfWidth - excess, 5, 80);
    }
    expect(Math.abs(stack.bitLength / bits - 1)).toBeLessThan(1e-4);
  });

  it('is within 0.01 % of the information content for 200 000 symbols', () => {
    const random = seededRandom(7);
    const stack = new AnsStack();
    let bits = 0;
    for (let i = 0; i < 200_000; i++) {
      const scale = randomInteger(random, 200);
      const mean16 = randomInteger(random, 8000) - 4000;
      const value = popGaussian(stackWithSlot(randomInteger(random, TOTAL)), mean16, scale);
      bits += CDF_PRECISION - Math.log2(gaussianFreq(value, mean16, scale));
      pushGaussian(stack, value, mean16, scale);
    }
    const overhead = stack.bitLength / bits - 1;
    expect(Math.abs(overhead)).toBeLessThan(1e-4);
  });

  it('is within 0.3 % or 0.003 bit of the real-valued distribution, sigma 0.3 to 100', () => {
    const worst = { relative: 0, absolute: 0 };
    for (let scale = 53; scale <= 186; scale++) {
      for (const fraction of FRACTIONS) {
        const { entropy, extraBits } = compareWithRealGaussian(fraction, scale);
        expect(extraBits).toBeLessThan(Math.max(0.003 * entropy, 0.003));
        worst.relative = Math.max(worst.relative, extraBits / entropy);
        worst.absolute = Math.max(worst.absolute, extraBits);
      }
    }
    expect(worst.relative).toBeLessThan(0.003);
    expect(worst.absolute).toBeLessThan(0.003);
  });
});

/** Entropy of the rounded Gaussian in bits, and what coding it with the integer frequencies costs on top. */
function compareWithRealGaussian(fraction: number, scale: number): { entropy: number; extraBits: number } {
  const halfWidth = halfWidthOf(scale);
  const freqs = frequencies(fraction, scale);
  let entropy = 0;
  let extraBits = 0;
  let below = 0;
  for (let bin = -halfWidth; bin <= halfWidth; bin++) {
    const above = bin === halfWidth ? 1 : standardNormalCdf((bin + 0.5 - fraction / 16) / scaleSigma(scale));
    const p = above - below;
    below = above;
    if (p < 1e-12) continue;
    entropy -= p * Math.log2(p);
    extraBits += p * Math.log2((p * TOTAL) / freqs[bin + halfWidth]!);
  }
  return { entropy, extraBits };
}

/** By the series with positive terms (Marsaglia 2004), accurate to 1e-15 near 0 and 1e-14 at 6. */
function standardNormalCdf(x: number): number {
  if (Math.abs(x) > 7) return x < 0 ? 0 : 1;
  let term = x;
  let sum = x;
  for (let k = 3; Math.abs(term) > 1e-17 * Math.abs(sum); k += 2) {
    term *= (x * x) / k;
    sum += term;
  }
  return 0.5 + (sum * Math.exp(-0.5 * x * x)) / Math.sqrt(2 * Math.PI);
}
