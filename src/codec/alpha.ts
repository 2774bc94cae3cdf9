/**
 * The alpha plane: exact and simple, since most are constant, masks, or smooth edges.
 *
 * First byte = method, then: 0 the one value; 1 deflated Paeth residuals; 2 the deflated plane; 3 the two values, low
 * one first, then deflated bits (1 = high value), each row from the high bit of a fresh byte, rest of the byte 0; 4 the
 * plane as a WebP payload of a gray image; 5 the number to add to the alpha of the WebP payload that holds the colours.
 */
import { deflateSync } from 'fflate';
import { CodecError } from '../errors.ts';
import type { Image8 } from '../image/image.ts';
import { inflateExactly } from '../image/inflate.ts';
import { concatenate } from '../image/png-chunks.ts';
import { FILTER_PAETH, filterLine, unfilterLine } from '../image/png-filters.ts';
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

export interface AlphaOptions {
  /** Take less time and some more bytes. Default: false. */
  readonly isHurried?: boolean;
}

type Plane = Pick<Image8, 'height' | 'width' | 'data'>;

/** Encodes a plane [height, width]. @throws RangeError when its length is not height * width. */
export async function encodeAlpha(
  { height, width, data: plane }: Plane,
  { isHurried = false }: AlphaOptions = {},
): Promise<Uint8Array> {
  if (plane.length === 0 || plane.length !== height * width) {
    throw new RangeError(`"plane" must hold ${height} x ${width} bytes, got ${plane.length}`);
  }
  const deflated = deflateAlpha(plane, width);
  if (deflated.length <= LEAST_WEBP) return deflated;
  const image: Image8 = { height, width, channels: 1, bitDepth: 8, data: plane };
  const webp = await webpBelow(deflated.length - 1, image, isHurried);
  return webp === undefined ? deflated : concatenate([Uint8Array.of(METHOD_WEBP), webp]);
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

/** The section that says that the payload is a WebP of this form; undefined for a form without alpha. */
export const sectionOfForm = ({ alphaShift }: WebpForm): Uint8Array | undefined =>
  alphaShift === undefined ? undefined : Uint8Array.of(METHOD_IN_PAYLOAD, alphaShift);

/** The form of a WebP payload beside this section. @throws CodecError 'corrupt' */
export function formOfSection(bytes: Uint8Array): WebpForm {
  if (bytes[0] !== METHOD_IN_PAYLOAD) return COLOURS_ALONE;
  if (bytes.length === 2) return { alphaShift: bytes[1]! };
  throw new CodecError('corrupt', `alpha in the payload has a section of ${bytes.length} bytes, expected 2`);
}

/**
 * Decodes a plane [height, width]; allocates no more than that, whatever the bytes say.
 * @throws CodecError 'truncated' or 'corrupt'.
 */
export async function decodeAlpha(bytes: Uint8Array, height: number, width: number): Promise<Uint8Array> {
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
    default:
      throw new CodecError('corrupt', `alpha method must be 0..4, found ${bytes[0]}`);
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
      const isHigh = (bits[row * rowBytes + (column >> 3)]! & (0x80 >> (column & 7))) !== 0;
      plane[row * width + column] = isHigh ? high : low;
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
