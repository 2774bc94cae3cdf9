/** Image files of any supported format to images. */
import type { Image } from './image.ts';
import { decodeWithSharp } from './other-formats.ts';
import { decodePng } from './png.ts';
import { hasPngSignature } from './png-chunks.ts';
import { decodePnm, hasPnmMagic } from './pnm.ts';

/**
 * Decodes an image file; its first bytes tell the format.
 * @param maxPixels a limit below that of all images
 * @throws CodecError 'unsupported-image' for formats not known, and as decodePng, decodePnm and decodeWithSharp do.
 */
export async function readImage(bytes: Uint8Array, maxPixels?: number): Promise<Image> {
  if (hasPngSignature(bytes)) return decodePng(bytes, undefined, maxPixels);
  return hasPnmMagic(bytes) ? decodePnm(bytes, maxPixels) : decodeWithSharp(bytes, maxPixels);
}
