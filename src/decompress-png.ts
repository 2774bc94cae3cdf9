/** A file to the PNG file it was made of: compress-png.ts read upwards. */
import { decodeKeptPng, payloadTables } from './codec/png-payload.ts';
import { decodeFile } from './container/header.ts';
import { decodeOriginal, originalChecksum } from './container/original.ts';
import { isOriginalPayload } from './container/payload-kind.ts';
import { type DecompressOptions, decompress } from './decompress.ts';
import { CodecError } from './errors.ts';
import type { Image } from './image/image.ts';
import { encodePng } from './image/png.ts';
import type { PngTables } from './image/png-chunks.ts';
import { followRecipe } from './image/png-original.ts';
import { unpackRecipe } from './image/png-recipe.ts';

/**
 * Restores the PNG file that compressPng was given, as readRestored tells; of other files, it makes a PNG of the pixels.
 *
 * @throws CodecError when the bytes are not a sound vdmz file, or their model is not installed.
 */
export async function decompressPng(bytes: Uint8Array, options: DecompressOptions = {}): Promise<Uint8Array> {
  const { header, original, payload } = decodeFile(bytes);
  if (isOriginalPayload(header)) {
    const png = decodeKeptPng(header, payload).slice();
    options.onProgress?.(1);
    return png;
  }
  const image = await decompress(bytes, options);
  return header.hasOriginal ? restore(original, image, payloadTables(header, payload)) : encodePng(image);
}

function restore(section: Uint8Array, image: Image, payload: PngTables | undefined): Uint8Array {
  const { isExact, checksum, recipe } = decodeOriginal(section);
  const png = followRecipe(unpackRecipe(recipe, image, payload), image);
  if (originalChecksum(png, isExact) === checksum) return png;
  throw new CodecError('corrupt', 'checksum of the restored PNG does not match');
}
