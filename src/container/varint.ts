/**
 * Unsigned integers of 32 bits as LEB128: 7 bits a byte, low bits first, the high bit says that more follow.
 *
 * Invariant: every value has exactly one encoding, of at most 5 bytes; the decoder refuses all others.
 */
import { CodecError } from '../errors.ts';

const MAX_VALUE = 0xffff_ffff;
const MAX_BYTES = 5;

/** Encodes one number. @throws RangeError unless it is an integer in 0..2^32 - 1. */
export function encodeVarint(value: number): Uint8Array {
  if (!Number.isInteger(value) || value < 0 || value > MAX_VALUE) {
    throw new RangeError(`"value" must be an integer in 0..${MAX_VALUE}, got ${value}`);
  }
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) + 0x80);
  bytes.push(rest);
  return Uint8Array.from(bytes);
}

/** The same of a part of a file, whose offsets are not those of the file. @param subject what the bytes are */
export function decodeVarintOf(subject: string, bytes: Uint8Array, byteOffset: number): { value: number; end: number } {
  try {
    return decodeVarint(bytes, byteOffset);
  } catch (error) {
    if (!(error instanceof CodecError)) throw error;
    const what = error.code === 'truncated' ? 'ends within a number' : 'has a malformed variable-length number';
    throw new CodecError(error.code, `${subject} ${what}`);
  }
}

/**
 * Reads one number at an offset; `end` is the offset after it.
 * @throws CodecError 'truncated' when the bytes end within it, 'corrupt' when it is too large or longer than need be.
 */
export function decodeVarint(bytes: Uint8Array, byteOffset: number): { value: number; end: number } {
  let value = 0;
  for (let i = 0, unit = 1; i < MAX_BYTES; i++, unit *= 0x80) {
    const byte = bytes[byteOffset + i];
    if (byte === undefined) {
      throw new CodecError('truncated', `file ends at byte ${bytes.length}, within a number`, { byteOffset });
    }
    value += (byte & 0x7f) * unit; // < 2^35
    if (byte >= 0x80) continue;
    if (value > MAX_VALUE || (byte === 0 && i > 0)) break;
    return { value, end: byteOffset + i + 1 };
  }
  throw new CodecError('corrupt', 'malformed variable-length number', { byteOffset });
}
