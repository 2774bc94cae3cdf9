import { describe, expect, it } from 'vitest';
import { classOfDetail, NUM_CLASSES, type Surroundings } from '../../src/codec/error-classes.ts';
import { DEVIATIONS16 } from '../../src/codec/neighbour-residuals.ts';
import { PASS_OF } from '../../src/diffusion/passes.ts';
import { CODING_ORDERS } from '../../src/pyramid/rounding-shifts.ts';
import { NUM_SCALES } from '../../src/rans/discretised-gaussian.ts';
import { seededRandom } from '../helpers/random.ts';

/** Positions 0 to 3 are the neighbours of position 4. */
const NUM_POSITIONS = 5;
const BASE = 4 * 9;
const LENGTH = NUM_POSITIONS * 9;
const NEIGHBOURS = Int32Array.of(0, 1, 2, 3);
const ALONE = new Int32Array(4).fill(-1);
/** Of each block of classes: the network's scales divide them. */
const NUM_ERROR_CLASSES = NUM_CLASSES / 4;

const around = (squares: Float64Array, planes: 1 | 3 = 3, neighbours = NEIGHBOURS): Surroundings => ({
  squares,
  neighbours,
  order: CODING_ORDERS[planes],
});

const randomSquares = (seed: number, size = 3): Float64Array => {
  const random = seededRandom(seed);
  return Float64Array.from({ length: LENGTH }, () => size * random() ** 2);
};

const COEFFICIENTS = CODING_ORDERS[3];

/** Whether the class of detail c may go by an entry of the squares. */
function counts(c: number, entry: number): boolean {
  const other = entry % 9;
  if (entry >= BASE) return COEFFICIENTS.indexOf(other) < COEFFICIENTS.indexOf(c);
  return other % 3 === c % 3 && PASS_OF[other]! <= PASS_OF[c]!;
}

describe('classes of details', () => {
  it.each([1, 3] as const)('are 0 to NUM_CLASSES - 1, in %d planes', (planes) => {
    for (const c of CODING_ORDERS[planes]) {
      for (let scale = 0; scale < NUM_SCALES; scale++) {
        const value = classOfDetail(c, BASE, scale, around(randomSquares(scale, 25), planes));
        expect(Number.isInteger(value) && value >= 0 && value < NUM_CLASSES).toBe(true);
      }
      expect(classOfDetail(c, BASE, 0, around(new Float64Array(LENGTH), planes))).toBe(0);
      const widest = around(new Float64Array(LENGTH).fill(25), planes);
      expect(classOfDetail(c, BASE, NUM_SCALES - 1, widest)).toBe(NUM_CLASSES - 1);
    }
  });

  it('are never lower for larger errors nearby', () => {
    for (let seed = 0; seed < 20; seed++) {
      const squares = randomSquares(seed);
      for (const c of COEFFICIENTS) {
        const before = classOfDetail(c, BASE, 80, around(squares));
        for (let entry = 0; entry < LENGTH; entry++) {
          const larger = squares.with(entry, squares[entry]! + 2);
          expect(classOfDetail(c, BASE, 80, around(larger))).toBeGreaterThanOrEqual(before);
        }
      }
    }
  });

  it('go by errors in the plane at neighbours as far as the pass knows them, and by those before at the position', () => {
    for (const c of COEFFICIENTS) {
      for (let entry = 0; entry < LENGTH; entry++) {
        const squares = new Float64Array(LENGTH).with(entry, 1e6);
        const expected = counts(c, entry) ? NUM_ERROR_CLASSES - 1 : 0;
        expect(classOfDetail(c, BASE, 0, around(squares)), `entry ${entry} for ${c}`).toBe(expected);
      }
    }
  });

  it('are those of errors as large as expected where no errors are known', () => {
    const first = COEFFICIENTS[0]!;
    const ones = new Float64Array(LENGTH).fill(1);
    const unknown = around(randomSquares(1), 3, ALONE);
    expect(classOfDetail(first, BASE, 0, unknown)).toBe(classOfDetail(first, BASE, 0, around(ones)));
  });

  it('come in blocks by the deviation of the network: up to 1/2, 1, 2 and more', () => {
    const error = around(randomSquares(2));
    for (let scale = 0; scale < NUM_SCALES; scale++) {
      const block = [1 / 2, 1, 2].filter((bound) => DEVIATIONS16[scale]! / 16 >= bound).length;
      const expected = block * NUM_ERROR_CLASSES + classOfDetail(0, BASE, 0, error);
      expect(classOfDetail(0, BASE, scale, error), `scale ${scale}`).toBe(expected);
    }
  });
});
