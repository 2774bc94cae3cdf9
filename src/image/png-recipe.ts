/**
 * What a PNG file holds besides its pixels: all that it takes to make the file from them.
 *
 * As bytes, deflated as a whole:
 *
 *     depth, colour type, interlace (1 each) | first two bytes of the zlib stream, level, window, memory, strategy
 *     | filter type of every line | number of chunks between IHDR and IEND (varint)
 *     | each chunk: type (4), length (varint; 0 for the last IDAT, which takes what is left), content unless IDAT
 *     | bytes after IEND
 */
import { deflateSync } from 'fflate';
import { decodeVarint, encodeVarint } from '../container/varint.ts';
import { CodecError } from '../errors.ts';
import { inflateExactly } from './inflate.ts';
import { concatenate, decodePngHeader, encodePngHeader, type PngHeader } from './png-chunks.ts';
import { lineCount } from './png-samples.ts';
import { checkZlibSettings, type ZlibSettings } from './zlib-settings.ts';

export interface PngRecipe {
  readonly header: PngHeader;
  readonly zlib: ZlibSettings;
  /** Filter type of every line, in the order of the file. */
  readonly filters: Uint8Array;
  /** Between IHDR and IEND, in their order. */
  readonly chunks: readonly RecipeChunk[];
  /** What follows IEND: nothing in a proper file. */
  readonly trailer: Uint8Array;
}

export interface RecipeChunk {
  readonly type: string;
  /** 0 for the last IDAT chunk, which holds what is left of the stream. */
  readonly length: number;
  /** Empty for an IDAT chunk, whose content comes from the pixels. */
  readonly data: Uint8Array;
}

const FIXED_BYTES = 9;
/** Most bytes of a recipe, so that a small file takes little memory. */
const MAX_RECIPE_BYTES = 0x1000_0000;
/** Most chunks, which take about 200 bytes each once they are read, and 5 bytes before they are deflated. */
export const MAX_RECIPE_CHUNKS = 0x4_0000;

/**
 * Deflated, after the length that it has before.
 * @throws CodecError 'unsupported-image' for a PNG whose recipe is beyond the limits.
 */
export function encodeRecipe(recipe: PngRecipe): Uint8Array {
  if (recipe.chunks.length > MAX_RECIPE_CHUNKS) failLarge('chunks', recipe.chunks.length);
  const bytes = serializeRecipe(recipe);
  if (bytes.length > MAX_RECIPE_BYTES) failLarge('bytes besides its pixels', bytes.length);
  return concatenate([encodeVarint(bytes.length), deflateSync(bytes, { level: 9 })]);
}

/** The bytes that encodeRecipe deflates. */
export function serializeRecipe({ header, zlib, filters, chunks, trailer }: PngRecipe): Uint8Array {
  const { depth, colourType, interlaced } = header;
  const { start, level, windowBits, memLevel, strategy } = zlib;
  return concatenate([
    Uint8Array.of(depth, colourType, interlaced ? 1 : 0, ...start, level, windowBits, memLevel, strategy),
    filters,
    encodeVarint(chunks.length),
    ...chunks.flatMap(({ type, length, data }) => [latin1(type), encodeVarint(length), data]),
    trailer,
  ]);
}

function failLarge(what: string, count: number): never {
  throw new CodecError('unsupported-image', `the PNG has ${count} ${what}, and can only be kept as it is`);
}

/** @throws CodecError 'truncated', 'corrupt' or 'too-large'. */
export function decodeRecipe(bytes: Uint8Array, size: Pick<PngHeader, 'height' | 'width'>): PngRecipe {
  const length = decodeVarint(bytes, 0);
  if (length.value > MAX_RECIPE_BYTES) {
    throw new CodecError('too-large', `recipe of the PNG states ${length.value} bytes, at most ${MAX_RECIPE_BYTES}`);
  }
  return parseRecipe(inflateExactly(bytes.subarray(length.end), length.value, 'raw'), size);
}

/** Undoes serializeRecipe. @throws as decodeRecipe */
export function parseRecipe(recipe: Uint8Array, size: Pick<PngHeader, 'height' | 'width'>): PngRecipe {
  const fixed = slice(recipe, 0, FIXED_BYTES);
  const [depth, colourType, interlace, first, second, level, windowBits, memLevel, strategy] =
    fixed as unknown as Tuple<9>;
  if (interlace > 1) throw new CodecError('corrupt', `recipe of a PNG with interlace ${interlace}, which there is not`);
  const header = decodePngHeader(encodePngHeader({ ...size, depth, colourType, interlaced: interlace === 1 }));
  const zlib: ZlibSettings = { start: [first, second], level, windowBits, memLevel, strategy };
  checkZlibSettings(zlib);
  const filters = slice(recipe, FIXED_BYTES, lineCount(header));
  const count = decodeVarint(recipe, FIXED_BYTES + filters.length);
  if (count.value > MAX_RECIPE_CHUNKS) {
    throw new CodecError('too-large', `recipe of the PNG states ${count.value} chunks, at most ${MAX_RECIPE_CHUNKS}`);
  }
  const chunks: RecipeChunk[] = [];
  let offset = count.end;
  for (let i = 0; i < count.value; i++) {
    const type = String.fromCharCode(...slice(recipe, offset, 4));
    const length = decodeVarint(recipe, offset + 4);
    const data = slice(recipe, length.end, type === 'IDAT' ? 0 : length.value);
    chunks.push({ type, length: length.value, data });
    offset = length.end + data.length;
  }
  return { header, zlib, filters, chunks, trailer: recipe.subarray(offset) };
}

type Tuple<N extends number, T extends number[] = []> = T['length'] extends N ? T : Tuple<N, [...T, number]>;

function slice(recipe: Uint8Array, start: number, length: number): Uint8Array {
  if (length <= recipe.length - start) return recipe.subarray(start, start + length);
  throw new CodecError('truncated', `recipe of the PNG ends after ${recipe.length} bytes`);
}

const latin1 = (text: string): Uint8Array => Uint8Array.from(text, (letter) => letter.charCodeAt(0));
