/**
 * The chunk layer of PNG (W3C PNG, third edition, sections 5 and 11).
 *
 * Invariant: a length is checked before it is used, a CRC before its chunk is believed, and the stated image size
 * before any chunk after the header is looked at.
 */
import { crc32 } from '../container/checksum.ts';
import { CodecError, type CodecErrorCode } from '../errors.ts';
import { checkSizeInFile } from './image.ts';

export const PNG_SIGNATURE = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);

export const COLOUR_GRAY = 0;
export const COLOUR_RGB = 2;
export const COLOUR_PALETTE = 3;
export const COLOUR_GRAY_ALPHA = 4;
export const COLOUR_RGBA = 6;

/** Bit depths that each colour type allows. */
const DEPTHS: Readonly<Record<number, readonly number[]>> = {
  [COLOUR_GRAY]: [1, 2, 4, 8, 16],
  [COLOUR_RGB]: [8, 16],
  [COLOUR_PALETTE]: [1, 2, 4, 8],
  [COLOUR_GRAY_ALPHA]: [8, 16],
  [COLOUR_RGBA]: [8, 16],
};

export interface PngHeader {
  readonly height: number;
  readonly width: number;
  /** 1, 2, 4, 8 or 16 */
  readonly depth: number;
  readonly colourType: number;
  readonly interlaced: boolean;
}

/** The tables of a PNG file. */
export interface PngTables {
  /** Content of PLTE: RGB triples. */
  readonly palette: Uint8Array | undefined;
  /** Content of tRNS. */
  readonly transparency: Uint8Array | undefined;
}

/** What of a PNG file decides its pixels. */
export interface PngParts extends PngTables {
  readonly header: PngHeader;
  /** Contents of all IDAT chunks: one zlib stream. */
  readonly compressed: Uint8Array;
}

export interface PngChunk {
  /** Four letters. */
  readonly type: string;
  readonly data: Uint8Array;
}

interface Chunk extends PngChunk {
  readonly end: number;
}

/** True when the bytes begin as every PNG file does. */
export const hasPngSignature = (bytes: Uint8Array): boolean =>
  PNG_SIGNATURE.every((value, index) => bytes[index] === value);

/**
 * Takes a PNG file apart and checks it down to the compressed data.
 * @throws CodecError 'not-our-format', 'truncated', 'corrupt', 'too-large' or 'unsupported-image'.
 */
export function readPngParts(bytes: Uint8Array): PngParts {
  checkSignature(bytes);
  const first = readChunk(bytes, PNG_SIGNATURE.length);
  if (first.type !== 'IHDR') {
    fail('corrupt', `first chunk is ${JSON.stringify(first.type)}, expected IHDR`, PNG_SIGNATURE.length);
  }
  const header = decodePngHeader(first.data);
  const tables = new Map<string, Uint8Array>();
  const pieces: Uint8Array[] = [];
  for (let offset = first.end; ; ) {
    const chunk = readChunk(bytes, offset);
    if (chunk.type === 'IEND') {
      checkEmpty(chunk, offset);
      break;
    }
    if (chunk.type === 'IDAT') pieces.push(chunk.data);
    else if (chunk.type === 'PLTE' || chunk.type === 'tRNS') keepTable(tables, chunk, pieces.length > 0);
    else checkIgnorable(chunk.type, offset);
    offset = chunk.end;
  }
  if (pieces.length === 0) fail('corrupt', 'PNG file has no IDAT chunk');
  return { header, palette: tables.get('PLTE'), transparency: tables.get('tRNS'), compressed: concatenate(pieces) };
}

/**
 * All chunks of a PNG file, IHDR first, IEND last, and the offset after them.
 * @throws CodecError 'not-our-format', 'truncated' or 'corrupt'.
 */
export function readChunks(bytes: Uint8Array): { chunks: PngChunk[]; end: number } {
  checkSignature(bytes);
  const chunks: Chunk[] = [];
  let end = PNG_SIGNATURE.length;
  do {
    const chunk = readChunk(bytes, end);
    chunks.push(chunk);
    end = chunk.end;
  } while (chunks.at(-1)!.type !== 'IEND');
  return { chunks, end };
}

/** Length, type and CRC. */
const CHUNK_OVERHEAD = 12;

/** A PNG file of these chunks; the trailer follows them. */
export function joinChunks(chunks: readonly PngChunk[], trailer: Uint8Array = new Uint8Array(0)): Uint8Array {
  const size = chunks.reduce((sum, { data }) => sum + data.length + CHUNK_OVERHEAD, PNG_SIGNATURE.length);
  const file = new Uint8Array(size + trailer.length);
  file.set(PNG_SIGNATURE);
  chunks.reduce((offset, chunk) => writeChunk(file, offset, chunk), PNG_SIGNATURE.length);
  file.set(trailer, size);
  return file;
}

/** Returns the offset of the chunk's end. */
function writeChunk(file: Uint8Array, offset: number, { type, data }: PngChunk): number {
  const chunk = file.subarray(offset, offset + data.length + CHUNK_OVERHEAD);
  const view = new DataView(chunk.buffer, chunk.byteOffset);
  view.setUint32(0, data.length);
  for (let i = 0; i < 4; i++) chunk[4 + i] = type.charCodeAt(i);
  chunk.set(data, 8);
  view.setUint32(data.length + 8, crc32(chunk.subarray(4, data.length + 8)));
  return offset + chunk.length;
}

function checkSignature(bytes: Uint8Array): void {
  if (hasPngSignature(bytes)) return;
  const isStart = bytes.length > 0 && bytes.every((value, index) => value === PNG_SIGNATURE[index]);
  if (isStart) fail('truncated', 'PNG file ends within its signature', bytes.length);
  fail('not-our-format', 'not a PNG file: the signature is missing', 0);
}

function readChunk(bytes: Uint8Array, offset: number): Chunk {
  const left = bytes.length - offset;
  if (left < 12) fail('truncated', `PNG file ends at byte ${bytes.length}, before its IEND chunk`, bytes.length);
  const view = new DataView(bytes.buffer, bytes.byteOffset + offset, left);
  const length = view.getUint32(0);
  if (length > left - 12) {
    fail('truncated', `PNG chunk states ${length} bytes, but the file ends after ${left - 12}`, offset);
  }
  const typed = bytes.subarray(offset + 4, offset + 8 + length);
  const type = String.fromCharCode(...typed.subarray(0, 4));
  const stated = view.getUint32(8 + length);
  if (crc32(typed) !== stated) fail('corrupt', `CRC of PNG chunk ${JSON.stringify(type)} is wrong`, offset);
  return { type, data: typed.subarray(4), end: offset + 12 + length };
}

/** The header that an IHDR chunk holds, of any depth. @throws CodecError 'corrupt' or 'too-large'. */
export function decodePngHeader(data: Uint8Array): PngHeader {
  if (data.length !== 13) fail('corrupt', `IHDR chunk has ${data.length} bytes, expected 13`);
  const view = new DataView(data.buffer, data.byteOffset, data.length);
  const width = view.getUint32(0);
  const height = view.getUint32(4);
  checkSizeInFile(height, width);
  const [depth, colourType, compression, filter, interlace] = data.subarray(8) as unknown as number[];
  if (!DEPTHS[colourType!]?.includes(depth!)) {
    fail('corrupt', `PNG has no colour type ${colourType} with ${depth} bits`);
  }
  if (compression !== 0 || filter !== 0 || interlace! > 1) {
    fail('corrupt', `PNG has no compression ${compression}, filter ${filter}, interlace ${interlace}`);
  }
  return { height, width, depth: depth!, colourType: colourType!, interlaced: interlace === 1 };
}

/** The content of the IHDR chunk. */
export function encodePngHeader({ height, width, depth, colourType, interlaced }: PngHeader): Uint8Array {
  const data = new Uint8Array(13);
  const view = new DataView(data.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  data.set([depth, colourType, 0, 0, interlaced ? 1 : 0], 8);
  return data;
}

function keepTable(tables: Map<string, Uint8Array>, { type, data, end }: Chunk, afterPixels: boolean): void {
  const offset = end - data.length - 12;
  if (afterPixels || tables.has(type)) fail('corrupt', `misplaced or second ${type} chunk`, offset);
  if (type === 'PLTE' && tables.has('tRNS')) fail('corrupt', 'tRNS chunk before PLTE chunk', offset);
  tables.set(type, data);
}

/** Nothing that is made of chunks has room for it. */
function checkEmpty({ data }: Chunk, offset: number): void {
  if (data.length > 0) fail('unsupported-image', `IEND chunk has ${data.length} bytes, expected none`, offset);
}

/** Chunks that are metadata may be skipped; what changes the pixels may not. */
function checkIgnorable(type: string, offset: number): void {
  if (type === 'acTL') fail('unsupported-image', 'animated PNG files are not supported', offset);
  if (type === 'IHDR') fail('corrupt', 'second IHDR chunk', offset);
  const isCritical = (type.charCodeAt(0) & 0x20) === 0;
  if (isCritical) fail('unsupported-image', `unknown critical PNG chunk ${JSON.stringify(type)}`, offset);
}

/** The bytes of all pieces in one array. */
export function concatenate(pieces: readonly Uint8Array[]): Uint8Array {
  if (pieces.length === 1) return pieces[0]!;
  const whole = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let offset = 0;
  for (const piece of pieces) {
    whole.set(piece, offset);
    offset += piece.length;
  }
  return whole;
}

function fail(code: CodecErrorCode, message: string, byteOffset?: number): never {
  throw new CodecError(code, message, byteOffset === undefined ? {} : { byteOffset });
}
