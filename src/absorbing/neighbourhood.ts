/**
 * What the network sees of a pixel: the pixels revealed before it, as differences to a prediction, divided by how much they
 * differ nearby, so that it learns smooth and uneven parts of images alike; how near the borders are; and the prediction itself.
 *
 * All are integers in units of 1/256; before they are rounded, quotients and products are doubles: exactly specified.
 */
import { REACH } from './diagonals.ts';

/** Columns to the left and right that are seen, in the pixel's row, the one above and so on. */
const REACHES = [REACH, REACH, 3, 3, 1] as const;
const ROWS_UP = REACHES.length - 1;
/** [dRow, dColumn] of the pixels that are seen, row by row. */
export const OFFSETS: readonly (readonly [number, number])[] = REACHES.flatMap((_, i) => {
  const rowsUp = ROWS_UP - i;
  const reach = REACHES[rowsUp]!;
  const count = rowsUp === 0 ? reach : 2 * reach + 1;
  return Array.from({ length: count }, (_, column) => [-rowsUp, column - reach] as const);
});

export const NUM_CHANNELS = 3;
/** Channel of a pixel that is coded first, second, third: green, red, blue. */
export const CHANNEL_ORDER = [1, 0, 2] as const;
/** Pixels so near, in steps up, left or right, tell the spread. */
const NEAR = 2;
const isNear = ([row, column]: readonly [number, number]): boolean => Math.abs(row) + Math.abs(column) <= NEAR;
const IS_NEAR = OFFSETS.map(isNear);
/** Those that are near. */
export const NEAR_OFFSETS = OFFSETS.filter(isNear);
const NUM_NEAR = NUM_CHANNELS * IS_NEAR.filter(Boolean).length;
/** Added to the sum of near differences, so that the spread of flat parts is not 0. */
const LEAST_SUM = 8;
/** Distances to the left, upper and right border are told up to this. */
const EDGE = 4;
/** Classes of the spread: binary digits of the sum of near differences. */
const NUM_SPREADS = 10;
/** Largest magnitude of a difference divided by the spread, and of all inputs. */
export const MAX_DIFFERENCE = 6;
/** The network's inputs are in units of 1 / UNIT. */
export const UNIT = 256;
const LIMIT = MAX_DIFFERENCE * UNIT;
/** Differences come first among the inputs. */
export const NUM_DIFFERENCES = NUM_CHANNELS * OFFSETS.length;
const FIRST_PREDICTION = 128;
/** So near to an end of the range it is told how near. */
const END = 16;

export const NUM_INPUTS = NUM_DIFFERENCES + 3 * (EDGE + 1) + NUM_SPREADS + 3 * NUM_CHANNELS + 1;

/** Colours of pixels, those of gray images three times the same. */
export interface Pixels {
  readonly height: number;
  readonly width: number;
  /** [height, width, 3] */
  readonly data: Uint8Array;
}

export class Neighbourhood {
  /** [3] The prediction of a pixel by those to the left and above: the median edge detector of JPEG-LS. */
  readonly prediction = new Int32Array(NUM_CHANNELS);
  /** Mean magnitude of near differences, above 0. */
  spread = 0;
  private readonly pixels: Pixels;
  /** From a pixel's samples to those of each pixel that is seen. */
  private readonly steps: Int32Array;
  private readonly differences = new Int32Array(NUM_DIFFERENCES);

  /** @param pixels read at each look, so that they may be written in between */
  constructor(pixels: Pixels) {
    this.pixels = pixels;
    this.steps = Int32Array.from(OFFSETS, ([row, column]) => (row * pixels.width + column) * NUM_CHANNELS);
  }

  /** Looks around a pixel; writes NUM_INPUTS inputs from an index on, whose differences are not divided yet. */
  look(row: number, column: number, inputs: Int16Array, start: number): void {
    this.predict(row, column);
    const sum = LEAST_SUM + this.sumDifferences(row, column);
    this.spread = sum / NUM_NEAR;
    inputs.set(this.differences, start);
    let at = start + NUM_DIFFERENCES;
    at = writeOneHot(inputs, at, EDGE + 1, Math.min(column, EDGE));
    at = writeOneHot(inputs, at, EDGE + 1, Math.min(row, EDGE));
    at = writeOneHot(inputs, at, EDGE + 1, Math.min(this.pixels.width - 1 - column, EDGE));
    at = writeOneHot(inputs, at, NUM_SPREADS, Math.min(28 - Math.clz32(sum), NUM_SPREADS - 1));
    for (const value of this.prediction) inputs[at++] = (value - 128) * (UNIT / 128);
    for (const value of this.prediction) inputs[at++] = Math.min(value, END) * (UNIT / END);
    for (const value of this.prediction) inputs[at++] = Math.min(255 - value, END) * (UNIT / END);
    inputs[at] = Math.min(Math.floor(this.spread * (UNIT / 32) + 0.5), 2 * UNIT);
  }

  /** Differences of the near neighbours of the pixel that was looked at, in the order of NEAR_OFFSETS, all channels of each. */
  nearDifferences(target: Int32Array): void {
    let at = 0;
    for (let i = 0; i < IS_NEAR.length; i++) {
      if (!IS_NEAR[i]) continue;
      for (let c = 0; c < NUM_CHANNELS; c++) target[at++] = this.differences[i * NUM_CHANNELS + c]!;
    }
  }

  private predict(row: number, column: number): void {
    const { width, data } = this.pixels;
    const left = (row * width + column - 1) * NUM_CHANNELS;
    const above = left - (width - 1) * NUM_CHANNELS;
    for (let c = 0; c < NUM_CHANNELS; c++) {
      if (row === 0) this.prediction[c] = column === 0 ? FIRST_PREDICTION : data[left + c]!;
      else if (column === 0) this.prediction[c] = data[above + c]!;
      else this.prediction[c] = medianEdge(data[left + c]!, data[above + c]!, data[above - NUM_CHANNELS + c]!);
    }
  }

  /** The differences, 0 outside of the image; returns the sum of the near ones' magnitudes. */
  private sumDifferences(row: number, column: number): number {
    const { width, data } = this.pixels;
    const { prediction, differences, steps } = this;
    const [first, second, third] = [prediction[0]!, prediction[1]!, prediction[2]!];
    const isInner = row >= ROWS_UP && column >= REACH && column < width - REACH;
    const pixel = (row * width + column) * NUM_CHANNELS;
    let sum = 0;
    for (let i = 0, at = 0; i < steps.length; i++, at += NUM_CHANNELS) {
      if (!isInner && !this.isInside(row, column, i)) {
        differences.fill(0, at, at + NUM_CHANNELS);
        continue;
      }
      const from = pixel + steps[i]!;
      differences[at] = data[from]! - first;
      differences[at + 1] = data[from + 1]! - second;
      differences[at + 2] = data[from + 2]! - third;
      if (IS_NEAR[i])
        sum += Math.abs(differences[at]!) + Math.abs(differences[at + 1]!) + Math.abs(differences[at + 2]!);
    }
    return sum;
  }

  private isInside(row: number, column: number, i: number): boolean {
    const [y, x] = [row + OFFSETS[i]![0], column + OFFSETS[i]![1]];
    return y >= 0 && x >= 0 && x < this.pixels.width;
  }
}

/** Divides the differences among the inputs from an index on by their spread. */
export function divideDifferences(inputs: Int16Array, start: number, spread: number): void {
  const scale = UNIT / spread;
  for (let i = start; i < start + NUM_DIFFERENCES; i++) {
    inputs[i] = Math.min(Math.max(Math.floor(inputs[i]! * scale + 0.5), -LIMIT), LIMIT);
  }
}

/** Weinberger, Seroussi and Sapiro, "The LOCO-I lossless image compression algorithm", 2000, section III-A. */
function medianEdge(left: number, above: number, corner: number): number {
  const [least, most] = left < above ? [left, above] : [above, left];
  if (corner >= most) return least;
  return corner <= least ? most : left + above - corner;
}

function writeOneHot(inputs: Int16Array, start: number, length: number, index: number): number {
  for (let i = 0; i < length; i++) inputs[start + i] = i === index ? UNIT : 0;
  return start + length;
}
