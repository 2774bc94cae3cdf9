/** PNG files taken apart into pixels and a recipe, and made again from both. */
import { CodecError } from '../errors.ts';
import type { ChannelCount, Image } from './image.ts';
import type { OpenPng } from './png.ts';
import { decodePngHeader, encodePngHeader, joinChunks, type PngChunk, readChunks } from './png-chunks.ts';
import type { PngRecipe, RecipeChunk } from './png-recipe.ts';
import { scanlineBytes, scanlinesOf, writeScanlines } from './png-samples.ts';
import { storedSamples } from './png-stored.ts';
import { shortestFilters } from './recipe-filters.ts';
import { findStoredStream, type StoredStream, storeData } from './stored-stream.ts';
import { BEST_SETTINGS, deflateWith, findZlibSettings } from './zlib-settings.ts';

/**
 * The recipe that makes a PNG file again from its image: byte for byte where the settings of its encoder are found, and
 * else a file with the same pixels, kind of pixels and chunks.
 */
export const findRecipe = (file: Uint8Array, png: OpenPng): PngRecipe => searchRecipe(file, png).recipe;

/** The recipe, and whether settings were found: then the same stream is in the same chunks. */
function searchRecipe(file: Uint8Array, { image, parts, filters }: OpenPng): Omit<Restoration, 'png'> {
  const samples = storedSamples(image, parts);
  const found =
    findZlibSettings(parts.compressed, {
      length: scanlineBytes(parts.header),
      pieces: () => scanlinesOf(samples, parts.header, filters),
    }) ?? findStored(parts.compressed, () => writeScanlines(samples, parts.header, filters));
  const { chunks, end } = readChunks(file);
  const shortest = shortestFilters(samples, parts.header, filters);
  const recipe = { header: parts.header, filters: shortest, trailer: file.subarray(end) };
  const between = chunks.slice(1, -1);
  return found === undefined
    ? { recipe: { ...recipe, zlib: BEST_SETTINGS, chunks: entriesOf(withOneImageChunk(between)) }, isExact: false }
    : { recipe: { ...recipe, zlib: found, chunks: entriesOf(between) }, isExact: true };
}

/** How data are stored in a stream, if just these are. */
function findStored(stream: Uint8Array, data: () => Uint8Array): StoredStream | undefined {
  const found = findStoredStream(stream);
  return found && isSame(storeData(found, data()), stream) ? found : undefined;
}

/** A recipe and what it makes. */
export interface Restoration {
  readonly recipe: PngRecipe;
  readonly png: Uint8Array;
  /** That is the file itself, byte for byte. */
  readonly isExact: boolean;
}

/** How a PNG file comes back from its image. */
export function findRestoration(file: Uint8Array, png: OpenPng): Restoration {
  const { recipe, isExact } = searchRecipe(file, png);
  return { recipe, png: isExact ? file : followRecipe(recipe, png.image), isExact };
}

/** Makes a PNG file. @throws CodecError 'corrupt' where recipe and image do not fit together. */
export function followRecipe({ header, zlib, filters, chunks, trailer }: PngRecipe, image: Image): Uint8Array {
  const [palette, transparency] = ['PLTE', 'tRNS'].map((type) => chunks.find((chunk) => chunk.type === type)?.data);
  const samples = storedSamples(image, { header, palette, transparency });
  const compressed =
    'runs' in zlib
      ? storeData(zlib, writeScanlines(samples, header, filters))
      : deflateWith(zlib, scanlinesOf(samples, header, filters));
  const between = fillImageChunks(chunks, compressed);
  return joinChunks(
    [{ type: 'IHDR', data: encodePngHeader(header) }, ...between, { type: 'IEND', data: NOTHING }],
    trailer,
  );
}

const NOTHING = new Uint8Array(0);

const isImageChunk = ({ type }: { readonly type: string }): boolean => type === 'IDAT';

const entryOf = ({ type, data }: PngChunk): RecipeChunk => ({
  type,
  length: data.length,
  data: type === 'IDAT' ? NOTHING : data,
});

function withOneImageChunk(chunks: readonly PngChunk[]): PngChunk[] {
  const first = chunks.findIndex(isImageChunk);
  return chunks.filter((chunk, i) => i === first || !isImageChunk(chunk));
}

/** The last IDAT chunk is given no length, which images of one encoder would not have in common. */
function entriesOf(chunks: readonly PngChunk[]): RecipeChunk[] {
  const last = chunks.findLastIndex(isImageChunk);
  return chunks.map(entryOf).map((entry, i) => (i === last ? { ...entry, length: 0 } : entry));
}

function fillImageChunks(chunks: readonly RecipeChunk[], compressed: Uint8Array): PngChunk[] {
  const last = chunks.findLastIndex(isImageChunk);
  let offset = 0;
  const filled = chunks.map((chunk, i) => {
    if (!isImageChunk(chunk)) return chunk;
    const start = offset;
    offset = i === last && chunk.length === 0 ? Math.max(start, compressed.length) : start + chunk.length;
    return { type: 'IDAT', data: compressed.subarray(start, offset) };
  });
  if (offset === compressed.length) return filled;
  throw new CodecError('corrupt', `IDAT chunks hold ${offset} bytes, but the image takes ${compressed.length}`);
}

const CHANNELS: Readonly<Record<number, ChannelCount>> = { 0: 1, 2: 3, 3: 3, 4: 2, 6: 4 };

/**
 * Size, channels and depth of a PNG whose pixels are not decoded, after checking all of its chunks; a palette is RGB.
 * @throws CodecError as decodePng, but not for its depth or what its chunks are.
 */
export function pngGeometry(file: Uint8Array): Pick<Image, 'height' | 'width' | 'channels' | 'bitDepth'> {
  const { height, width, depth, colourType } = decodePngHeader(readChunks(file).chunks[0]!.data);
  return { height, width, channels: CHANNELS[colourType]!, bitDepth: depth === 16 ? 16 : 8 };
}

/** True when both hold the same bytes. */
export function isSame(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
