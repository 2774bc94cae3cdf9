import { describe, expect, it } from 'vitest';
import { colourClass, NUM_COLOUR_CLASSES } from '../../src/codec/colour-classes.ts';

/** The class of a colour, or of gray, that lies among others. */
function classOf(...colour: readonly number[]): number {
  const planes = colour.length === 1 ? 1 : 3;
  const low = Int16Array.of(...[99, -99, 9].slice(0, planes), ...colour, 7, 7, 7);
  return colourClass({ low, lowBase: planes, u: new Int32Array(9), base: 0 }, planes);
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i);
const Y = upTo(256);
const CHROMA = upTo(511).map((i) => i - 255);
/** Values at which the class differs from that of the value before. */
const bounds = (values: readonly number[], classAt: (value: number) => number): number[] =>
  values.slice(1).filter((value) => classAt(value) !== classAt(value - 1));

describe('classes by colour', () => {
  it('begin every 64 of Y, and every 32 of Co and Cg, as far below 0 as above', () => {
    expect(bounds(Y, (y) => classOf(y, 0, 0))).toEqual([64, 128, 192]);
    expect(bounds(CHROMA, (co) => classOf(100, co, 0))).toEqual([-32, 0, 32]);
    expect(bounds(CHROMA, (cg) => classOf(100, 0, cg))).toEqual([-16, 16]);
  });

  it('are one for each cell of Y, Co and Cg, 0 to NUM_COLOUR_CLASSES - 1', () => {
    const cells = [0, 64, 128, 192].flatMap((y) =>
      [-33, -1, 0, 32].flatMap((co) => [-17, 0, 16].map((cg) => classOf(y, co, cg))),
    );
    expect(cells.toSorted((a, b) => a - b)).toEqual(upTo(NUM_COLOUR_CLASSES));
  });

  it('of gray are 48 even ones', () => {
    expect(NUM_COLOUR_CLASSES).toBe(48);
    expect(Y.map((y) => classOf(y))).toEqual(Y.map((y) => Math.floor((48 * y) / 256)));
  });

  it('beyond the range are the outermost ones', () => {
    expect(classOf(-40)).toBe(classOf(0));
    expect(classOf(300)).toBe(classOf(255));
    expect(classOf(-40, -999, -999)).toBe(0);
    expect(classOf(300, 999, 999)).toBe(NUM_COLOUR_CLASSES - 1);
  });
});
