/**
 * zlib streams whose data are stored as they are, as level 0 asks for: only the lengths of their blocks are an encoder's own. They
 * come in runs, and the last block has what is left.
 */
import { zlibSync } from 'fflate';
import type { ByteReader } from '../container/byte-reader.ts';
import { encodeVarint } from '../container/varint.ts';
import { CodecError } from '../errors.ts';
import { concatenate } from './png-chunks.ts';

/** Blocks of the same length, one after the other. */
interface BlockRun {
  /** MIN_LENGTH..MAX_LENGTH bytes. */
  readonly length: number;
  readonly count: number;
}

export interface StoredStream {
  /** The first two bytes. */
  readonly start: readonly [number, number];
  readonly level: 0;
  /** Of all blocks but the last one, at most MAX_RUNS. */
  readonly runs: readonly BlockRun[];
}

const MAX_LENGTH = 0xffff;
/** Shorter blocks, of which heads take much, are no encoder's; the last one may be. */
const MIN_LENGTH = 1024;
const MAX_RUNS = 16;
const START_BYTES = 2;
const CHECKSUM_BYTES = 4;

/** How the data of a sound stream are stored; undefined where they are not, or not in a few runs of blocks. */
export function findStoredStream(stream: Uint8Array): StoredStream | undefined {
  const runs: { length: number; count: number }[] = [];
  const lengthAt = (at: number) => stream[at + 1]! + 256 * stream[at + 2]!;
  let at = START_BYTES;
  while (stream[at] === 0) {
    const length = lengthAt(at);
    if (length < MIN_LENGTH) return undefined;
    if (runs.at(-1)?.length === length) runs.at(-1)!.count++;
    else runs.push({ length, count: 1 });
    if (runs.length > MAX_RUNS) return undefined;
    at += HEAD_BYTES + length;
  }
  const isWhole = stream[at] === 1 && at + HEAD_BYTES + lengthAt(at) + CHECKSUM_BYTES === stream.length;
  return isWhole ? { start: [stream[0]!, stream[1]!], level: 0, runs } : undefined;
}

const HEAD_BYTES = 5;

/** Stores data. @throws CodecError 'corrupt' where the blocks do not hold just these */
export function storeData({ start, runs }: StoredStream, data: Uint8Array): Uint8Array {
  const lengths = runs.flatMap(({ length, count }) => new Array<number>(count).fill(length));
  const last = lengths.reduce((left, length) => left - length, data.length);
  if (last < 0 || last > MAX_LENGTH) {
    throw new CodecError('corrupt', `stored blocks leave ${last} bytes for the last one, of ${data.length}`);
  }
  let offset = 0;
  const blocks = [...lengths, last].flatMap((length, i) => {
    const block = data.subarray(offset, offset + length);
    offset += length;
    return [headOf(length, i === lengths.length), block];
  });
  const checksum = zlibSync(data, { level: 0 }).subarray(-CHECKSUM_BYTES);
  return concatenate([Uint8Array.from(start), ...blocks, checksum]);
}

function headOf(length: number, isLast: boolean): Uint8Array {
  const [low, high] = [length & 255, length >> 8];
  return Uint8Array.of(isLast ? 1 : 0, low, high, 255 - low, 255 - high);
}

/** Number of runs, then length and count of each, varints. */
export const encodeRuns = ({ runs }: StoredStream): Uint8Array =>
  concatenate([encodeVarint(runs.length), ...runs.flatMap(({ length, count }) => [length, count].map(encodeVarint))]);

/** Undoes encodeRuns. @param dataBytes that the blocks are to hold. @throws CodecError 'truncated' or 'corrupt' */
export function readRuns(reader: ByteReader, dataBytes: number): BlockRun[] {
  const number = reader.varint();
  if (number > MAX_RUNS) throw new CodecError('corrupt', `recipe of the PNG has ${number} runs of stored blocks`);
  let left = dataBytes;
  return Array.from({ length: number }, () => {
    const [length, count] = [reader.varint(), reader.varint()];
    left -= length * count;
    if (length < MIN_LENGTH || length > MAX_LENGTH || left < 0) {
      throw new CodecError('corrupt', `recipe of the PNG has ${count} stored blocks of ${length} bytes`);
    }
    return { length, count };
  });
}
