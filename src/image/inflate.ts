/**
 * Deflate data whose size after inflating is known beforehand (RFC 1950, RFC 1951).
 *
 * Invariant: at most sizeBytes + 1 bytes are allocated, whatever the data say; the extra byte tells a stream that is
 * too long from one that fits.
 */
import { FlateErrorCode, inflateSync, unzlibSync } from 'fflate';
import { CodecError } from '../errors.ts';

/** Deflate cannot shrink data by more than this: 258 bytes from 2 bits. */
const MAX_DEFLATE_RATIO = 1032;

const INFLATE = { raw: inflateSync, zlib: unzlibSync };

/**
 * Inflates to exactly sizeBytes bytes.
 * @param dictionary what raw data were deflated with
 * @throws CodecError 'truncated' or 'corrupt' for anything else.
 */
export function inflateExactly(
  deflated: Uint8Array,
  sizeBytes: number,
  format: 'raw' | 'zlib',
  dictionary?: Uint8Array,
): Uint8Array {
  if (deflated.length * MAX_DEFLATE_RATIO < sizeBytes) {
    throw new CodecError('truncated', `${deflated.length} deflated bytes cannot hold the ${sizeBytes} expected`);
  }
  // fflate hands the buffer back untouched for no input, and writes past its end fall away.
  const out = deflated.length === 0 ? new Uint8Array(0) : inflateInto(deflated, sizeBytes + 1, format, dictionary);
  if (out.length < sizeBytes) {
    throw new CodecError('truncated', `deflated data hold ${out.length} bytes, expected ${sizeBytes}`);
  }
  if (out.length > sizeBytes) throw new CodecError('corrupt', `deflated data hold more than ${sizeBytes} bytes`);
  return out;
}

function inflateInto(
  deflated: Uint8Array,
  maxBytes: number,
  format: 'raw' | 'zlib',
  dictionary?: Uint8Array,
): Uint8Array {
  try {
    return INFLATE[format](deflated, { out: new Uint8Array(maxBytes), ...(dictionary && { dictionary }) });
  } catch (cause) {
    const endsEarly = cause instanceof Error && 'code' in cause && cause.code === FlateErrorCode.UnexpectedEOF;
    const message = endsEarly ? 'deflated data end early' : 'deflated data are malformed';
    throw new CodecError(endsEarly ? 'truncated' : 'corrupt', message, { cause });
  }
}
