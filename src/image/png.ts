/**
 * PNG files to images and back: of 16 bits a sample where the file has 16, and else of 8.
 *
 * Palettes, colour keys and low bit depths are expanded exactly as the standard says (W3C PNG, third edition); only
 * pixels are read; png-original.ts keeps what else a file holds.
 */
import { CodecError } from '../errors.ts';
import { assertImage, type ChannelCount, checkSizeInFile, type Image, joinBytes, sampleBytes } from './image.ts';
import { inflateExactly } from './inflate.ts';
import {
  COLOUR_GRAY,
  COLOUR_GRAY_ALPHA,
  COLOUR_PALETTE,
  COLOUR_RGB,
  COLOUR_RGBA,
  encodePngHeader,
  joinChunks,
  type PngParts,
  readPngParts,
} from './png-chunks.ts';
import { LEAST_SUM } from './png-filter-rules.ts';
import { filtersOf, readSamples, samplesPerPixel, scanlineBytes, writeScanlines } from './png-samples.ts';
import { deflateWith, USUAL_SETTINGS } from './zlib-settings.ts';

/** PNG's colour type by number of channels. */
export const COLOUR_TYPES = [COLOUR_GRAY, COLOUR_GRAY_ALPHA, COLOUR_RGB, COLOUR_RGBA];

/** A PNG file that was read. */
export interface OpenPng {
  readonly image: Image;
  readonly parts: PngParts;
  /** The filter type of every line, in the order of the scanlines. */
  readonly filters: Uint8Array;
}

/** Decodes a PNG file. @throws as readPng */
export const decodePng = (bytes: Uint8Array, expected?: Pick<Image, 'height' | 'width'>, maxPixels?: number): Image =>
  readPng(bytes, expected, maxPixels).image;

/**
 * Reads a PNG file.
 * @param expected the size that it must have, and the most pixels that it may, checked before anything of its own size is allocated
 * @throws CodecError 'not-our-format', 'truncated', 'corrupt', 'too-large' or 'unsupported-image' (animated).
 */
export function readPng(bytes: Uint8Array, expected?: Pick<Image, 'height' | 'width'>, maxPixels?: number): OpenPng {
  const parts = readPngParts(bytes);
  checkSizeInFile(parts.header.height, parts.header.width, maxPixels);
  const { height, width, depth, colourType } = parts.header;
  if (expected !== undefined && (height !== expected.height || width !== expected.width)) {
    const message = `PNG has ${width} x ${height} pixels, expected ${expected.width} x ${expected.height}`;
    throw new CodecError('corrupt', message);
  }
  const scanlines = inflateExactly(parts.compressed, scanlineBytes(parts.header), 'zlib');
  const filters = filtersOf(scanlines, parts.header);
  const samples = readSamples(scanlines, parts.header);
  if (depth === 16) {
    return { image: { height, width, bitDepth: 16, ...expand(joinBytes(samples), parts) }, parts, filters };
  }
  const pixels = colourType === COLOUR_PALETTE ? lookUp(samples, parts) : expand(samples, parts);
  return { image: { height, width, bitDepth: 8, ...pixels }, parts, filters };
}

/** The file; undefined for animations and unknown critical chunks. @throws CodecError as readPng */
export const readSupportedPng = (file: Uint8Array, maxPixels?: number): OpenPng | undefined =>
  ifSupported(() => readPng(file, undefined, maxPixels));

/** The result; undefined where it fails by 'unsupported-image'. */
export function ifSupported<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (error instanceof CodecError && error.code === 'unsupported-image') return undefined;
    throw error;
  }
}

interface Pixels<Samples> {
  readonly channels: ChannelCount;
  readonly data: Samples;
}

function lookUp(samples: Uint8Array, { header, palette, transparency }: PngParts): Pixels<Uint8Array> {
  const count = (palette?.length ?? 0) / 3;
  if (palette === undefined || !Number.isInteger(count) || count < 1 || count > 1 << header.depth) {
    throw new CodecError('corrupt', `PNG palette has ${count} entries, expected 1..${1 << header.depth}`);
  }
  const alphas = transparency ?? new Uint8Array(0);
  if (alphas.length > count) {
    throw new CodecError('corrupt', `PNG palette has ${count} entries, but ${alphas.length} alpha values`);
  }
  const channels = alphas.length > 0 ? 4 : 3;
  const data = new Uint8Array(samples.length * channels);
  for (let i = 0; i < samples.length; i++) {
    const index = samples[i]!;
    if (index >= count) throw new CodecError('corrupt', `PNG pixel has index ${index} in a palette of ${count}`);
    for (let j = 0; j < 3; j++) data[i * channels + j] = palette[index * 3 + j]!;
    if (channels === 4) data[i * 4 + 3] = alphas[index] ?? 255;
  }
  return { channels, data };
}

function expand<Samples extends Uint8Array | Uint16Array>(
  samples: Samples,
  { header, transparency }: PngParts,
): Pixels<Samples> {
  const perPixel = samplesPerPixel(header.colourType) as ChannelCount;
  const opaque = header.depth === 16 ? 65_535 : 255;
  // 255, 85, 17 or 1: the full range of every depth maps to 0..255 without rounding; 16 bits stay as they are.
  const scale = opaque / ((1 << header.depth) - 1);
  if (transparency === undefined) {
    if (scale !== 1) for (let i = 0; i < samples.length; i++) samples[i] = samples[i]! * scale;
    return { channels: perPixel, data: samples };
  }
  const key = colourKey(transparency, perPixel, header.depth);
  const channels = (perPixel + 1) as ChannelCount;
  const data = emptyLike(samples, (samples.length / perPixel) * channels);
  for (let source = 0, target = 0; source < samples.length; source += perPixel) {
    let isKey = true;
    for (let i = 0; i < perPixel; i++) {
      const sample = samples[source + i]!;
      isKey &&= sample === key[i];
      data[target++] = sample * scale;
    }
    data[target++] = isKey ? 0 : opaque;
  }
  return { channels, data };
}

const emptyLike = <Samples extends Uint8Array | Uint16Array>(samples: Samples, length: number): Samples =>
  new (samples.constructor as new (length: number) => Samples)(length);

/** The colour that tRNS makes transparent, in samples as stored: as many of the low bits of 16-bit numbers. */
function colourKey(transparency: Uint8Array, perPixel: number, depth: number): number[] {
  if (perPixel % 2 === 0) throw new CodecError('corrupt', 'PNG with an alpha channel has a tRNS chunk too');
  if (transparency.length !== perPixel * 2) {
    throw new CodecError('corrupt', `tRNS chunk has ${transparency.length} bytes, expected ${perPixel * 2}`);
  }
  const mask = (1 << depth) - 1;
  return Array.from({ length: perPixel }, (_, i) => ((transparency[i * 2]! << 8) | transparency[i * 2 + 1]!) & mask);
}

/** Encodes an image as a PNG file that decodePng turns into the same image, and that a recipe restores byte for byte. */
export function encodePng(image: Image): Uint8Array {
  assertImage(image);
  const { height, width, bitDepth, channels } = image;
  const header = { height, width, depth: bitDepth, colourType: COLOUR_TYPES[channels - 1]!, interlaced: false };
  const scanlines = writeScanlines(sampleBytes(image), header, new Uint8Array(height).fill(LEAST_SUM));
  return joinChunks([
    { type: 'IHDR', data: encodePngHeader(header) },
    { type: 'IDAT', data: deflateWith(USUAL_SETTINGS, [scanlines]) },
    { type: 'IEND', data: new Uint8Array(0) },
  ]);
}
