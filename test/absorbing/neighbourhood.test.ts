import { describe, expect, it } from 'vitest';
import { diagonalAt, diagonalCount, SLOPE } from '../../src/absorbing/diagonals.ts';
import {
  divideDifferences,
  Neighbourhood,
  NUM_INPUTS,
  OFFSETS,
  type Pixels,
} from '../../src/absorbing/neighbourhood.ts';
import { CONTENT_NAMES, type Content } from '../helpers/images.ts';
import { copyOf, makePixels } from '../helpers/pixels.ts';
import { REFERENCE_OFFSETS, referenceLook, type Seen } from '../helpers/reference-neighbourhood.ts';

function look(pixels: Pixels, row: number, column: number): Seen {
  const neighbourhood = new Neighbourhood(pixels);
  const inputs = new Int16Array(NUM_INPUTS);
  neighbourhood.look(row, column, inputs, 0);
  divideDifferences(inputs, 0, neighbourhood.spread);
  return { prediction: [...neighbourhood.prediction], spread: neighbourhood.spread, inputs: [...inputs] };
}

/** Pixels in the order in which they are revealed. */
const orderOf = (pixels: Pixels): number[] =>
  Array.from({ length: diagonalCount(pixels) }, (_, index) => diagonalAt(pixels, index)).flatMap((diagonal) =>
    Array.from({ length: diagonal.length }, (_, i) => (diagonal.row + i) * pixels.width + diagonal.column - SLOPE * i),
  );

const placesOf = ({ height, width }: Pixels): [row: number, column: number][] =>
  Array.from({ length: height * width }, (_, i) => [Math.floor(i / width), i % width]);

const SIZES = [
  [1, 1],
  [1, 12],
  [12, 1],
  [2, 2],
  [7, 11],
  [11, 7],
] as const;
const CASES = CONTENT_NAMES.flatMap((content) => SIZES.map(([height, width]) => ({ content, height, width })));

describe('what is seen of a pixel', () => {
  it('is what the definition says, of the offsets that it says', () => {
    // As text, which knows no -0.
    expect(OFFSETS.join(' ')).toBe(REFERENCE_OFFSETS.join(' '));
  });

  it.each(CASES)('is what the definition says: $content, $height x $width', ({ content, height, width }) => {
    const pixels = makePixels(content as Content, { height, width });
    for (const [row, column] of placesOf(pixels)) {
      expect(look(pixels, row, column)).toEqual(referenceLook(pixels, row, column));
    }
  });

  it.each([
    [1, 9],
    [9, 1],
    [6, 13],
  ])('does not depend on what is revealed later: %i x %i', (height, width) => {
    const pixels = makePixels('noise', { height, width });
    const later = copyOf(pixels);
    for (const pixel of orderOf(pixels).reverse()) {
      later.data.set(
        [255, 255, 255].map((most, c) => most - pixels.data[3 * pixel + c]!),
        3 * pixel,
      );
      const [row, column] = [Math.floor(pixel / width), pixel % width];
      expect(look(later, row, column)).toEqual(look(pixels, row, column));
    }
  });

  it('depends on every pixel that is seen', () => {
    const pixels = makePixels('noise', { height: 9, width: 13 });
    const before = look(pixels, 6, 6).inputs;
    for (const [dRow, dColumn] of OFFSETS) {
      const changed = copyOf(pixels);
      const at = 3 * ((6 + dRow) * 13 + 6 + dColumn);
      for (let c = 0; c < 3; c++) changed.data[at + c] = changed.data[at + c]! ^ 64;
      expect(look(changed, 6, 6).inputs).not.toEqual(before);
    }
  });

  it('is 0 of pixels beyond borders', () => {
    const pixels = makePixels('white', { height: 1, width: 1 });
    const { inputs, prediction, spread } = look(pixels, 0, 0);
    expect(prediction).toEqual([128, 128, 128]);
    expect(inputs.slice(0, 3 * OFFSETS.length).every((value) => value === 0)).toBe(true);
    expect(spread).toBeGreaterThan(0);
  });

  it('is written from the index that is asked for, and nowhere else', () => {
    const pixels = makePixels('gradient', { height: 5, width: 5 });
    const inputs = new Int16Array(NUM_INPUTS + 7).fill(99);
    const neighbourhood = new Neighbourhood(pixels);
    neighbourhood.look(3, 2, inputs, 4);
    divideDifferences(inputs, 4, neighbourhood.spread);
    expect([...inputs.slice(0, 4), ...inputs.slice(NUM_INPUTS + 4)]).toEqual(Array(7).fill(99));
    expect([...inputs.slice(4, NUM_INPUTS + 4)]).toEqual(look(pixels, 3, 2).inputs);
  });

  it('is read at each look, so that pixels may be written in between', () => {
    const pixels = makePixels('black', { height: 1, width: 2 });
    const neighbourhood = new Neighbourhood(pixels);
    pixels.data.set([7, 8, 9]);
    neighbourhood.look(0, 1, new Int16Array(NUM_INPUTS), 0);
    expect([...neighbourhood.prediction]).toEqual([7, 8, 9]);
  });
});
