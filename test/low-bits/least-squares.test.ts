import { describe, expect, it } from 'vitest';
import { LeastSquares } from '../../src/low-bits/least-squares.ts';
import { randomInteger, seededRandom } from '../helpers/random.ts';

function learned(size: number, target: (inputs: Float64Array) => number, numSamples = 400): LeastSquares {
  const random = seededRandom(7);
  const squares = new LeastSquares(size, 511 / 512);
  for (let i = 0; i < numSamples; i++) {
    const inputs = Float64Array.from({ length: size }, () => randomInteger(random, 2001) - 1000);
    squares.update(inputs, target(inputs));
  }
  return squares;
}

describe('least squares', () => {
  it('finds a linear function', () => {
    const squares = learned(3, ([a, b, c]) => 2 * a! - b! + 0.25 * c!);
    expect(squares.predict(Float64Array.of(100, 10, 8))).toBeCloseTo(192, 3);
  });

  it('predicts 0 before it has learned', () => {
    expect(learned(3, ([a]) => a!, 7).predict(Float64Array.of(5, 5, 5))).toBe(0);
  });

  it('stays sound where inputs are the same, and where they say nothing', () => {
    const squares = new LeastSquares(4, 31 / 32);
    for (let i = 0; i < 10_000; i++) squares.update(Float64Array.of(-65_535, -65_535, 0, 65_535), 128);
    expect(squares.predict(Float64Array.of(-65_535, -65_535, 0, 65_535))).toBeCloseTo(128, 3);
    for (let i = 0; i < 100_000; i++) squares.update(new Float64Array(4), 3);
    expect(squares.predict(Float64Array.of(-65_535, -65_535, 0, 65_535))).toBeCloseTo(128, 3);
  });
});
