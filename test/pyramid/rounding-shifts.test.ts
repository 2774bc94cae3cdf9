import { describe, expect, it } from 'vitest';
import type { Block } from '../../src/pyramid/block-details.ts';
import { analyse } from '../../src/pyramid/haar.ts';
import { CODING_ORDERS, RoundingShifts } from '../../src/pyramid/rounding-shifts.ts';
import { randomInteger, seededRandom } from '../helpers/random.ts';

/** What a 2x2 block of a plane would have as its details in real numbers, by coefficient of plane 0. */
const realDetails = ([a, b, c, d]: readonly number[]): Record<number, number> => ({
  0: (a! - b! + c! - d!) / 2,
  3: (a! + b! - c! - d!) / 2,
  6: a! - b! - c! + d!,
});

/** Integer YCoCg-R of a pixel, and the same without any rounding. */
function planesOf([red, green, blue]: readonly number[]): { integer: number[]; real: number[] } {
  const co = red! - blue!;
  const middle = blue! + (co >> 1);
  const cg = green! - middle;
  const realMiddle = (red! + blue!) / 2;
  return { integer: [middle + (cg >> 1), co, cg], real: [(realMiddle + green!) / 2, co, green! - realMiddle] };
}

function blockOf(pixels: readonly (readonly number[])[], planes: number): Block {
  const { low, detail } = analyse(Int16Array.from(pixels.flat()), 2, 2, planes);
  return { low, lowBase: 0, u: Int32Array.from(detail), base: 0 };
}

describe('the shifts of rounding', () => {
  it('lead from the integer details of a block in colour to those of its exact colours', () => {
    const random = seededRandom(3);
    for (let i = 0; i < 500; i++) {
      const colours = Array.from({ length: 4 }, () =>
        planesOf([0, 0, 0].map(() => randomInteger(random, i < 250 ? 256 : 3))),
      );
      const block = blockOf(
        colours.map(({ integer }) => integer),
        3,
      );
      const shifts = new RoundingShifts(true);
      for (const c of CODING_ORDERS[3]) {
        const real = realDetails(colours.map(({ real }) => real[c % 3]!))[c - (c % 3)]!;
        expect(16 * block.u[c]! + shifts.shift16(c, block)).toBe(16 * real);
      }
    }
  });

  it('are those of the Haar transform alone in gray images and in means', () => {
    const random = seededRandom(4);
    for (let i = 0; i < 200; i++) {
      const pixels = Array.from({ length: 4 }, () => [randomInteger(random, 256)]);
      const { low, lowBase, u, base } = blockOf(pixels, 1);
      const block = { low, lowBase, u: Int32Array.from({ length: 9 }, (_, c) => (c % 3 === 0 ? u[c / 3]! : 0)), base };
      const shifts = new RoundingShifts(false);
      for (const c of CODING_ORDERS[1]) {
        expect(16 * block.u[c]! + shifts.shift16(c, block)).toBe(16 * realDetails(pixels.flat())[c]!);
      }
    }
  });

  it('need only the details before in the coding order', () => {
    const random = seededRandom(5);
    const colours = Array.from({ length: 4 }, () => planesOf([0, 0, 0].map(() => randomInteger(random, 256))).integer);
    const whole = blockOf(colours, 3);
    const known = { ...whole, u: new Int32Array(9) };
    const [shifts, others] = [new RoundingShifts(true), new RoundingShifts(true)];
    for (const c of CODING_ORDERS[3]) {
      expect(shifts.shift16(c, known)).toBe(others.shift16(c, whole));
      known.u[c] = whole.u[c]!;
    }
  });

  it('are those of a block itself where coefficients go over several blocks in turn', () => {
    const random = seededRandom(6);
    const blocks = Array.from({ length: 20 }, () =>
      blockOf(
        Array.from({ length: 4 }, () => planesOf([0, 0, 0].map(() => randomInteger(random, 256))).integer),
        3,
      ),
    );
    const expected = blocks.map((block) => {
      const alone = new RoundingShifts(true);
      return CODING_ORDERS[3].map((c) => alone.shift16(c, block));
    });
    const shifts = new RoundingShifts(true);
    for (const [i, c] of CODING_ORDERS[3].entries()) {
      const ofBlocks = blocks.map((block) => shifts.shift16(c, block));
      expect(ofBlocks, `coefficient ${c}`).toEqual(expected.map((values) => values[i]!));
    }
  });
});
