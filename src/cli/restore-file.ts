/** A .vdmz file back to its PNG: what decompress writes, and what verify does without writing. */
import type { Header } from '../container/header.ts';
import { readRestored } from '../container/original.ts';
import { isKept } from '../container/payload-kind.ts';
import { readHeader } from '../decompress.ts';
import { decompressPng } from '../decompress-png.ts';
import type { AnyModel } from '../model/installed-models.ts';
import type { CodingOptions } from '../options.ts';
import { type CodingArguments, engineOptions } from './arguments.ts';
import { about } from './exit-codes.ts';
import type { JobContext } from './file-command.ts';
import { inputName, readInput } from './files.ts';
import { installedName, namedModel } from './models.ts';
import { type FileResult, hexText, methodOf } from './report.ts';

export interface RestoredFile extends Pick<FileResult, 'inputBytes' | 'method' | 'model' | 'restored'> {
  readonly header: Header;
  readonly png: Uint8Array;
}

/** What the arguments say about model and engine. */
export async function openDecoding(options: CodingArguments): Promise<CodingOptions> {
  const model = options.model === undefined ? undefined : await namedModel(options.model);
  return { ...(await engineOptions(options)), model };
}

/** @throws SubjectError about the input: CodecError when it is not sound, or the file system's error */
export async function restoreFile(input: string, coding: CodingOptions, context: JobContext): Promise<RestoredFile> {
  const { io, onProgress } = context;
  const bytes = await readInput(input, io);
  return about(inputName(input), async () => {
    const header = readHeader(bytes);
    onProgress(0);
    const png = await decompressPng(bytes, { ...coding, signal: io.signal, onProgress });
    const named = { ...(await codedBy(header, coding.model)), restored: readRestored(bytes) };
    return { header, png, inputBytes: bytes.length, ...named };
  });
}

/** The method of a file, and the name of the model that it takes. */
export async function codedBy(
  header: Header,
  model: AnyModel | undefined,
): Promise<Pick<FileResult, 'method' | 'model'>> {
  const method = methodOf(header);
  if (isKept(header)) return { method, model: null };
  return { method, model: model?.name ?? (await installedName(header.modelId)) ?? hexText(header.modelId) };
}
