/**
 * How zlib made a stream: found by making it again.
 *
 * zlib's deflate (zlib.net, any release since 1.2.5) gives the same bytes for the same settings and data, however the
 * data come in. pako is that deflate in JavaScript, so it gives them on every machine. Streams of other encoders
 * (zlib-ng, libdeflate, zopfli, fflate) are in general found by no setting.
 */
import { Deflate, type DeflateOptions } from 'pako';
import { CodecError } from '../errors.ts';
import { countFirstBlock, readTokens } from './deflate-tokens.ts';

/** The arguments of zlib's deflateInit2, and the first two bytes of the stream, which some encoders change afterwards. */
export interface ZlibSettings {
  readonly start: readonly [number, number];
  /** 1..9 */
  readonly level: number;
  /** 9..15 */
  readonly windowBits: number;
  /** 1..9 */
  readonly memLevel: number;
  /** 0 default, 1 filtered, 2 Huffman only, 3 runs */
  readonly strategy: number;
}

/** What is used where no setting reproduces a stream. */
export const BEST_SETTINGS: ZlibSettings = { start: [0x78, 0xda], level: 9, windowBits: 15, memLevel: 9, strategy: 0 };

/** What libpng takes by default where lines are filtered: the search finds it first. */
export const USUAL_SETTINGS: ZlibSettings = { start: [0x78, 0x9c], level: 6, windowBits: 15, memLevel: 8, strategy: 1 };

/** Data that are made piece by piece, as often as they are asked for. */
export interface PiecewiseData {
  /** In bytes, of all pieces. */
  readonly length: number;
  /** Each piece is valid until the next. */
  pieces(): Iterable<Uint8Array>;
}

/** Output comes in pieces, so that a wrong setting is noticed early. */
const CHUNK_BYTES = 4096;

/** @throws CodecError 'corrupt' for settings out of their range, which only a file can hold. */
export function checkZlibSettings({ level, windowBits, memLevel, strategy }: ZlibSettings): void {
  const isIn = (value: number, min: number, max: number) => value >= min && value <= max;
  if (isIn(level, 1, 9) && isIn(windowBits, 9, 15) && isIn(memLevel, 1, 9) && isIn(strategy, 0, 3)) return;
  const found = `level ${level}, window ${windowBits}, memory ${memLevel}, strategy ${strategy}`;
  throw new CodecError('corrupt', `zlib has no such settings: ${found}`);
}

/** Deflates data into a zlib stream. @param pieces each valid until the next */
export function deflateWith(settings: ZlibSettings, pieces: Iterable<Uint8Array>): Uint8Array {
  const deflate = new Deflate(optionsOf(settings, 65_536));
  for (const piece of pieces) deflate.push(piece);
  deflate.push(NOTHING, true);
  const stream = deflate.result as Uint8Array;
  stream.set(settings.start);
  return stream;
}

const NOTHING = new Uint8Array(0);

/** The settings that turn the data into this stream; undefined where none of those tried does. */
export function findZlibSettings(stream: Uint8Array, data: PiecewiseData): ZlibSettings | undefined {
  const isPossible = startTest(stream, data);
  return candidates(stream, data.length)
    .filter(blockTest(stream))
    .find((settings) => isPossible(settings) && isMadeWith(settings, stream, data));
}

/** Literals and matches after which zlib begins a new block. */
const blockTokens = (memLevel: number): number => (1 << (memLevel + 6)) - 1;

/** The test that a block ends where the memory of these settings makes it end. */
function blockTest(stream: Uint8Array): (settings: ZlibSettings) => boolean {
  if (stream.length < MIN_BLOCK_BYTES) return () => true;
  const block = countFirstBlock(stream.subarray(2), blockTokens(Math.max(...MEM_LEVELS)));
  if (block === undefined) return () => true;
  const { count, isLast } = block;
  return ({ memLevel }) => (isLast ? count <= blockTokens(memLevel) : count === blockTokens(memLevel));
}

/** Smaller streams are made again before their blocks could be counted. */
const MIN_BLOCK_BYTES = 1024;

/** Of larger data the start is tried first: level 9 takes seconds for a megabyte of few values without order. */
const START_BYTES = 8192;
/** zlib looks ahead by fewer bytes, so this far before the end of the start it does not know that there is no more. */
const LOOK_AHEAD = 600;

/** A quick test that the right settings pass, and others mostly fail: literals and matches of the start. */
function startTest(stream: Uint8Array, data: PiecewiseData): (settings: ZlibSettings) => boolean {
  if (data.length < 2 * START_BYTES) return () => true;
  const start = startOf(data);
  const tokensOf = (whole: Uint8Array) => readTokens(whole.subarray(2), START_BYTES - LOOK_AHEAD);
  const expected = tokensOf(stream);
  return (settings) => {
    const found = tokensOf(deflateWith(settings, [start]));
    // Either may stop early at a block that is stored.
    return found.slice(0, expected.length).every((token, i) => token === expected[i]);
  };
}

function startOf(data: PiecewiseData): Uint8Array {
  const start = new Uint8Array(START_BYTES);
  let offset = 0;
  for (const piece of data.pieces()) {
    start.set(piece.subarray(0, START_BYTES - offset), offset);
    offset += piece.length;
    if (offset >= START_BYTES) break;
  }
  return start;
}

/** [level, strategy] by the level hint of a stream's second byte; of each hint the usual ones first. */
const LEVELS: readonly (readonly (readonly [number, number])[])[] = [
  [
    [1, 0],
    [1, 1],
    [6, 3],
    [6, 2],
  ],
  [5, 4, 3, 2].flatMap(bothStrategies),
  bothStrategies(6),
  [9, 8, 7].flatMap(bothStrategies),
];

function bothStrategies(level: number): [number, number][] {
  return [
    [level, 1],
    [level, 0],
  ];
}

const MEM_LEVELS = [8, 9];

function candidates(stream: Uint8Array, dataBytes: number): ZlibSettings[] {
  const [first = 0, second = 0] = stream;
  if ((first & 15) !== 8 || first >> 4 > 7) return [];
  return MEM_LEVELS.flatMap((memLevel) =>
    LEVELS[second >> 6]!.flatMap(([level, strategy]) =>
      windowsOf(first, dataBytes).map((windowBits) => ({
        start: [first, second] as const,
        level,
        windowBits,
        memLevel,
        strategy,
      })),
    ),
  );
}

/** The window that the stream states, and 15: old releases of libpng state a smaller one afterwards. */
function windowsOf(first: number, dataBytes: number): number[] {
  const stated = Math.max(9, (first >> 4) + 8);
  // zlib looks back by the window less 262 bytes; a window that holds all of the data is as good as any larger one.
  return stated === 15 || dataBytes + 262 <= 1 << stated ? [15] : [stated, 15];
}

function isMadeWith(settings: ZlibSettings, stream: Uint8Array, data: PiecewiseData): boolean {
  const deflate = new Deflate(optionsOf(settings, CHUNK_BYTES));
  let isSame = true;
  let offset = 0;
  deflate.onData = (chunk) => {
    const made = chunk as Uint8Array;
    for (let i = 0; isSame && i < made.length; i++) isSame = made[i] === stream[offset + i] || offset + i < 2;
    offset += made.length;
  };
  for (const piece of data.pieces()) {
    deflate.push(piece);
    if (!isSame) return false;
  }
  deflate.push(NOTHING, true);
  return isSame && offset === stream.length;
}

function optionsOf({ level, windowBits, memLevel, strategy }: ZlibSettings, chunkSize: number): DeflateOptions {
  return { level, windowBits, memLevel, strategy, chunkSize } as DeflateOptions;
}
