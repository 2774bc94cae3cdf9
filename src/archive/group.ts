/**
 * An archive as bytes: its magic, its version, and groups up to an empty one. A group is whole in itself, and is found
 * again behind damage by its magic:
 *
 *     magic 'vdmg' (4) | length of the table (4) | length of the payload (4)
 *     | CRC-32 of all before it, then of the table (4) | table: its inflated length (varint), raw deflate, checksums
 *     | payload
 */
import { deflateSync } from 'fflate';
import { crc32 } from '../container/checksum.ts';
import { ARCHIVE_MAGIC, hasArchiveMagic } from '../container/header.ts';
import { uint32Bytes } from '../container/uint32.ts';
import { unsupportedVersion } from '../container/unsupported-version.ts';
import { decodeVarint, encodeVarint } from '../container/varint.ts';
import { CodecError } from '../errors.ts';
import { inflateExactly } from '../image/inflate.ts';
import { concatenate } from '../image/png-chunks.ts';
import { type ArchiveSource, readPart } from './archive-source.ts';
import { decodeTable, encodeTable, type FileEntry, type FilesTable, type GroupTable, isChain } from './group-table.ts';

const GROUP_MAGIC = Uint8Array.of(0x76, 0x64, 0x6d, 0x67); // 'vdmg'
const ARCHIVE_VERSION = 6;
/** Without absorbing diffusion; else the same. */
const GAUSSIAN_VERSION = 3;
const VERSIONS: readonly number[] = [GAUSSIAN_VERSION, ARCHIVE_VERSION];
const START_BYTES = 5;
const HEAD_BYTES = 16;
/** Of the inflated table, so that a small archive takes little memory. */
const MAX_TABLE_BYTES = 0x80_0000;

/** What an archive begins with. */
export const archiveStart = (): Uint8Array => Uint8Array.of(...ARCHIVE_MAGIC, ARCHIVE_VERSION);

/** What an archive ends with: a group without entries, whose absence tells that it was cut off. */
export const archiveEnd = (): Uint8Array => encodeGroup({ numSteps: 0, files: [] }, new Uint8Array(0));

export function encodeGroup(table: GroupTable, payload: Uint8Array): Uint8Array {
  const { columns, checksums } = encodeTable(table);
  const packed = concatenate([encodeVarint(columns.length), deflateSync(columns, { level: 9 }), checksums]);
  const head = Uint8Array.of(...GROUP_MAGIC, ...uint32Bytes(packed.length), ...uint32Bytes(payload.length));
  const checksum = Uint8Array.from(uint32Bytes(crc32(packed, crc32(head))));
  return concatenate([head, checksum, packed, payload]);
}

/** A group of an archive and where its bytes are. */
export interface Group {
  readonly table: GroupTable;
  readonly payloadOffset: number;
  readonly payloadLength: number;
}

/** Where the files of a group are. */
export function filesOf({ payloadOffset }: Group, { files }: FilesTable): (FileEntry & { offset: number })[] {
  let end = payloadOffset;
  return files.map((file) => {
    end += file.length;
    return { ...file, offset: end - file.length };
  });
}

/** A stretch of an archive that is no sound group. */
export interface Damage {
  readonly offset: number;
  readonly error: CodecError;
}

/**
 * The groups of an archive in their order. What is damaged is passed over and told of, and so is a missing end.
 * @throws CodecError 'not-our-format' or 'unsupported-version'
 */
export async function* readGroups(
  source: ArchiveSource,
  onDamage: (damage: Damage) => void | Promise<void>,
): AsyncGenerator<Group, void> {
  await checkStart(source);
  const search = new GroupSearch(source);
  let offset: number | undefined = START_BYTES;
  while (offset !== undefined) {
    const group: Group | CodecError = await readGroup(source, offset).catch(keepCodecError);
    if (group instanceof CodecError) {
      await onDamage({ offset, error: group });
      offset = await search.next(offset + 1);
      continue;
    }
    offset = endOf(group);
    if (!isEnd(group)) yield group;
    else if (offset === source.size) return;
    else {
      const error = new CodecError('corrupt', `archive goes on after its end at byte ${offset}`, {
        byteOffset: offset,
      });
      return onDamage({ offset, error });
    }
  }
}

const endOf = ({ payloadOffset, payloadLength }: Group): number => payloadOffset + payloadLength;

function keepCodecError(error: unknown): CodecError {
  if (error instanceof CodecError) return error;
  throw error;
}

const isEnd = ({ table }: Group): boolean => !isChain(table) && table.files.length === 0;

async function checkStart(source: ArchiveSource): Promise<void> {
  const start = await source.read(0, Math.min(START_BYTES, source.size));
  if (!hasArchiveMagic(start)) {
    throw new CodecError('not-our-format', "not a vdmz archive: it does not begin with 'vdma'", { byteOffset: 0 });
  }
  if (start.length < START_BYTES) throw new CodecError('truncated', 'archive ends within its first bytes');
  const version = start.at(-1)!;
  if (!VERSIONS.includes(version)) throw unsupportedVersion('archive', version, VERSIONS, 4);
}

async function readGroup(source: ArchiveSource, offset: number): Promise<Group> {
  if (offset >= source.size) throw new CodecError('truncated', 'archive has no end: it was cut off');
  const head = await readPart(source, offset, HEAD_BYTES);
  const view = new DataView(head.buffer, head.byteOffset);
  if (!startsGroup(head, 0)) {
    throw new CodecError('corrupt', `no group begins at byte ${offset}`, { byteOffset: offset });
  }
  const [tableLength, payloadLength, checksum] = [view.getUint32(4), view.getUint32(8), view.getUint32(12)];
  if (tableLength > MAX_TABLE_BYTES) throw new CodecError('corrupt', `a table cannot have ${tableLength} bytes`);
  const packed = await readPart(source, offset + HEAD_BYTES, tableLength);
  if (crc32(packed, crc32(head.subarray(0, 12))) !== checksum) {
    throw new CodecError('corrupt', 'checksum of the head of a group does not match', { byteOffset: offset });
  }
  const table = decodeTable({ columns: inflateTable(packed), checksums: packed });
  if (!isChain(table)) checkLengths(table, payloadLength);
  return { table, payloadOffset: offset + HEAD_BYTES + tableLength, payloadLength };
}

function checkLengths({ files }: FilesTable, payloadLength: number): void {
  const sum = files.reduce((total, { length }) => total + length, 0);
  if (sum !== payloadLength) throw new CodecError('corrupt', `files of ${sum} bytes in a group of ${payloadLength}`);
}

function inflateTable(packed: Uint8Array): Uint8Array {
  const { value, end } = decodeVarint(packed, 0);
  if (value <= MAX_TABLE_BYTES) return inflateExactly(packed.subarray(end), value, 'raw');
  throw new CodecError('too-large', `table of a group states ${value} bytes, at most ${MAX_TABLE_BYTES}`);
}

const startsGroup = (bytes: Uint8Array, at: number): boolean => GROUP_MAGIC.every((byte, i) => bytes[at + i] === byte);

const SCAN_BYTES = 1 << 20;

/** Finds the groups behind damage, in a time that is bounded by the size of the archive. */
class GroupSearch {
  readonly #source: ArchiveSource;
  /** Bytes of tables that may still be read for nothing. */
  #budget: number;

  constructor(source: ArchiveSource) {
    this.#source = source;
    this.#budget = source.size + MAX_TABLE_BYTES;
  }

  /** Where the next sound group begins; a group that ends archives counts only where it ends this one. */
  async next(from: number): Promise<number | undefined> {
    const { size } = this.#source;
    for (let offset = from; offset < size; offset += SCAN_BYTES) {
      const overlap = GROUP_MAGIC.length - 1;
      const bytes = await this.#source.read(offset, Math.min(SCAN_BYTES + overlap, size - offset));
      for (let at = bytes.indexOf(GROUP_MAGIC[0]!); at >= 0; at = bytes.indexOf(GROUP_MAGIC[0]!, at + 1)) {
        if (at < SCAN_BYTES && startsGroup(bytes, at) && (await this.#isSound(offset + at))) return offset + at;
      }
    }
    return undefined;
  }

  async #isSound(offset: number): Promise<boolean> {
    const head = await this.#source.read(offset, Math.min(HEAD_BYTES, this.#source.size - offset));
    if (head.length < HEAD_BYTES) return false;
    this.#budget -= new DataView(head.buffer, head.byteOffset).getUint32(4);
    if (this.#budget < 0) return false;
    const group = await readGroup(this.#source, offset).catch(keepCodecError);
    return !(group instanceof CodecError) && (!isEnd(group) || endOf(group) === this.#source.size);
  }
}
