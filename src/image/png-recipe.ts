/**
 * What a PNG file holds besides its pixels: all that it takes to make the file from them.
 *
 * As bytes, deflated as a whole with a dictionary of what recipes mostly hold:
 *
 *     kind of its samples (1) | first two bytes of the zlib stream, level, and window, memory, strategy, or of level 0 the
 *     lengths of blocks as stored-stream.ts writes them
 *     | number of chunks between IHDR and IEND (varint)
 *     | each chunk: type (4), length (varint; 0 for the last IDAT, which takes what is left), content unless IDAT
 *     | number of bytes after IEND (varint), and these
 *     | filter type of every line, or rule that chooses it, but for lines at the end that have the same as the last one
 *     given, or 0
 *
 * Palettes of colour type 3 stand there as held-palette.ts holds them; in archives, where images share recipes, as they are.
 */
import { deflateSync } from 'fflate';
import { ByteReader } from '../container/byte-reader.ts';
import { encodeVarint } from '../container/varint.ts';
import { CodecError } from '../errors.ts';
import { type HeldPalette, holdPalette, PAYLOAD_PALETTE, PaletteReader } from './held-palette.ts';
import type { Image } from './image.ts';
import { inflateExactly } from './inflate.ts';
import { decodeKind, encodeKind } from './png-body.ts';
import { COLOUR_PALETTE, concatenate, type PngHeader, type PngTables } from './png-chunks.ts';
import { lineCount, scanlineBytes } from './png-samples.ts';
import { RECIPE_DICTIONARY } from './recipe-dictionary.ts';
import { withoutRepeats } from './recipe-filters.ts';
import { encodeRuns, readRuns, type StoredStream } from './stored-stream.ts';
import { checkZlibSettings, type ZlibSettings } from './zlib-settings.ts';

export interface PngRecipe {
  readonly header: PngHeader;
  readonly zlib: ZlibSettings | StoredStream;
  /** Filter type of every line, in the order of the file: one of PNG, or a rule that chooses it. */
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

/** Most bytes of a recipe, so that a small file takes little memory. */
const MAX_RECIPE_BYTES = 0x1000_0000;
/** Most chunks, which take about 200 bytes each once they are read, and 5 bytes before they are deflated. */
export const MAX_RECIPE_CHUNKS = 0x4_0000;

/** A recipe in the form of a file's original section. */
export interface PackedRecipe {
  /** In bytes, before it is deflated. */
  readonly length: number;
  /** Deflated, then the order of the palette of its image. */
  readonly packed: Uint8Array;
}

/**
 * @param isInPayload a palette is to be that of the payload
 * @throws CodecError 'unsupported-image' for a PNG whose recipe is beyond the limits.
 */
export function packRecipe(recipe: PngRecipe, image: Image, isInPayload = false): PackedRecipe {
  if (recipe.chunks.length > MAX_RECIPE_CHUNKS) failLarge('chunks', recipe.chunks.length);
  const hold = () => (isInPayload ? PAYLOAD_PALETTE : holdPaletteOf(recipe, image));
  const held = hasPalette(recipe.header) ? hold() : undefined;
  const bytes = serializeRecipe(recipe, held?.contents);
  if (bytes.length > MAX_RECIPE_BYTES) failLarge('bytes besides its pixels', bytes.length);
  const deflated = deflateSync(bytes, { level: 9, dictionary: RECIPE_DICTIONARY });
  return { length: bytes.length, packed: concatenate([deflated, held?.order ?? NOTHING]) };
}

const NOTHING = new Uint8Array(0);

export const hasPalette = ({ colourType }: PngHeader): boolean => colourType === COLOUR_PALETTE;

function holdPaletteOf({ chunks }: PngRecipe, image: Image): HeldPalette {
  const [palette, transparency] = ['PLTE', 'tRNS'].map((type) => chunks.find((chunk) => chunk.type === type)?.data);
  return holdPalette(palette!, transparency, image);
}

/** The bytes that packRecipe deflates. @param held stands in place of the lengths and contents of chunks of these types */
export function serializeRecipe(
  { header, zlib, filters, chunks, trailer }: PngRecipe,
  held: HeldPalette['contents'] = {},
): Uint8Array {
  return concatenate([
    Uint8Array.of(encodeKind(header), ...zlib.start, zlib.level),
    'runs' in zlib ? encodeRuns(zlib) : Uint8Array.of(zlib.windowBits, zlib.memLevel, zlib.strategy),
    encodeVarint(chunks.length),
    ...chunks.flatMap(({ type, length, data }) => [
      latin1(type),
      ...(held[type] === undefined ? [encodeVarint(length), data] : [held[type]]),
    ]),
    encodeVarint(trailer.length),
    trailer,
    withoutRepeats(filters),
  ]);
}

function failLarge(what: string, count: number): never {
  throw new CodecError('unsupported-image', `the PNG has ${count} ${what}, and can only be kept as it is`);
}

/** Undoes packRecipe. @param payload the tables of a payload that is a PNG. @throws CodecError 'truncated', 'corrupt' or 'too-large'. */
export function unpackRecipe({ length, packed }: PackedRecipe, image: Image, payload?: PngTables): PngRecipe {
  if (length > MAX_RECIPE_BYTES) {
    throw new CodecError('too-large', `recipe of the PNG states ${length} bytes, at most ${MAX_RECIPE_BYTES}`);
  }
  const recipe = inflateExactly(packed, length, 'raw', RECIPE_DICTIONARY);
  return parseRecipe(recipe, image, () => new PaletteReader(image, packed, payload));
}

/** Undoes serializeRecipe. @param paletteReader for palettes that are held. @throws as unpackRecipe */
export function parseRecipe(
  recipe: Uint8Array,
  size: Pick<PngHeader, 'height' | 'width'>,
  paletteReader?: () => PaletteReader,
): PngRecipe {
  const reader = new ByteReader(recipe, 'recipe of the PNG');
  const header = decodeKind(reader.uint8(), size);
  const zlib = readStream(reader, scanlineBytes(header));
  const chunks = readRecipeChunks(reader, hasPalette(header) ? paletteReader?.() : undefined);
  const trailer = reader.take(reader.varint());
  return { header, zlib, filters: withRepeats(reader.rest(), lineCount(header)), chunks, trailer };
}

function readStream(reader: ByteReader, dataBytes: number): ZlibSettings | StoredStream {
  const start = [reader.uint8(), reader.uint8()] as const;
  const level = reader.uint8();
  if (level === 0) return { start, level, runs: readRuns(reader, dataBytes) };
  const [windowBits, memLevel, strategy] = [reader.uint8(), reader.uint8(), reader.uint8()];
  const settings: ZlibSettings = { start, level, windowBits, memLevel, strategy };
  checkZlibSettings(settings);
  return settings;
}

function readRecipeChunks(reader: ByteReader, palette: PaletteReader | undefined): RecipeChunk[] {
  const count = reader.varint();
  if (count > MAX_RECIPE_CHUNKS) {
    throw new CodecError('too-large', `recipe of the PNG states ${count} chunks, at most ${MAX_RECIPE_CHUNKS}`);
  }
  return Array.from({ length: count }, () => {
    const type = String.fromCharCode(...reader.take(4));
    const content = palette?.read(type, reader);
    if (content !== undefined) return { type, length: content.length, data: content };
    const length = reader.varint();
    return { type, length, data: reader.take(type === 'IDAT' ? 0 : length) };
  });
}

function withRepeats(filters: Uint8Array, count: number): Uint8Array {
  if (filters.length > count) {
    throw new CodecError('corrupt', `recipe of the PNG has filters of ${filters.length} lines, expected ${count}`);
  }
  const all = new Uint8Array(count).fill(filters.at(-1) ?? 0);
  all.set(filters);
  return all;
}

const latin1 = (text: string): Uint8Array => Uint8Array.from(text, (letter) => letter.charCodeAt(0));
