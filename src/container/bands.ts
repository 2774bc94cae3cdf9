/** A payload of bands: their number (varint), and the payload of each, all but the last behind its length (varint). */
import { CodecError } from '../errors.ts';
import { encodeSegments, SegmentReader } from './segments.ts';
import { decodeVarintOf, encodeVarint } from './varint.ts';

export const encodeBands = (payloads: readonly Uint8Array[]): Uint8Array[] => [
  encodeVarint(payloads.length),
  ...encodeSegments(payloads),
];

/**
 * @param range bands that there can be
 * @returns the number of bands, and a reader of their payloads
 * @throws CodecError 'corrupt' for a number outside of the range, 'truncated' where it is missing
 */
export function readBands(
  payload: Uint8Array,
  { least, most }: { readonly least: number; readonly most: number },
): { readonly count: number; readonly reader: SegmentReader } {
  const { value: count, end } = decodeVarintOf('payload of bands', payload, 0);
  if (count < least || count > most) {
    throw new CodecError('corrupt', `${count} bands, of which there must be ${least}..${most}`);
  }
  return { count, reader: new SegmentReader(payload.subarray(end)) };
}
