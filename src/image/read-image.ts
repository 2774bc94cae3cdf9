/** Image files of any supported format to images. */
import type { Image } from './image.ts';
import { decodeWithSharp } from './other-formats.ts';
import { decodePng } from './png.ts';
import { hasPngSignature } from './png-chunks.ts';

/**
 * Decodes an image file; its first bytes tell the format.
 * @throws CodecError 'unsupported-image' for formats not known, and as decodePng and decodeWithSharp do.
 */
export async function readImage(bytes: Uint8Array): Promise<Image> {
  return hasPngSignature(bytes) ? decodePng(bytes) : decodeWithSharp(bytes);
}
