/** Where an archive's bytes come from: parts of it are read as they are needed, so it may be larger than memory. */
import { CodecError } from '../errors.ts';

export interface ArchiveSource {
  /** In bytes. */
  readonly size: number;
  /** Reads exactly `length` bytes, which lie within the size. */
  read(offset: number, length: number): Promise<Uint8Array>;
}

/** An archive in memory; parts that are read share its memory. */
export const sourceOfBytes = (bytes: Uint8Array): ArchiveSource => ({
  size: bytes.length,
  read: (offset, length) => Promise.resolve(bytes.subarray(offset, offset + length)),
});

/** Reads a part that a damaged archive may lack. @throws CodecError 'truncated' */
export async function readPart(source: ArchiveSource, offset: number, length: number): Promise<Uint8Array> {
  if (offset + length <= source.size) return source.read(offset, length);
  const message = `archive ends at byte ${source.size}, within a part that goes on to byte ${offset + length}`;
  throw new CodecError('truncated', message, { byteOffset: offset });
}
