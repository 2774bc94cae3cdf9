import { describe, expect, it } from 'vitest';
import { Random } from '../../src/train/random.ts';

describe('Random', () => {
  it('continues its sequence from a saved state', () => {
    const random = new Random(7);
    random.normal(33);
    const copy = new Random(JSON.parse(JSON.stringify(random.state)) as number[]);
    const draw = (source: Random) => [source.uint32(), source.uniform(), source.integer(10), ...source.normal(5)];
    expect(draw(copy)).toEqual(draw(random));
    expect(copy.state).toEqual(random.state);
  });

  it('gives another sequence for another seed', () => {
    expect(new Random(1).uint32()).not.toBe(new Random(2).uint32());
  });

  it('keeps its sequence for ever: runs depend on it', () => {
    const random = new Random(1);
    expect([random.uint32(), random.uint32(), random.uint32()]).toEqual([3739678614, 2725338478, 3923878172]);
  });

  it('gives streams that differ from each other and from seed to seed', () => {
    const first = (seed: number, index: number) => Random.stream(seed, index).uint32();
    const numbers = [0, 1, 2, 3].flatMap((index) => [first(1, index), first(2, index)]);
    expect(new Set(numbers).size).toBe(8);
    expect(first(1, 3)).toBe(first(1, 3));
    const means = Array.from({ length: 2000 }, (_, index) => Random.stream(1, index).uniform());
    expect(Math.abs(means.reduce((sum, value) => sum + value, 0) / 2000 - 0.5)).toBeLessThan(0.026);
  });

  it('draws normal numbers with the moments of the standard normal', () => {
    const count = 40_001;
    const values = new Random(3).normal(count);
    const moment = (power: number) => values.reduce((sum, value) => sum + value ** power, 0) / count;
    expect(values).toHaveLength(count);
    // Four standard errors of each.
    expect(Math.abs(moment(1))).toBeLessThan(0.02);
    expect(Math.abs(moment(2) - 1)).toBeLessThan(0.03);
    expect(Math.abs(moment(3))).toBeLessThan(0.08);
    expect(Math.abs(moment(4) - 3)).toBeLessThan(0.2);
  });

  it('draws integers and choices by their weights', () => {
    const random = new Random(4);
    const counts = [0, 0, 0];
    const integers = new Set<number>();
    for (let i = 0; i < 6000; i++) {
      counts[random.choice([1, 0, 2])]!++;
      integers.add(random.integer(5));
    }
    expect([...integers].sort()).toEqual([0, 1, 2, 3, 4]);
    expect(counts[1]).toBe(0);
    expect(Math.abs(counts[0]! - 2000)).toBeLessThan(150);
  });
});
