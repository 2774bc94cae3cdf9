/**
 * The original section of a file: how to make the PNG file that the image comes from.
 *
 *     twice the length of the inflated recipe, plus 1 if the PNG comes back byte for byte (varint)
 *     | CRC-32 of a byte that is 1 then and else 0, and of the PNG file to be made (4)
 *     | packed recipe, which only image/ understands
 */
import { ByteReader } from './byte-reader.ts';
import { crc32 } from './checksum.ts';
import { decodeFile } from './header.ts';
import { isOriginalPayload } from './payload-kind.ts';
import { uint32Bytes } from './uint32.ts';
import { encodeVarint } from './varint.ts';

export interface Original {
  /** The PNG made is the original file, byte for byte. */
  readonly isExact: boolean;
  /** originalChecksum of the PNG file to be made. */
  readonly checksum: number;
  readonly recipe: {
    /** In bytes, inflated. */
    readonly length: number;
    readonly packed: Uint8Array;
  };
}

/** Checks a restored file, and what it is said to be. */
export const originalChecksum = (png: Uint8Array, isExact: boolean): number =>
  crc32(png, crc32(Uint8Array.of(isExact ? 1 : 0)));

export function encodeOriginal({ isExact, checksum, recipe }: Original): Uint8Array {
  const start = Uint8Array.of(...encodeVarint(2 * recipe.length + (isExact ? 1 : 0)), ...uint32Bytes(checksum));
  const bytes = new Uint8Array(start.length + recipe.packed.length);
  bytes.set(start);
  bytes.set(recipe.packed, start.length);
  return bytes;
}

/** @throws CodecError 'truncated' or 'corrupt'. */
export function decodeOriginal(bytes: Uint8Array): Original {
  const reader = new ByteReader(bytes, 'original section');
  const start = reader.varint();
  const checksum = reader.uint32();
  return { isExact: start % 2 === 1, checksum, recipe: { length: Math.floor(start / 2), packed: reader.rest() } };
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
