/**
 * The alpha plane: exact and simple, since most are constant, masks, or smooth edges.
 *
 * First byte = method, then: 0 the one value; 1 deflated Paeth residuals; 2 the deflated plane; 3 the two values, low
 * one first, then deflated bits (1 = high value), each row from the high bit of a fresh byte, rest of the byte 0.
 */
import { deflateSync } from 'fflate';
import { CodecError } from '../errors.ts';
import { inflateExactly } from '../image/inflate.ts';
import { FILTER_PAETH, filterLine, unfilterLine } from '../image/png-filters.ts';

const METHOD_CONSTANT = 0;
const METHOD_PAETH = 1;
const METHOD_PLAIN = 2;
const METHOD_TWO_VALUES = 3;

/** Encodes a plane [height, width]. @throws RangeError when its length is not height * width. */
export function encodeAlpha(plane: Uint8Array, height: number, width: number): Uint8Array {
  if (plane.length === 0 || plane.length !== height * width) {
    throw new RangeError(`"plane" must hold ${height} x ${width} bytes, got ${plane.length}`);
  }
  const values = [...new Set(plane)].sort((a, b) => a - b);
  if (values.length === 1) return Uint8Array.of(METHOD_CONSTANT, values[0]!);
  if (values.length === 2) return section([METHOD_TWO_VALUES, ...values], packBits(plane, width, values[1]!));
  const paeth = section([METHOD_PAETH], paethResiduals(plane, width));
  const plain = section([METHOD_PLAIN], plane);
  return paeth.length <= plain.length ? paeth : plain;
}

/**
 * Decodes a plane [height, width]; allocates no more than that, whatever the bytes say.
 * @throws CodecError 'truncated' or 'corrupt'.
 */
export function decodeAlpha(bytes: Uint8Array, height: number, width: number): Uint8Array {
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
    default:
      throw new CodecError('corrupt', `alpha method must be 0..3, found ${bytes[0]}`);
  }
}

function section(start: readonly number[], content: Uint8Array): Uint8Array {
  const deflated = deflateSync(content, { level: 9 });
  const bytes = new Uint8Array(start.length + deflated.length);
  bytes.set(start);
  bytes.set(deflated, start.length);
  return bytes;
}

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
