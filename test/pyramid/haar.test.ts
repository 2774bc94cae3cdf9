import { describe, expect, it } from 'vitest';
import {
  analyse,
  BAND_COUNT,
  BAND_DIAGONAL,
  BAND_HORIZONTAL,
  BAND_VERTICAL,
  coefficientCount,
  coefficientExists,
  type HaarLevel,
  halfSize,
  synthesise,
} from '../../src/pyramid/haar.ts';
import { randomInteger, seededRandom } from '../helpers/random.ts';

function randomImage(length: number, min: number, max: number): Int16Array {
  const random = seededRandom(length);
  return Int16Array.from({ length }, () => min + randomInteger(random, max - min + 1));
}

/** The definition, one line at a time: S-transform of the samples, lows first. */
function transformLine(line: readonly number[]): { lows: number[]; highs: number[] } {
  const lows: number[] = [];
  const highs: number[] = [];
  for (let i = 0; i < line.length; i += 2) {
    const [a, b = a!] = line.slice(i, i + 2);
    highs.push(a! - b);
    lows.push(b + Math.floor((a! - b) / 2));
  }
  return { lows, highs };
}

const transpose = (rows: readonly number[][]): number[][] =>
  rows[0]!.map((_, column) => rows.map((row) => row[column]!));

/** One plane, rows then columns, from transformLine alone. */
function referenceAnalyse(image: Int16Array, height: number, width: number): HaarLevel {
  const rows = Array.from({ length: height }, (_, row) =>
    transformLine([...image.subarray(row * width, (row + 1) * width)]),
  );
  const lowColumns = transpose(rows.map((row) => row.lows)).map(transformLine);
  const highColumns = transpose(rows.map((row) => row.highs)).map(transformLine);
  const low = transpose(lowColumns.map((column) => column.lows)).flat();
  const horizontal = transpose(highColumns.map((column) => column.lows)).flat();
  const vertical = transpose(lowColumns.map((column) => column.highs)).flat();
  const diagonal = transpose(highColumns.map((column) => column.highs)).flat();
  const detail = low.flatMap((_, i) => [horizontal[i]!, vertical[i]!, diagonal[i]!]);
  return { low: Int16Array.from(low), detail: Int16Array.from(detail) };
}

/** Every size of 1..20 x 1..20. */
const SIZES = Array.from({ length: 400 }, (_, i) => ({ height: 1 + Math.floor(i / 20), width: 1 + (i % 20) }));

describe('the Haar transform', () => {
  it.each([1, 3])('is undone exactly at every size with %i planes', (planes) => {
    for (const { height, width } of SIZES) {
      const image = randomImage(height * width * planes, -255, 255);
      const level = analyse(image, height, width, planes);
      expect(synthesise(level, height, width, planes)).toEqual(image);
    }
  });

  it('is the S-transform along the rows, then along the columns', () => {
    for (const { height, width } of SIZES) {
      const image = randomImage(height * width, 0, 255);
      expect(analyse(image, height, width, 1)).toEqual(referenceAnalyse(image, height, width));
    }
  });

  it('treats planes apart', () => {
    const [height, width, planes] = [7, 6, 3];
    const image = randomImage(height * width * planes, -255, 255);
    const { low, detail } = analyse(image, height, width, planes);
    for (let plane = 0; plane < planes; plane++) {
      const alone = analyse(
        image.filter((_, i) => i % planes === plane),
        height,
        width,
        1,
      );
      expect(low.filter((_, i) => i % planes === plane)).toEqual(alone.low);
      expect(detail.filter((_, i) => i % planes === plane)).toEqual(alone.detail);
    }
  });

  it('orders the bands horizontal, vertical, diagonal', () => {
    const leftRight = analyse(Int16Array.of(9, 5, 9, 5), 2, 2, 1);
    const upDown = analyse(Int16Array.of(9, 9, 5, 5), 2, 2, 1);
    const crossed = analyse(Int16Array.of(9, 5, 5, 9), 2, 2, 1);
    expect([leftRight, upDown, crossed].map(({ low, detail }) => [low[0], ...detail])).toEqual([
      [7, 4, 0, 0],
      [7, 0, 4, 0],
      [7, 0, 0, 8],
    ]);
    expect([BAND_HORIZONTAL, BAND_VERTICAL, BAND_DIAGONAL]).toEqual([0, 1, 2]);
  });

  it.each([
    [0, 255],
    [-255, 255],
  ])('keeps the ranges it states for samples in %i..%i', (min, max) => {
    const [low, horizontal, vertical, diagonal] = rangesOfExtremeBlocks(min, max);
    const span = max - min;
    expect([low, horizontal, vertical, diagonal]).toEqual([
      [min, max],
      [-span, span],
      [-span, span],
      [-2 * span, 2 * span],
    ]);
  });
});

/** Least and greatest low value and details of all 2x2 blocks of the values at the ends of a range. */
function rangesOfExtremeBlocks(min: number, max: number): number[][] {
  const values = [min, min + 1, max - 1, max];
  const blocks = values.flatMap((a) => values.flatMap((b) => values.flatMap((c) => values.map((d) => [a, b, c, d]))));
  const results = blocks
    .map((block) => analyse(Int16Array.from(block), 2, 2, 1))
    .map(({ low, detail }) => [low[0]!, ...detail]);
  return transpose(results).map((column) => [Math.min(...column), Math.max(...column)]);
}

describe('coefficientExists', () => {
  it.each([
    ['inside', 4, 4, [true, true, true]],
    ['at an odd lower border', 3, 4, [true, false, false]],
    ['at an odd right border', 4, 3, [false, true, false]],
    ['in an odd corner', 3, 3, [false, false, false]],
  ])('says which details there are %s', (_title, height, width, expected) => {
    const bands = [BAND_HORIZONTAL, BAND_VERTICAL, BAND_DIAGONAL];
    expect(bands.map((band) => coefficientExists({ height, width }, 1, 1, band))).toEqual(expected);
    expect(bands.map((band) => coefficientExists({ height, width }, 0, 0, band))).toEqual([true, true, true]);
  });

  it('is true as often as coefficientCount says, and details are 0 where it is false', () => {
    for (const size of SIZES) {
      const half = halfSize(size);
      const { detail } = analyse(randomImage(size.height * size.width, 0, 255), size.height, size.width, 1);
      let count = 0;
      for (const [i, value] of detail.entries()) {
        const position = Math.floor(i / BAND_COUNT);
        const row = Math.floor(position / half.width);
        if (coefficientExists(size, row, position % half.width, i % BAND_COUNT)) count++;
        else expect(value).toBe(0);
      }
      expect(count).toBe(coefficientCount(size, 1));
    }
  });
});
