/** An archive on disk, of which only the parts that are needed are read. */
import { open } from 'node:fs/promises';
import type { ArchiveSource } from '../archive/archive-source.ts';
import { systemError } from './files.ts';

/** Opens an archive for the work and closes it after. */
export async function withArchive<T>(path: string, work: (source: ArchiveSource) => Promise<T>): Promise<T> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    return await work({
      size,
      read: async (offset, length) => {
        const bytes = new Uint8Array(length);
        const { bytesRead } = await file.read(bytes, 0, length, offset);
        if (bytesRead === length) return bytes;
        throw systemError('EIO', 'the file became shorter while it was read');
      },
    });
  } finally {
    await file.close();
  }
}
