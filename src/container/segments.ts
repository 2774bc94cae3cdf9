/** Parts of a payload, one after the other: each but the last behind its length (varint). */
import { CodecError } from '../errors.ts';
import { decodeVarintOf, encodeVarint } from './varint.ts';

export const encodeSegments = (parts: readonly Uint8Array[]): Uint8Array[] =>
  parts.flatMap((part, i) => (i < parts.length - 1 ? [encodeVarint(part.length), part] : [part]));

/** Gives the parts of a payload in turn; what follows the last one belongs to it. */
export class SegmentReader {
  private readonly bytes: Uint8Array;
  private offset = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  /** @throws CodecError 'truncated' where the part is not whole, or 'corrupt' */
  next(isLast: boolean): Uint8Array {
    const part = this.start(isLast);
    if (part.isWhole) return part.bytes;
    throw new CodecError('truncated', 'payload ends within a segment');
  }

  /** A part of which the end may be missing. @throws CodecError 'truncated' where there is nothing of it */
  start(isLast: boolean): { readonly bytes: Uint8Array; readonly isWhole: boolean } {
    if (isLast) return { bytes: this.bytes.subarray(this.offset), isWhole: true };
    const { value, end } = decodeVarintOf('payload of segments', this.bytes, this.offset);
    this.offset = end + value;
    return { bytes: this.bytes.subarray(end, this.offset), isWhole: this.offset <= this.bytes.length };
  }
}
