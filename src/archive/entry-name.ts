/** Names in archives: paths below the folder that is unpacked to, with slashes, on every system. */

/** Bytes of a name in UTF-8, at most. */
export const MAX_NAME_BYTES = 4096;

/** Control characters, the backslash, and what ends a name in the table. */
const FORBIDDEN = /[\p{Cc}\\]/u;

const LONE_SURROGATE = /\p{Cs}/u;

/** What is wrong with a name, so that unpacking it would be no file below its folder; undefined for a sound one. */
export function nameFault(name: string): string | undefined {
  if (name === '') return 'is empty';
  if (LONE_SURROGATE.test(name)) return 'is no Unicode text';
  if (new TextEncoder().encode(name).length > MAX_NAME_BYTES) return `has more than ${MAX_NAME_BYTES} bytes`;
  if (FORBIDDEN.test(name)) return 'has a backslash or control characters';
  if (name.split('/').some((part) => part === '' || part === '.' || part === '..')) {
    return 'is no path below a folder';
  }
  return undefined;
}
