/**
 * The one image type of the library and its limits.
 *
 * Invariant: data.length === height * width * channels, rows from the top, channels interleaved.
 */
import { CodecError } from '../errors.ts';

/** Longest side of an image in pixels. */
export const MAX_SIDE = 65_535;
/** Most pixels of an image: 2^27, so that even RGBA data stays at 2^29 bytes. */
export const MAX_PIXELS = 0x800_0000;

/** Gray, gray + alpha, RGB or RGBA. */
export type ChannelCount = 1 | 2 | 3 | 4;

/** An image of 8-bit samples; alpha is not premultiplied. */
export interface Image {
  readonly height: number;
  readonly width: number;
  readonly channels: ChannelCount;
  readonly bitDepth: 8;
  /** [height, width, channels] */
  readonly data: Uint8Array;
}

/** True for gray + alpha and RGBA. */
export const hasAlpha = (channels: ChannelCount): boolean => channels === 2 || channels === 4;

/** True when the number is one an Image may have as its channels. */
export const isChannelCount = (value: number): value is ChannelCount =>
  Number.isInteger(value) && value >= 1 && value <= 4;

/**
 * Checks an image that a caller handed in.
 * @throws TypeError for wrong types, RangeError for wrong values.
 */
export function assertImage(image: Image): void {
  if (typeof image !== 'object' || image === null) throw new TypeError('"image" must be an object');
  const { height, width, channels, bitDepth, data } = image;
  if (!(data instanceof Uint8Array)) throw new TypeError('"image.data" must be a Uint8Array');
  assertSize(height, width);
  if (!isChannelCount(channels)) throw new RangeError(`"image.channels" must be 1..4, got ${channels}`);
  if (bitDepth !== 8) throw new RangeError(`"image.bitDepth" must be 8, got ${bitDepth}`);
  const expected = height * width * channels;
  if (data.length !== expected) {
    throw new RangeError(
      `"image.data" must hold ${height} x ${width} x ${channels} = ${expected} bytes, got ${data.length}`,
    );
  }
}

/** Checks a size that a caller asks for. @throws TypeError or RangeError */
export function assertSize(height: number, width: number): void {
  assertSide('height', height);
  assertSide('width', width);
  if (height * width > MAX_PIXELS) {
    throw new RangeError(`"image" must have at most ${MAX_PIXELS} pixels, got ${height * width}`);
  }
}

function assertSide(name: string, side: number): void {
  if (typeof side !== 'number') throw new TypeError(`"image.${name}" must be a number`);
  if (!Number.isInteger(side) || side < 1 || side > MAX_SIDE) {
    throw new RangeError(`"image.${name}" must be an integer in 1..${MAX_SIDE}, got ${side}`);
  }
}

/**
 * Checks a size that a file states, before anything of that size is allocated.
 * @throws CodecError 'corrupt' for an empty image, 'too-large' beyond the limits.
 */
export function checkSizeInFile(height: number, width: number): void {
  if (height < 1 || width < 1) {
    throw new CodecError('corrupt', `file states an empty image of ${width} x ${height} pixels`);
  }
  if (height > MAX_SIDE || width > MAX_SIDE || height * width > MAX_PIXELS) {
    throw new CodecError(
      'too-large',
      `image of ${width} x ${height} pixels is beyond the limit of ${MAX_SIDE} a side and ${MAX_PIXELS} in all`,
    );
  }
}

/** True when size, channels and every sample agree. */
export function isSameImage(a: Image, b: Image): boolean {
  if (a.height !== b.height || a.width !== b.width || a.channels !== b.channels) return false;
  return a.data.every((value, i) => value === b.data[i]);
}
