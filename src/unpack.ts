/** An archive to its images: pack.ts read upwards. */
import { type ArchiveSource, readPart } from './archive/archive-source.ts';
import { popChain } from './archive/chain.ts';
import { filesOf, type Group, readGroups } from './archive/group.ts';
import { type ChainTable, type FilesTable, isChain } from './archive/group-table.ts';
import { decompressPng } from './decompress-png.ts';
import { CodecError } from './errors.ts';
import { failDamaged, type ListOptions } from './list-archive.ts';
import { findModel } from './model/installed-models.ts';
import { assertCodingOptions, type CodingOptions } from './options.ts';
import { AnsStack } from './rans/ans-stack.ts';

export interface UnpackOptions extends Omit<CodingOptions, 'onProgress'>, ListOptions {
  /** True for the names to unpack. Default: all. */
  readonly isWanted?: ((name: string) => boolean) | undefined;
}

/** An image as a PNG file, or why there is none. */
export type Unpacked =
  | { readonly name: string; readonly png: Uint8Array; readonly error?: undefined }
  | { readonly name: string; readonly png?: undefined; readonly error: CodecError };

/**
 * Restores the PNG files of an archive, in its order. One that is damaged fails alone, or with those that come after it
 * on the same stack.
 *
 * @throws CodecError 'not-our-format' or 'unsupported-version', and for damage that onDamage is not there to hear of
 */
export async function* unpack(source: ArchiveSource, options: UnpackOptions = {}): AsyncGenerator<Unpacked, void> {
  const { onDamage = failDamaged, isWanted = () => true, ...coding } = options;
  assertCodingOptions(coding);
  for await (const group of readGroups(source, onDamage)) {
    coding.signal?.throwIfAborted();
    const { table } = group;
    if (isChain(table)) yield* unpackChain(source, { ...group, table }, isWanted, coding);
    else yield* unpackFiles(source, { ...group, table }, isWanted, coding);
  }
}

async function* unpackFiles(
  source: ArchiveSource,
  group: Group & { table: FilesTable },
  isWanted: (name: string) => boolean,
  coding: CodingOptions,
): AsyncGenerator<Unpacked, void> {
  for (const { name, offset, length } of filesOf(group, group.table)) {
    if (!isWanted(name)) continue;
    try {
      yield { name, png: await decompressPng(await readPart(source, offset, length), coding) };
    } catch (error) {
      yield { name, error: asCodecError(error) };
    }
  }
}

async function* unpackChain(
  source: ArchiveSource,
  group: Group & { table: ChainTable },
  isWanted: (name: string) => boolean,
  coding: CodingOptions,
): AsyncGenerator<Unpacked, void> {
  const { images, numSteps, modelId } = group.table;
  const wanted = images.map(({ name }) => isWanted(name));
  const end = wanted.lastIndexOf(true) + 1;
  if (end === 0) return;
  let i = 0;
  try {
    const model = coding.model ?? (await findModel(modelId));
    const stack = await readStack(source, group);
    for await (const png of popChain(stack, images, { ...coding, numSteps, modelId, model })) {
      if (wanted[i]) yield { name: images[i]!.name, png };
      if (++i === end) return;
    }
  } catch (error) {
    const cause = asCodecError(error);
    for (; i < end; i++) if (wanted[i]) yield { name: images[i]!.name, error: cause };
  }
}

/** The stack of a chain, or the top of it where the archive was cut off. */
async function readStack(source: ArchiveSource, { payloadOffset, payloadLength }: Group): Promise<AnsStack> {
  const left = source.size - payloadOffset;
  if (payloadLength <= left) return AnsStack.fromBytes(await source.read(payloadOffset, payloadLength));
  return AnsStack.fromFirstBytes(await source.read(payloadOffset, left));
}

function asCodecError(error: unknown): CodecError {
  if (error instanceof CodecError) return error;
  throw error;
}
