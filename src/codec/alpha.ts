/**
 * The alpha plane: exact and simple, since most are constant, masks, or smooth edges.
 *
 * First byte = method, then: 0 the one value; 1 deflated Paeth residuals; 2 the deflated plane; 3 the two values, low
 * one first, then deflated bits (1 = high value), each row from the high bit of a fresh byte, rest of the byte 0; 4 the
 * plane as a WebP payload of a gray image; 5 the number to add to the alpha of the WebP payload that holds the colours, and
 * where two values are one there, deflated bits (1 = that number) of the pixels that have it; 6 the stack of
 * src/low-bits/alpha-bits.ts.
 */
import { deflateSync } from 'fflate';
import { CodecError } from '../errors.ts';
import { hasAlpha, type Image8 } from '../image/image.ts';
import { inflateExactly } from '../image/inflate.ts';
import { concatenate } from '../image/png-chunks.ts';
import { FILTER_PAETH, filterLine, unfilterLine } from '../image/png-filters.ts';
import { decodeAlphaBits, encodeAlphaBits, MAX_ALPHA_PIXELS } from '../low-bits/alpha-bits.ts';
import { readAlpha, writeAlpha } from './planes.ts';
import {
  COLOURS_ALONE,
  decodeWebpPayload,
  encodeWebpPayload,
  estimateWebp,
  leastWebpBytes,
  type WebpForm,
} from './webp-payload.ts';

const METHOD_CONSTANT = 0;
const METHOD_PAETH = 1;
const METHOD_PLAIN = 2;
const METHOD_TWO_VALUES = 3;
const METHOD_WEBP = 4;
const METHOD_IN_PAYLOAD = 5;
const METHOD_MODELLED = 6;

export interface AlphaOptions {
  /** Take less time and some more bytes. Default: false. */
  readonly isHurried?: boolean;
}

/** Encodes the alpha of an image. @throws RangeError for one without alpha. */
export async function encodeAlpha(image: Image8, { isHurried = false }: AlphaOptions = {}): Promise<Uint8Array> {
  if (!hasAlpha(image.channels)) throw new RangeError(`"image" must have alpha, got ${image.channels} channels`);
  const { height, width } = image;
  const plane = readAlpha(image);
  const deflated = deflateAlpha(plane, width);
  if (deflated.length <= LEAST_WEBP) return deflated;
  const modelled = isHurried ? undefined : modelledBelow(deflated.length, image);
  const least = modelled ?? deflated;
  const gray: Image8 = { height, width, channels: 1, bitDepth: 8, data: plane };
  const webp = await webpBelow(least.length - 1, gray, isHurried);
  return webp === undefined ? least : concatenate([Uint8Array.of(METHOD_WEBP), webp]);
}

function modelledBelow(bytes: number, image: Image8): Uint8Array | undefined {
  if (image.height * image.width > MAX_ALPHA_PIXELS) return undefined;
  const modelled = concatenate([Uint8Array.of(METHOD_MODELLED), encodeAlphaBits(image)]);
  return modelled.length < bytes ? modelled : undefined;
}

/** Bytes of the smallest WebP that there is. */
const LEAST_WEBP = 28;

/** A WebP of fewer bytes; of a large plane only where a sample promises that, since it takes memory and time. */
async function webpBelow(bytes: number, image: Image8, isHurried: boolean): Promise<Uint8Array | undefined> {
  const estimate = await estimateWebp(image);
  if (estimate === undefined || leastWebpBytes(estimate.bytes, image, isHurried) >= bytes) return undefined;
  const webp = await encodeWebpPayload(image, isHurried);
  return webp !== undefined && webp.length < bytes ? webp : undefined;
}

function deflateAlpha(plane: Uint8Array, width: number): Uint8Array {
  const values = [...new Set(plane)].sort((a, b) => a - b);
  if (values.length === 1) return Uint8Array.of(METHOD_CONSTANT, values[0]!);
  if (values.length === 2) return section([METHOD_TWO_VALUES, ...values], packBits(plane, width, values[1]!));
  const paeth = section([METHOD_PAETH], paethResiduals(plane, width));
  const plain = section([METHOD_PLAIN], plane);
  return paeth.length <= plain.length ? paeth : plain;
}

/** The section beside a WebP payload of this form; undefined for a form without alpha. */
export function sectionOfForm({ alphaShift, isMerged = false }: WebpForm, image: Image8): Uint8Array | undefined {
  if (alphaShift === undefined) return undefined;
  const start = [METHOD_IN_PAYLOAD, alphaShift];
  if (!isMerged) return Uint8Array.from(start);
  const merged = readAlpha(image).filter((value) => value === alphaShift || value === next(alphaShift));
  return section(start, packBits(merged, merged.length, alphaShift));
}

/** The form of a WebP payload beside this section. @throws CodecError 'truncated' */
export function formOfSection(bytes: Uint8Array): WebpForm {
  if (bytes[0] !== METHOD_IN_PAYLOAD) return COLOURS_ALONE;
  if (bytes.length < 2) throw new CodecError('truncated', 'alpha section ends within its values');
  return { alphaShift: bytes[1]!, isMerged: bytes.length > 2 };
}

/** Takes apart the two values of alpha that a merged form has as one. @throws CodecError 'truncated' or 'corrupt' */
export function partMerged(image: Image8, bytes: Uint8Array): void {
  const low = bytes[1]!;
  const high = next(low);
  const plane = readAlpha(image);
  const count = plane.reduce((sum, value) => (value === high ? sum + 1 : sum), 0);
  const bits = inflateExactly(bytes.subarray(2), Math.ceil(count / 8), 'raw');
  let read = 0;
  for (let i = 0; i < plane.length; i++) {
    if (plane[i] !== high) continue;
    if (isSet(bits, read)) plane[i] = low;
    read++;
  }
  writeAlpha(image, plane);
}

/** Bits of a byte follow each other from the high one down. */
const isSet = (bits: Uint8Array, i: number): boolean => (bits[i >> 3]! & (0x80 >> (i & 7))) !== 0;

const next = (value: number): number => (value + 1) & 255;

/**
 * Decodes the alpha plane [height, width] of an image whose colours are known; allocates no more than that, whatever the
 * bytes say.
 * @throws CodecError 'truncated' or 'corrupt'.
 */
export async function decodeAlpha(bytes: Uint8Array, image: Image8): Promise<Uint8Array> {
  const { height, width } = image;
  const size = height * width;
  switch (bytes[0]) {
    case undefined:
      throw new CodecError('truncated', 'alpha section is empty');
    case METHOD_CONSTANT:
      if (bytes.length !== 2) throw new CodecError('corrupt', `constant alpha has ${bytes.length} bytes, expected 2`);
      return new Uint8Array(size).fill(bytes[1]!);
    case METHOD_PAETH:
      return undoPaeth(inflateExactly(bytes.subarray(1), size, 'raw'), width);
    case METHOD_PLAIN:
      return inflateExactly(bytes.subarray(1), size, 'raw');
    case METHOD_TWO_VALUES:
      return decodeTwoValues(bytes, height, width);
    case METHOD_WEBP:
      return (await decodeWebpPayload({ height, width, channels: 1 }, bytes.subarray(1))).data;
    case METHOD_MODELLED:
      return decodeAlphaBits(bytes.subarray(1), image);
    default:
      throw new CodecError('corrupt', `alpha method must be 0..4 or 6, found ${bytes[0]}`);
  }
}

const section = (start: readonly number[], content: Uint8Array): Uint8Array =>
  concatenate([Uint8Array.from(start), deflateSync(content, { level: 9 })]);

function packBits(plane: Uint8Array, width: number, highValue: number): Uint8Array {
  const rowBytes = Math.ceil(width / 8);
  const bits = new Uint8Array((plane.length / width) * rowBytes);
  for (let i = 0; i < plane.length; i++) {
    const column = i % width;
    const target = ((i - column) / width) * rowBytes + (column >> 3);
    if (plane[i] === highValue) bits[target] = bits[target]! | (0x80 >> (column & 7));
  }
  return bits;
}

function decodeTwoValues(bytes: Uint8Array, height: number, width: number): Uint8Array {
  const [, low, high] = bytes as unknown as number[];
  if (low === undefined || high === undefined)
    throw new CodecError('truncated', 'alpha section ends within its values');
  if (low >= high) throw new CodecError('corrupt', `alpha values must rise, found ${low} and ${high}`);
  const rowBytes = Math.ceil(width / 8);
  const bits = inflateExactly(bytes.subarray(3), height * rowBytes, 'raw');
  const padding = (1 << (rowBytes * 8 - width)) - 1;
  const plane = new Uint8Array(height * width);
  for (let row = 0; row < height; row++) {
    if ((bits[(row + 1) * rowBytes - 1]! & padding) !== 0) throw new CodecError('corrupt', 'alpha bits beyond a row');
    for (let column = 0; column < width; column++) {
      plane[row * width + column] = isSet(bits, 8 * row * rowBytes + column) ? high : low;
    }
  }
  return plane;
}

function paethResiduals(plane: Uint8Array, width: number): Uint8Array {
  const residuals = new Uint8Array(plane.length);
  forEachLine(plane, width, (pair, start) => {
    filterLine(FILTER_PAETH, pair, 1, residuals.subarray(start, start + width));
  });
  return residuals;
}

function undoPaeth(plane: Uint8Array, width: number): Uint8Array {
  forEachLine(plane, width, (pair) => unfilterLine(FILTER_PAETH, pair, 1));
  return plane;
}

type LineVisitor = (pair: { line: Uint8Array; above: Uint8Array }, start: number) => void;

function forEachLine(plane: Uint8Array, width: number, visit: LineVisitor): void {
  let above: Uint8Array = new Uint8Array(width);
  for (let start = 0; start < plane.length; start += width) {
    const line = plane.subarray(start, start + width);
    visit({ line, above }, start);
    above = line;
  }
}
