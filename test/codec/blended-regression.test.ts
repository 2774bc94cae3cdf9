import { describe, expect, it } from 'vitest';
import { BlendedRegression } from '../../src/codec/blended-regression.ts';
import { SequentialRegression } from '../../src/codec/sequential-regression.ts';
import { seededRandom } from '../helpers/random.ts';

const NUM_INPUTS = 3;
const NUM_TARGETS = 2;
const LONG_MEMORY = 0.9998;

interface Regression {
  predict(target: number, sample: Float64Array): number;
  learn(sample: Float64Array): void;
}

/** Samples whose targets follow from the inputs and the target before, with noise; `signOf` may turn the first one over. */
function samples(count: number, noise: number, signOf: (i: number) => number = () => 1): Float64Array[] {
  const random = seededRandom(12);
  return Array.from({ length: count }, (_, i) => {
    const [a, b, c] = [2 * random() - 1, 2 * random() - 1, 2 * random() - 1];
    const first = signOf(i) * (a - 0.5 * b + 0.25 * c) + noise * (random() - 0.5);
    return Float64Array.of(a, b, c, first, 0.5 * first - c + noise * (random() - 0.5));
  });
}

/** Mean square of the errors of the first target, learned as they come. */
function meanSquare(regression: Regression, list: readonly Float64Array[]): number {
  let sum = 0;
  for (const sample of list) {
    for (let target = 0; target < NUM_TARGETS; target++) {
      const error = sample[NUM_INPUTS + target]! - regression.predict(target, sample);
      if (target === 0) sum += error * error;
    }
    regression.learn(sample);
  }
  return sum / list.length;
}

const blended = (): BlendedRegression => new BlendedRegression(NUM_INPUTS, NUM_TARGETS);
const long = (): SequentialRegression => new SequentialRegression(NUM_INPUTS, NUM_TARGETS, LONG_MEMORY);

describe('blended regression', () => {
  it('predicts 0 before it has learned', () => {
    const regression = blended();
    const sample = Float64Array.of(3, -2, 1, 4, 5);
    expect([regression.predict(0, sample), regression.predict(1, sample)]).toEqual([0, 0]);
  });

  it('finds targets that are linear in the inputs and the targets before them', () => {
    const regression = blended();
    meanSquare(regression, samples(4000, 0));
    const next = samples(4001, 0).at(-1)!;
    expect(Math.abs(regression.predict(0, next) - next[3]!)).toBeLessThan(0.02);
    expect(Math.abs(regression.predict(1, next) - next[4]!)).toBeLessThan(0.02);
  });

  it('follows a relation that changes faster than the long memory forgets', () => {
    const list = samples(9000, 0.1, (i) => (Math.floor(i / 3000) % 2 === 0 ? 1 : -1));
    expect(meanSquare(blended(), list)).toBeLessThan(0.6 * meanSquare(long(), list));
  });

  it('is as good as the long memory where a relation stays as it is', () => {
    const list = samples(6000, 2);
    expect(meanSquare(blended(), list)).toBeLessThan(1.005 * meanSquare(long(), list));
  });

  it('counts each memory by the inverse of the fourth power of its recent mean square error', () => {
    const [regression, ...each] = [blended(), long(), new SequentialRegression(NUM_INPUTS, NUM_TARGETS, 0.998)];
    const errors = each.map(() => new Array<number>(NUM_TARGETS).fill(1));
    for (const sample of samples(2500, 0.5, (i) => (i < 1500 ? 1 : -1))) {
      for (let target = 0; target < NUM_TARGETS; target++) {
        const wanted = sample[NUM_INPUTS + target]!;
        const predictions = each.map((one) => one.predict(target, sample));
        const trust = errors.map((ofOne) => (ofOne[target]! + 1 / 1024) ** -4);
        const mean = (trust[0]! * predictions[0]! + trust[1]! * predictions[1]!) / (trust[0]! + trust[1]!);
        expect(Math.abs(regression.predict(target, sample) - mean)).toBeLessThan(1e-9);
        for (const [k, ofOne] of errors.entries()) {
          ofOne[target]! += ((wanted - predictions[k]!) ** 2 - ofOne[target]!) / 128;
        }
      }
      for (const one of [regression, ...each]) one.learn(sample);
    }
  });

  it('predicts no more than 4 deviations', () => {
    const regression = new BlendedRegression(1, 1);
    for (let i = 0; i < 500; i++) {
      const sample = Float64Array.of(Math.sin(i), 3 * Math.sin(i));
      regression.predict(0, sample);
      regression.learn(sample);
    }
    expect(regression.predict(0, Float64Array.of(6, 0))).toBe(4);
    expect(regression.predict(0, Float64Array.of(-6, 0))).toBe(-4);
  });

  it.each([
    ['always the same', [6, -6, 0.5, 6, -6]],
    ['0', [0, 0, 0, 0, 0]],
  ])('stays finite where numbers are %s', (_what, values) => {
    const [regression, sample] = [blended(), Float64Array.from(values)];
    for (let i = 0; i < 5000; i++) {
      for (let target = 0; target < NUM_TARGETS; target++) regression.predict(target, sample);
      regression.learn(sample);
    }
    const predictions = [regression.predict(0, sample), regression.predict(1, sample)];
    expect(predictions[0]).toBeCloseTo(Math.min(values[3]!, 4), 0);
    expect(predictions.every(Number.isFinite)).toBe(true);
    expect(Number.isFinite(regression.predict(0, Float64Array.of(1, 2, 3, 0, 0)))).toBe(true);
  });
});
