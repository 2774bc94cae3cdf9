/** What an archive holds, without decoding it. */
import { type ArchiveSource, readPart } from './archive/archive-source.ts';
import { type Damage, filesOf, readGroups } from './archive/group.ts';
import { isChain } from './archive/group-table.ts';
import { decodeHeader, type Header, MAX_HEADER_BYTES } from './container/header.ts';
import { CodecError } from './errors.ts';

export interface ListOptions {
  /** Told of stretches that are damaged and passed over. Default: the first one is thrown. */
  readonly onDamage?: ((damage: Damage) => void | Promise<void>) | undefined;
}

export interface ArchiveEntry {
  readonly name: string;
  /** Undefined where the header of its file is damaged. */
  readonly geometry: Pick<Header, 'height' | 'width' | 'channels' | 'bitDepth'> | undefined;
  /** Bytes of its file; undefined for one that shares a stack. */
  readonly bytes: number | undefined;
}

/** @throws CodecError 'not-our-format' or 'unsupported-version', and for damage that onDamage is not there to hear of */
export async function* listArchive(
  source: ArchiveSource,
  { onDamage = failDamaged }: ListOptions = {},
): AsyncGenerator<ArchiveEntry, void> {
  for await (const group of readGroups(source, onDamage)) {
    const { table } = group;
    if (isChain(table)) {
      for (const { name, height, width, channels } of table.images) {
        yield { name, geometry: { height, width, channels, bitDepth: 8 }, bytes: undefined };
      }
    } else {
      for (const { name, offset, length } of filesOf(group, table)) {
        yield { name, geometry: await readGeometry(source, offset, length), bytes: length };
      }
    }
  }
}

export function failDamaged({ error }: Damage): never {
  throw error;
}

async function readGeometry(source: ArchiveSource, offset: number, length: number): Promise<ArchiveEntry['geometry']> {
  try {
    const start = await readPart(source, offset, Math.min(length, MAX_HEADER_BYTES));
    const { height, width, channels, bitDepth } = decodeHeader(start, length).header;
    return { height, width, channels, bitDepth };
  } catch (error) {
    if (error instanceof CodecError) return undefined;
    throw error;
  }
}
