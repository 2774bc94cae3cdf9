import { describe, expect, it } from 'vitest';
import {
  errorClass,
  NUM_ERROR_CLASSES,
  NUM_SCALE_CLASSES,
  type Surroundings,
  scaleClass,
} from '../../src/codec/error-classes.ts';
import { DEVIATIONS16 } from '../../src/codec/neighbour-residuals.ts';
import { PASS_OF } from '../../src/diffusion/passes.ts';
import { CODING_ORDERS } from '../../src/pyramid/rounding-shifts.ts';
import { NUM_SCALES } from '../../src/rans/discretised-gaussian.ts';
import { seededRandom } from '../helpers/random.ts';

/** Positions 0 to 3 are the neighbours of position 4. */
const BASE = 4 * 9;
const LENGTH = 5 * 9;
const NEIGHBOURS = [0, 1, 2, 3];
const ALONE = [-1, -1, -1, -1];

const around = (
  squares: Float64Array,
  planes: 1 | 3 = 3,
  neighbours: readonly number[] = NEIGHBOURS,
): Surroundings => ({
  squares,
  neighbours: Int32Array.from(neighbours),
  order: CODING_ORDERS[planes],
});

/** From nearly none to large ones, few of either. */
function randomSquares(seed: number): Float64Array {
  const random = seededRandom(seed);
  const size = 64 ** (random() - 0.5);
  return Float64Array.from({ length: LENGTH }, () => size * 3 * random() ** 2);
}

const uniform = (square: number): Surroundings => around(new Float64Array(LENGTH).fill(square));

/** Half an octave each, around 1. */
const BOUNDS = Array.from({ length: 13 }, (_, i) => Number((2 ** ((i - 6.5) / 2)).toPrecision(3)));

/** How much an entry of the squares counts for a detail. */
function weightOf(entry: number, c: number, { neighbours, order }: Surroundings): number {
  const [position, other] = [Math.floor(entry / 9), entry % 9];
  const inPlane = other % 3 === c % 3;
  if (entry >= BASE) {
    const isBefore = order.slice(0, order.indexOf(c)).includes(other);
    return isBefore ? (inPlane ? 1.5 : 0.7) : 0;
  }
  const isKnown = inPlane && PASS_OF[other]! <= PASS_OF[c]! && neighbours[position] === position;
  return isKnown ? [2, 2, 1, 1][position]! / (other === c ? 1 : 3) : 0;
}

/** By the weighted mean of all that counts. */
function expectedClass(c: number, surroundings: Surroundings): number {
  const weights = Array.from({ length: LENGTH }, (_, entry) => weightOf(entry, c, surroundings));
  const total = weights.reduce((sum, weight) => sum + weight);
  const sum = weights.reduce((sum, weight, entry) => sum + weight * surroundings.squares[entry]!, 0);
  return BOUNDS.filter((bound) => (total === 0 ? 1 : sum / total) >= bound).length;
}

describe('classes of errors nearby', () => {
  it.each([
    [1, NEIGHBOURS],
    [1, ALONE],
    [3, NEIGHBOURS],
    [3, [0, -1, -1, -1]],
    [3, [-1, 1, -1, 3]],
    [3, ALONE],
  ] as const)('go by a weighted mean of known errors, in %d planes with neighbours %j', (planes, neighbours) => {
    for (let seed = 0; seed < 200; seed++) {
      const surroundings = around(randomSquares(seed), planes, neighbours);
      for (const c of CODING_ORDERS[planes]) {
        expect(errorClass(c, BASE, surroundings), `${c}, seed ${seed}`).toBe(expectedClass(c, surroundings));
      }
    }
  });

  it('begin every half octave', () => {
    expect(NUM_ERROR_CLASSES).toBe(BOUNDS.length + 1);
    for (const [i, bound] of BOUNDS.entries()) {
      expect(errorClass(4, BASE, uniform(bound * 0.999)), `below ${bound}`).toBe(i);
      expect(errorClass(4, BASE, uniform(bound * 1.001)), `above ${bound}`).toBe(i + 1);
    }
    expect([0, 25].map((square) => errorClass(4, BASE, uniform(square)))).toEqual([0, NUM_ERROR_CLASSES - 1]);
  });

  it('hang on no errors that a decoder does not know yet', () => {
    for (const c of CODING_ORDERS[3]) {
      for (let entry = 0; entry < LENGTH; entry++) {
        const surroundings = around(new Float64Array(LENGTH).with(entry, 1e6));
        const expected = weightOf(entry, c, surroundings) > 0 ? NUM_ERROR_CLASSES - 1 : 0;
        expect(errorClass(c, BASE, surroundings), `entry ${entry} for ${c}`).toBe(expected);
      }
    }
  });

  it('are that of errors as large as expected where none are known', () => {
    const first = CODING_ORDERS[3][0]!;
    const unknown = around(randomSquares(1), 3, ALONE);
    expect(errorClass(first, BASE, unknown)).toBe(errorClass(first, BASE, uniform(1)));
  });
});

describe('classes of scales', () => {
  it('begin at deviations of 1/2, 1 and 2, with what rounding adds', () => {
    expect(NUM_SCALE_CLASSES).toBe(4);
    for (let scale = 0; scale < NUM_SCALES; scale++) {
      const expected = [1 / 2, 1, 2].filter((bound) => DEVIATIONS16[scale]! / 16 >= bound).length;
      expect(scaleClass(scale), `scale ${scale}`).toBe(expected);
    }
  });
});
