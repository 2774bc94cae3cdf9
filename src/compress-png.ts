/** A PNG file to a file that restores it. decompress-png.ts is the same list read upwards. */
import { type CompressOptions, compress } from './compress.ts';
import {
  decodeFile,
  encodeHeader,
  encodeHeaderStart,
  fileChecksum,
  imageChecksum,
  VERSION,
} from './container/header.ts';
import { encodeOriginal, originalChecksum } from './container/original.ts';
import { ORIGINAL_STEPS } from './container/payload-kind.ts';
import { type Image, sampleBytes } from './image/image.ts';
import { decodePng, decodeSupportedPng, ifSupported } from './image/png.ts';
import { concatenate } from './image/png-chunks.ts';
import { findRestoration, pngGeometry } from './image/png-original.ts';
import { encodeRecipe } from './image/png-recipe.ts';

/**
 * Compresses a PNG file so that decompressPng gives the very same file, byte for byte, where the settings of its encoder
 * are found, and else one with the same pixels, colour type, palette and chunks. What comes back, readRestored tells.
 * The result is at most 16 bytes larger than the file, unless the method is 'diffusion'.
 *
 * @throws CodecError for a file that is no sound PNG; RangeError for a wrong option.
 */
export async function compressPng(file: Uint8Array, options: CompressOptions = {}): Promise<Uint8Array> {
  if (options.method === 'diffusion') {
    const image = decodePng(file, undefined, options.maxPixels);
    return addOriginal(await compress(image, options), image, describe(file, image));
  }
  const image = decodeSupportedPng(file, options.maxPixels);
  const section = image && ifSupported(() => describe(file, image));
  const kept = keepWhole(file, image);
  if (image === undefined || section === undefined) return kept;
  const coded = addOriginal(await compress(image, options), image, section);
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

/** The original section. */
function describe(file: Uint8Array, image: Image): Uint8Array {
  const { recipe, png, isExact } = findRestoration(file, image);
  return encodeOriginal({ isExact, checksum: originalChecksum(png, isExact), recipe: encodeRecipe(recipe) });
}

function addOriginal(coded: Uint8Array, image: Image, section: Uint8Array): Uint8Array {
  const { header, alpha, low, payload } = decodeFile(coded);
  const start = { ...header, hasOriginal: true, originalLength: section.length };
  const changed = encodeHeader({ ...start, checksum: fileChecksum(start, payload, sampleBytes(image)) });
  return concatenate([changed, alpha, section, payload, low]);
}
