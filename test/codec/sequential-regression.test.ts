import { describe, expect, it } from 'vitest';
import { SequentialRegression } from '../../src/codec/sequential-regression.ts';
import { seededRandom } from '../helpers/random.ts';

const NUM_INPUTS = 3;
const MEMORY = 0.9998;

/** Samples whose first target follows from the inputs, and the second from the first and an input. */
function samples(count: number): Float64Array[] {
  const random = seededRandom(11);
  return Array.from({ length: count }, () => {
    const [a, b, c] = [random() - 0.5, random() - 0.5, random() - 0.5];
    const first = 2 * a - b + 0.25 * c;
    return Float64Array.of(a, b, c, first, 3 * first + c);
  });
}

function learned(list: readonly Float64Array[]): SequentialRegression {
  const regression = new SequentialRegression(NUM_INPUTS, 2, MEMORY);
  for (const sample of list) regression.learn(sample);
  return regression;
}

describe('sequential regression', () => {
  it('finds targets that are linear in the inputs and the targets before them', () => {
    const regression = learned(samples(20_000));
    const next = samples(20_001).at(-1)!;
    expect(regression.predict(0, next)).toBeCloseTo(next[3]!, 1);
    expect(regression.predict(1, next)).toBeCloseTo(next[4]!, 1);
  });

  it('has the weights that solve the normal equations with its ridge', () => {
    const list = samples(4);
    const regression = new SequentialRegression(1, 1, MEMORY);
    for (const [a, b] of list) regression.learn(Float64Array.of(a!, b!));
    const memory = list.map((_, i) => MEMORY ** (list.length - 1 - i));
    const sum = (value: (sample: Float64Array) => number): number =>
      list.reduce((total, sample, i) => total + memory[i]! * value(sample), 0);
    const expected = sum(([a, b]) => a! * b!) / (sum(([a]) => a! * a!) + 5);
    expect(regression.predict(0, Float64Array.of(1, 0))).toBeCloseTo(expected, 12);
  });

  it('predicts 0 before it has learned, and uses no target that comes later', () => {
    expect(learned(samples(3)).predict(0, Float64Array.of(1, 1, 1, 1, 1))).toBe(0);
    const regression = learned(samples(1000));
    const [known, more] = [Float64Array.of(0.1, 0.2, 0.3, 0, 0), Float64Array.of(0.1, 0.2, 0.3, 9, 9)];
    expect(regression.predict(0, known)).toBe(regression.predict(0, more));
  });

  it('stays sound where numbers are always the same, or 0', () => {
    const regression = new SequentialRegression(2, 1, MEMORY);
    for (let i = 0; i < 100_000; i++) regression.learn(Float64Array.of(6, 0, 6));
    expect(regression.predict(0, Float64Array.of(6, 0, 0))).toBeCloseTo(6, 2);
    for (let i = 0; i < 100_000; i++) regression.learn(Float64Array.of(0, 0, 0));
    expect(Number.isFinite(regression.predict(0, Float64Array.of(6, 0, 0)))).toBe(true);
  });
});
