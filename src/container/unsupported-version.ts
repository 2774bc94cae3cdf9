/** The one way to refuse a version. */
import { CodecError } from '../errors.ts';

/** @param what 'file' or 'archive'. @param known two or more versions that can be read, the newest last */
export function unsupportedVersion(
  what: string,
  found: number,
  known: readonly number[],
  byteOffset: number,
): CodecError {
  const age = found < known.at(-1)! ? 'an older' : 'a newer';
  const versions = `${known.slice(0, -1).join(', ')} and ${known.at(-1)}`;
  const message = `${what} has format version ${found}, this program reads versions ${versions}; use ${age} program`;
  return new CodecError('unsupported-version', message, { byteOffset });
}
