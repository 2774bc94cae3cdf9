/** A PNG file to a file that restores it. decompress-png.ts is the same list read upwards. */
import { type CompressOptions, compressWithOriginal, type PngSource, type SharedPalette } from './compress.ts';
import { encodeHeader, encodeHeaderStart, imageChecksum, VERSION } from './container/header.ts';
import { encodeOriginal, originalChecksum } from './container/original.ts';
import { ORIGINAL_STEPS } from './container/payload-kind.ts';
import type { Image } from './image/image.ts';
import { ifSupported, type OpenPng, readPng, readSupportedPng } from './image/png.ts';
import { concatenate } from './image/png-chunks.ts';
import { findRestoration, pngGeometry } from './image/png-original.ts';
import { hasPalette, packRecipe } from './image/png-recipe.ts';

export interface CompressPngOptions extends CompressOptions {
  /** Keeps the pixels alone, as `compress` does of the image; entries of a palette may help to. Default: false. */
  readonly pixelsOnly?: boolean | undefined;
}

/**
 * Compresses a PNG file so that decompressPng gives the very same file, byte for byte, where the settings of its encoder
 * are found, and else one with the same pixels, colour type, palette and chunks. What comes back, readRestored tells.
 * The result is at most 16 bytes larger than the file, unless the method is 'diffusion' or pixels alone are kept.
 *
 * @throws CodecError for a file that is no sound PNG; RangeError for a wrong option.
 */
export async function compressPng(file: Uint8Array, options: CompressPngOptions = {}): Promise<Uint8Array> {
  if (options.pixelsOnly) {
    const { image, parts } = readPng(file, undefined, options.maxPixels);
    return compressWithOriginal(image, { section: new Uint8Array(0), palette: parts.palette }, options);
  }
  if (options.method === 'diffusion') {
    const { image, ...source } = takeApart(file, readPng(file, undefined, options.maxPixels));
    return compressWithOriginal(image, source, options);
  }
  const { image, section, palette, shared } = takeSupportedApart(file, options.maxPixels);
  if (image === undefined || section === undefined) return keepWhole(file, image);
  const coded = await compressWithOriginal(image, { section, palette, shared }, options);
  if (coded.length <= file.length) return coded;
  const kept = keepWhole(file, image);
  return coded.length < kept.length ? coded : kept;
}

/** A file whose payload is the PNG itself; its checksum is over the PNG, so that it holds for all of it. */
function keepWhole(file: Uint8Array, image: Image | undefined): Uint8Array {
  const { height, width, channels, bitDepth } = image ?? pngGeometry(file);
  const coding = { version: VERSION, modelId: 0, numSteps: ORIGINAL_STEPS, hasOriginal: false } as const;
  const start = { ...coding, height, width, channels, bitDepth };
  const checksum = imageChecksum(encodeHeaderStart(start), file);
  return concatenate([encodeHeader({ ...start, checksum, alphaLength: 0, lowLength: 0, originalLength: 0 }), file]);
}

interface PngApart extends PngSource {
  readonly image: Image;
}

/** What is not supported is undefined. */
function takeSupportedApart(file: Uint8Array, maxPixels: number | undefined): Partial<PngApart> {
  const png = readSupportedPng(file, maxPixels);
  return (png && ifSupported(() => takeApart(file, png))) ?? (png === undefined ? {} : { image: png.image });
}

function takeApart(file: Uint8Array, png: OpenPng): PngApart {
  const { image } = png;
  const { recipe, png: made, isExact } = findRestoration(file, png);
  const checksum = originalChecksum(made, isExact);
  const sectionOf = (isInPayload: boolean) =>
    encodeOriginal({ isExact, checksum, recipe: packRecipe(recipe, image, isInPayload) });
  const { palette, transparency } = png.parts;
  const share = (palette: Uint8Array): SharedPalette => ({ palette, transparency, section: () => sectionOf(true) });
  const shared = palette !== undefined && hasPalette(recipe.header) ? share(palette) : undefined;
  return { image, section: sectionOf(false), palette, shared };
}
