/** A file to its image: compress.ts read upwards, with push and pop exchanged. */
import { decodeAlpha } from './codec/alpha.ts';
import { popImage } from './codec/image-codec.ts';
import { writeAlpha } from './codec/planes.ts';
import { decodeOriginalPayload, decodePngPayload } from './codec/png-payload.ts';
import {
  decodeHeader,
  encodeHeaderStart,
  type Header,
  imageChecksum,
  isOriginalPayload,
  PNG_STEPS,
} from './container/header.ts';
import { decoderOf } from './decoder.ts';
import { CodecError } from './errors.ts';
import { hasAlpha, type Image } from './image/image.ts';
import type { CodingOptions } from './options.ts';
import { AnsStack } from './rans/ans-stack.ts';

export type DecompressOptions = CodingOptions;

/**
 * Restores the image of a file, bit for bit.
 *
 * @throws CodecError when the bytes are not a sound vdmz file, or their model is not installed.
 */
export async function decompress(bytes: Uint8Array, options: DecompressOptions = {}): Promise<Image> {
  const { header, payloadOffset } = decodeHeader(bytes);
  const payload = bytes.subarray(payloadOffset);
  if (isOriginalPayload(header)) return decodeOriginalPayload(header, payload);
  const image =
    header.numSteps === PNG_STEPS
      ? decodePngPayload(header, payload.subarray(header.originalLength))
      : await decodeDiffusion(header, payload, options);
  if (imageChecksum(encodeHeaderStart(header), image.data) !== header.checksum) {
    throw new CodecError('corrupt', 'checksum of the decoded image does not match');
  }
  return image;
}

async function decodeDiffusion(header: Header, payload: Uint8Array, options: DecompressOptions): Promise<Image> {
  const { height, width, channels, alphaLength, originalLength } = header;
  const coder = await decoderOf(header, options);
  const stack = AnsStack.fromBytes(payload.subarray(alphaLength + originalLength));
  const image = await popImage(stack, channels, coder);
  if (!stack.isPristine) throw new CodecError('corrupt', 'stream goes on after the last pixel');
  // Two bytes of alpha may stand for any size, so it comes after the pixels, which prove the size.
  if (hasAlpha(channels)) writeAlpha(image, decodeAlpha(payload.subarray(0, alphaLength), height, width));
  return image;
}

/** What the start of a file says, without its model. @throws CodecError */
export function readHeader(bytes: Uint8Array): Header {
  return decodeHeader(bytes).header;
}
