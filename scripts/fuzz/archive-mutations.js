/** Damage to archives, some of it with the checksum of a group's head made to fit. */
import { deflateSync, inflateSync } from 'fflate';
import { crc32 } from '../../dist/container/checksum.js';
import { decodeVarint, encodeVarint } from '../../dist/container/varint.js';
import { join, mutateBytes } from './byte-mutations.js';

const START_BYTES = 5;
const HEAD_BYTES = 16;

/** The groups of a sound archive: { table (inflated), checksums, payload }. */
function groupsOf(archive) {
  const groups = [];
  const view = new DataView(archive.buffer, archive.byteOffset);
  for (let offset = START_BYTES; offset < archive.length; ) {
    const [tableLength, payloadLength] = [view.getUint32(offset + 4), view.getUint32(offset + 8)];
    const start = offset + HEAD_BYTES;
    const packed = archive.subarray(start, start + tableLength);
    const table = inflateSync(packed.subarray(decodeVarint(packed, 0).end));
    const checksums = packed.subarray(packed.length - 4 * countOf(table));
    offset = start + tableLength + payloadLength;
    groups.push({ table, checksums, payload: archive.subarray(start + tableLength, offset) });
  }
  return groups;
}

/** Entries that have a checksum: those on a stack. */
const countOf = (table) => (table[0] === 0 ? 0 : decodeVarint(table, START_BYTES).value);

function groupBytes({ table, checksums, payload }) {
  const packed = join(encodeVarint(table.length), deflateSync(table), checksums);
  const head = new Uint8Array(HEAD_BYTES);
  const view = new DataView(head.buffer);
  head.set(Buffer.from('vdmg'));
  view.setUint32(4, packed.length);
  view.setUint32(8, payload.length);
  view.setUint32(12, crc32(packed, crc32(head.subarray(0, 12))));
  return join(head, packed, payload);
}

/** @returns { bytes, isResealed }: whether tables were changed behind sound checksums */
export function mutateArchive(archive, random, other) {
  if (random.chance(2)) return { bytes: mutateBytes(archive, random, other), isResealed: false };
  const groups = groupsOf(archive);
  const i = random.below(groups.length);
  const [donor] = groupsOf(other);
  const part = random.pick(['table', 'table', 'checksums', 'payload']);
  groups[i] = { ...groups[i], [part]: mutateBytes(groups[i][part], random, donor[part]) };
  return { bytes: join(archive.subarray(0, START_BYTES), ...groups.map(groupBytes)), isResealed: part !== 'payload' };
}
