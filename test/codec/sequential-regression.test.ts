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

const predictionsOf = (regression: SequentialRegression): number[] =>
  [0, 1].map((target) => regression.predict(target, Float64Array.of(0.25, -0.5, 1, 2, 0)));

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

  it('that takes samples and is updated after each is the one that learns them', () => {
    const [taking, learning] = [new SequentialRegression(3, 2, MEMORY), new SequentialRegression(3, 2, MEMORY)];
    for (const sample of samples(400)) {
      taking.take(sample);
      taking.update();
      learning.learn(sample);
      expect(predictionsOf(taking)).toEqual(predictionsOf(learning));
    }
  });

  it.each([
    [4, 4],
    [5, 4],
    [64, 64],
    [100, 64],
    [130, 128],
    [3, 0],
  ])('knows of %i samples after an update what it would have learned of %i', (taken, known) => {
    const list = samples(taken);
    const taking = new SequentialRegression(3, 2, MEMORY);
    for (const sample of list) taking.take(sample);
    expect(predictionsOf(taking)).toEqual([0, 0]);
    taking.update();
    expect(predictionsOf(taking)).toEqual(predictionsOf(learned(list)));
    expect(predictionsOf(taking)).toEqual(predictionsOf(learned(list.slice(0, known))));
    if (known > 0) expect(predictionsOf(taking)).not.toEqual([0, 0]);
  });

  it('takes samples that lie behind each other', () => {
    const list = samples(40);
    const [apart, together] = [learned(list), learned([])];
    const all = Float64Array.from(list.flatMap((sample) => [...sample]));
    together.take(all, list.length);
    together.update();
    expect(predictionsOf(together)).toEqual(predictionsOf(apart));
  });

  it('tells the weights that it predicts with', () => {
    const regression = learned(samples(100));
    const sample = [0.25, -0.5, 1, 2];
    const predicted = [0, 1].map((target) => {
      const weights = regression.weightsOf(target);
      return sample.slice(0, NUM_INPUTS + target).reduce((sum, value, i) => sum + weights[i]! * value, 0);
    });
    expect(predicted).toEqual(predictionsOf(regression));
  });

  it('learns the same whenever it was updated before', () => {
    const list = samples(200);
    const [often, seldom] = [new SequentialRegression(3, 2, MEMORY), new SequentialRegression(3, 2, MEMORY)];
    for (const [i, sample] of list.entries()) {
      for (const regression of [often, seldom]) regression.take(sample);
      if (i % 10 === 0) often.update();
      if (i === 150) seldom.update();
    }
    for (const regression of [often, seldom]) regression.update();
    expect(predictionsOf(often)).toEqual(predictionsOf(seldom));
  });

  it('keeps its weights where nothing was taken since', () => {
    const regression = learned(samples(64));
    const before = predictionsOf(regression);
    regression.update();
    expect(predictionsOf(regression)).toEqual(before);
  });
});
