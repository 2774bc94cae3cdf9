/** The one way to refuse a version. */
import { CodecError } from '../errors.ts';

/** @param what 'file' or 'archive'. @param known versions that can be read, the newest last */
export function unsupportedVersion(
  what: string,
  found: number,
  known: readonly number[],
  byteOffset: number,
): CodecError {
  const age = found < known.at(-1)! ? 'an older' : 'a newer';
  const message = `${what} has format version ${found}, this program reads versions ${known.join(' and ')}; use ${age} program`;
  return new CodecError('unsupported-version', message, { byteOffset });
}
