/** Image files of any supported format to images. */
import type { Image } from './image.ts';
import { decodeWithSharp } from './other-formats.ts';
import { decodePng } from './png.ts';
import { hasPngSignature } from './png-chunks.ts';
import { decodePnm, hasPnmMagic } from './pnm.ts';

/**
 * Decodes an image file; its first bytes tell the format.
 * @throws CodecError 'unsupported-image' for formats not known, and as decodePng, decodePnm and decodeWithSharp do.
 */
export async function readImage(bytes: Uint8Array): Promise<Image> {
  if (hasPngSignature(bytes)) return decodePng(bytes);
  return hasPnmMagic(bytes) ? decodePnm(bytes) : decodeWithSharp(bytes);
}
