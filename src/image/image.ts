/**
 * The one image type of the library and its limits.
 *
 * Invariant: data.length === height * width * channels, rows from the top, channels interleaved; bitDepth tells the type
 * of data.
 */
import { CodecError } from '../errors.ts';

/** Longest side of an image in pixels. */
export const MAX_SIDE = 65_535;
/** Most pixels of an image: 2^27, so that even RGBA data stays at 2^29 samples. */
export const MAX_PIXELS = 0x800_0000;

/** Gray, gray + alpha, RGB or RGBA. */
export type ChannelCount = 1 | 2 | 3 | 4;

/** Bits of a sample. */
export type BitDepth = 8 | 16;

interface Shape {
  readonly height: number;
  readonly width: number;
  readonly channels: ChannelCount;
}

/** An image of samples 0..255. */
export interface Image8 extends Shape {
  readonly bitDepth: 8;
  /** [height, width, channels] */
  readonly data: Uint8Array;
}

/** An image of samples 0..65535. */
export interface Image16 extends Shape {
  readonly bitDepth: 16;
  /** [height, width, channels] */
  readonly data: Uint16Array;
}

/** Alpha is not premultiplied. */
export type Image = Image8 | Image16;

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
  assertData(bitDepth, data);
  assertSize(height, width);
  if (!isChannelCount(channels)) throw new RangeError(`"image.channels" must be 1..4, got ${channels}`);
  const expected = height * width * channels;
  if (data.length !== expected) {
    throw new RangeError(
      `"image.data" must hold ${height} x ${width} x ${channels} = ${expected} samples, got ${data.length}`,
    );
  }
}

function assertData(bitDepth: number, data: unknown): void {
  if (bitDepth !== 8 && bitDepth !== 16) throw new RangeError(`"image.bitDepth" must be 8 or 16, got ${bitDepth}`);
  const Samples = bitDepth === 8 ? Uint8Array : Uint16Array;
  if (!(data instanceof Samples)) {
    throw new TypeError(`"image.data" must be a ${Samples.name} where "image.bitDepth" is ${bitDepth}`);
  }
}

/** The image, for what is done with 8 bits a sample only. @throws CodecError 'unsupported-image' for 16 */
export function requireImage8(image: Image): Image8 {
  if (image.bitDepth === 8) return image;
  throw new CodecError('unsupported-image', 'images of 16 bits a sample are not supported here, only of 8');
}

/** The samples as PNG stores them: those of 16 bits high byte first. Those of 8 bits share the image's memory. */
export function sampleBytes({ data }: Pick<Image, 'data'>): Uint8Array {
  if (data instanceof Uint8Array) return data;
  const bytes = new Uint8Array(data.length * 2);
  for (let i = 0; i < data.length; i++) {
    bytes[2 * i] = data[i]! >> 8;
    bytes[2 * i + 1] = data[i]!;
  }
  return bytes;
}

/** Undoes sampleBytes, with data of their own. @param bytes height * width * channels samples of bitDepth bits */
export function imageOfBytes(geometry: Omit<Image, 'data'>, bytes: Uint8Array): Image {
  const { height, width, channels, bitDepth } = geometry;
  if (bitDepth === 8) return { height, width, channels, bitDepth, data: bytes.slice() };
  return { height, width, channels, bitDepth, data: joinBytes(bytes) };
}

/** Samples of 16 bits, stored high byte first. */
export function joinBytes(bytes: Uint8Array): Uint16Array {
  const samples = new Uint16Array(bytes.length / 2);
  for (let i = 0; i < samples.length; i++) samples[i] = (bytes[2 * i]! << 8) | bytes[2 * i + 1]!;
  return samples;
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
 * @param maxPixels a limit below that of all images
 * @throws CodecError 'corrupt' for an empty image, 'too-large' beyond the limits.
 */
export function checkSizeInFile(height: number, width: number, maxPixels = MAX_PIXELS): void {
  if (height < 1 || width < 1) {
    throw new CodecError('corrupt', `file states an empty image of ${width} x ${height} pixels`);
  }
  if (height > MAX_SIDE || width > MAX_SIDE || height * width > Math.min(maxPixels, MAX_PIXELS)) {
    throw new CodecError(
      'too-large',
      `image of ${width} x ${height} pixels is beyond the limit of ${MAX_SIDE} a side and ${Math.min(maxPixels, MAX_PIXELS)} in all`,
    );
  }
}

/** True when size, channels, depth and every sample agree. */
export function isSameImage(a: Image, b: Image): boolean {
  if (a.height !== b.height || a.width !== b.width || a.channels !== b.channels) return false;
  if (a.bitDepth !== b.bitDepth) return false;
  return a.data.every((value, i) => value === b.data[i]);
}
