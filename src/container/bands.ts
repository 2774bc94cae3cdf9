/** A payload of several bands: their number (varint), and the payload of each, all but the last behind its length (varint). */
import { CodecError } from '../errors.ts';
import { encodeSegments, SegmentReader } from './segments.ts';
import { decodeVarint, encodeVarint } from './varint.ts';

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
  const { value: count, end } = bandCount(payload);
  if (count < least || count > most) {
    throw new CodecError('corrupt', `${count} bands, of which there must be ${least}..${most}`);
  }
  return { count, reader: new SegmentReader(payload.subarray(end)) };
}

function bandCount(payload: Uint8Array): { readonly value: number; readonly end: number } {
  try {
    return decodeVarint(payload, 0);
  } catch (error) {
    if (!(error instanceof CodecError)) throw error;
    // Offsets are those of the payload, not of the file.
    const what = error.code === 'truncated' ? 'payload ends within the number of bands' : 'malformed number of bands';
    throw new CodecError(error.code, what);
  }
}
