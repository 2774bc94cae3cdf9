/** An archive on disk, of which only the parts that are needed are read; one from standard input is read whole. */
import { type FileHandle, open } from 'node:fs/promises';
import { type ArchiveSource, sourceOfBytes } from '../archive/archive-source.ts';
import { hasArchiveMagic } from '../container/header.ts';
import { readInput, STANDARD_STREAM, systemError } from './files.ts';
import type { Io } from './io.ts';

/** Opens an archive for the work and closes it after. */
export async function withArchive<T>(path: string, io: Io, work: (source: ArchiveSource) => Promise<T>): Promise<T> {
  if (path === STANDARD_STREAM) return work(sourceOfBytes(await readInput(path, io)));
  const file = await open(path, 'r');
  try {
    const stats = await file.stat();
    // A pipe has no size and cannot be read here and there.
    if (!stats.isFile()) return await work(sourceOfBytes(await file.readFile()));
    return await work({ size: stats.size, read: (offset, length) => readFully(file, offset, length) });
  } finally {
    await file.close();
  }
}

/** True for a file that begins as an archive. */
export async function isArchiveFile(path: string): Promise<boolean> {
  const file = await open(path, 'r');
  try {
    const stats = await file.stat();
    if (!stats.isFile()) return false;
    return hasArchiveMagic(await readFully(file, 0, Math.min(MAGIC_BYTES, stats.size)));
  } finally {
    await file.close();
  }
}

const MAGIC_BYTES = 4;

/** Bytes of one call: Node.js takes fewer than 2^31. */
const MAX_READ = 1 << 30;

async function readFully(file: FileHandle, offset: number, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  let end = 0;
  while (end < length) {
    const { bytesRead } = await file.read(bytes, end, Math.min(length - end, MAX_READ), offset + end);
    if (bytesRead === 0) throw systemError('EIO', 'the file became shorter while it was read');
    end += bytesRead;
  }
  return bytes;
}
