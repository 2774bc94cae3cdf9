/** A file to its image: compress.ts read upwards, with push and pop exchanged. */
import { decodeAlpha } from './codec/alpha.ts';
import { popImage } from './codec/image-codec.ts';
import { writeAlpha } from './codec/planes.ts';
import { decodeOriginalPayload, decodePngPayload } from './codec/png-payload.ts';
import { decodeWebpPayload } from './codec/webp-payload.ts';
import {
  decodeFile,
  decodeHeader,
  fileChecksum,
  type Header,
  isOriginalPayload,
  PNG_STEPS,
  WEBP_STEPS,
} from './container/header.ts';
import { CodecError } from './errors.ts';
import { checkSizeInFile, hasAlpha, type Image, type Image8, sampleBytes } from './image/image.ts';
import { decodeLow } from './low-bits/low-section.ts';
import { decoderOf } from './open-coder.ts';
import { assertCodingOptions, type CodingOptions, partOf } from './options.ts';
import { AnsStack } from './rans/ans-stack.ts';

export type DecompressOptions = CodingOptions;

/**
 * Restores the image of a file, bit for bit.
 *
 * @throws CodecError when the bytes are not a sound vdmz file, or their model is not installed.
 */
export async function decompress(bytes: Uint8Array, options: DecompressOptions = {}): Promise<Image> {
  const { header, alpha, low, payload } = decodeFile(bytes);
  assertCodingOptions(options);
  checkSizeInFile(header.height, header.width, options.maxPixels);
  if (isOriginalPayload(header)) return decodeOriginalPayload(header, payload);
  const coding = header.bitDepth === 8 ? options : partOf(options, 0, HIGH_SHARE);
  const high = await decodePayload(header, payload, coding);
  // Two bytes of alpha may stand for any size, so it comes after the pixels, which prove the size.
  if (hasAlpha(header.channels) && header.numSteps !== PNG_STEPS) {
    writeAlpha(high, decodeAlpha(alpha, header.height, header.width));
  }
  const image = header.bitDepth === 8 ? high : await decodeLow(low, high, partOf(options, HIGH_SHARE, 1));
  if (fileChecksum(header, payload, sampleBytes(image)) !== header.checksum) {
    throw new CodecError('corrupt', 'checksum of the decoded image does not match');
  }
  return image;
}

/** Share of the progress that is high bits. */
const HIGH_SHARE = 0.6;

/** The image, or the high bits of its samples; alpha, unless the payload is a PNG, is 0. */
async function decodePayload(header: Header, payload: Uint8Array, options: DecompressOptions): Promise<Image8> {
  if (header.numSteps === PNG_STEPS) return decodePngPayload(header, payload);
  if (header.numSteps === WEBP_STEPS) return decodeWebpPayload(header, payload);
  return decodeDiffusion(header, payload, options);
}

async function decodeDiffusion(header: Header, payload: Uint8Array, options: DecompressOptions): Promise<Image8> {
  const coder = await decoderOf(header, options);
  const stack = AnsStack.fromBytes(payload);
  const image = await popImage(stack, header.channels, coder);
  if (!stack.isPristine) throw new CodecError('corrupt', 'stream goes on after the last pixel');
  return image;
}

/** What the start of a file says, without its model. @throws CodecError */
export function readHeader(bytes: Uint8Array): Header {
  return decodeHeader(bytes).header;
}
