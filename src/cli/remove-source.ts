/**
 * --rm: the source goes once its output stands.
 *
 * Invariant: a source is removed only when its output is a regular file under its name, on the disk, and only the source
 * that was read.
 */
import type { Stats } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { about, UsageError } from './exit-codes.ts';
import type { Job } from './file-command.ts';
import { inputName, kindOf, outputName, STANDARD_STREAM, syncFolder, systemError } from './files.ts';

/** The state of a source before it is read. @throws UsageError when it could not be removed afterwards */
export async function removableSource({ input, output }: Job): Promise<Stats> {
  await about(outputName(output), async () => {
    if (output === STANDARD_STREAM || (await kindOf(output)) === 'device') {
      throw new UsageError('is no file that is kept, so that --rm would lose the source');
    }
  });
  return about(inputName(input), async () => {
    if (input === STANDARD_STREAM || (await kindOf(input)) === 'device') {
      throw new UsageError('is no file that --rm can remove');
    }
    return stat(input);
  });
}

export async function removeSource({ input, output }: Job, before: Stats): Promise<void> {
  await about(output, async () => {
    if (!(await stat(output)).isFile()) throw systemError('ENOENT', 'is no file any more; its source was kept');
  });
  await about(input, async () => {
    const now = await stat(input);
    const isSame = now.ino === before.ino && now.size === before.size && now.mtimeMs === before.mtimeMs;
    if (!isSame) throw systemError('EBUSY', 'changed while it was read, and was kept');
    await syncFolder(dirname(output));
    await rm(input);
  });
}
