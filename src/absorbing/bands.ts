/**
 * An image in bands of whole rows, each coded as if it were an image by itself, so that threads can code them at the same time: what
 * one teaches is not known to the others.
 */
import { NUM_CHANNELS, type Pixels } from './neighbourhood.ts';

/** Bands where nobody says how many, at most: as many as there are threads by default. */
const MAX_CHOSEN = 16;

export interface Band {
  /** The uppermost one. */
  readonly row: number;
  readonly height: number;
}

/** @param count 1..height */
export function bandsOf({ height }: Pick<Pixels, 'height'>, count: number): Band[] {
  const rowOf = (index: number) => Math.floor((height * index) / count);
  return Array.from({ length: count }, (_, i) => ({ row: rowOf(i), height: rowOf(i + 1) - rowOf(i) }));
}

/** As many bands of at least so many pixels as there can be, up to 16: a power of two, which threads share evenly. */
export function bandCountFor({ height, width }: Omit<Pixels, 'data'>, leastPixels: number): number {
  let count = 1;
  while (count < MAX_CHOSEN && 2 * count <= height && height * width >= 2 * count * leastPixels) count *= 2;
  return count;
}

/** The pixels of a band, which share the image's memory. */
export function pixelsOfBand({ width, data }: Pixels, { row, height }: Band): Pixels {
  const start = row * width * NUM_CHANNELS;
  return { height, width, data: data.subarray(start, start + height * width * NUM_CHANNELS) };
}
