/**
 * The original section of a file: how to make the PNG file that the image comes from.
 *
 *     1 if the PNG comes back byte for byte, 0 if its pixels and chunks do (1)
 *     | CRC-32 of the byte before it, then of the PNG file to be made (4) | recipe, which only image/ understands
 */
import { CodecError } from '../errors.ts';
import { crc32 } from './checksum.ts';
import { decodeFile } from './header.ts';
import { isOriginalPayload } from './payload-kind.ts';

const START_BYTES = 5;

export interface Original {
  /** The PNG made is the original file, byte for byte. */
  readonly isExact: boolean;
  /** originalChecksum of the PNG file to be made. */
  readonly checksum: number;
  readonly recipe: Uint8Array;
}

/** Checks a restored file, and what it is said to be. */
export const originalChecksum = (png: Uint8Array, isExact: boolean): number =>
  crc32(png, crc32(Uint8Array.of(isExact ? 1 : 0)));

export function encodeOriginal({ isExact, checksum, recipe }: Original): Uint8Array {
  const bytes = new Uint8Array(START_BYTES + recipe.length);
  bytes[0] = isExact ? 1 : 0;
  new DataView(bytes.buffer).setUint32(1, checksum);
  bytes.set(recipe, START_BYTES);
  return bytes;
}

/** @throws CodecError 'truncated' or 'corrupt'. */
export function decodeOriginal(bytes: Uint8Array): Original {
  if (bytes.length < START_BYTES) {
    throw new CodecError('truncated', `original section has ${bytes.length} bytes, expected ${START_BYTES} or more`);
  }
  if (bytes[0]! > 1) throw new CodecError('corrupt', `original section starts with ${bytes[0]}, expected 0 or 1`);
  const checksum = new DataView(bytes.buffer, bytes.byteOffset).getUint32(1);
  return { isExact: bytes[0] === 1, checksum, recipe: bytes.subarray(START_BYTES) };
}

/** What decompressPng gives back of the PNG file that was compressed. */
export type Restored = 'byte for byte' | 'pixels and chunks' | 'pixels';

/** What a file says about it, without decoding. @throws CodecError */
export function readRestored(file: Uint8Array): Restored {
  const { header, original } = decodeFile(file);
  if (isOriginalPayload(header)) return 'byte for byte';
  if (!header.hasOriginal) return 'pixels';
  const { isExact } = decodeOriginal(original);
  return isExact ? 'byte for byte' : 'pixels and chunks';
}
