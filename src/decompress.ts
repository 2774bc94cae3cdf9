/** A file to its image: compress.ts read upwards, with push and pop exchanged. */
import { decodeAlpha, formOfSection, partMerged } from './codec/alpha.ts';
import { popImage } from './codec/image-codec.ts';
import { writeAlpha } from './codec/planes.ts';
import { decodeOriginalPayload, decodePngPayload } from './codec/png-payload.ts';
import { decodeSamplePayload } from './codec/sample-payload.ts';
import { COLOURS_ALONE, decodeWebpPayload } from './codec/webp-payload.ts';
import { decodeFile, decodeHeader, type FileParts, fileChecksum, type Header } from './container/header.ts';
import {
  hasAlphaSection,
  hasLowSection,
  isAbsorbingPayload,
  isDeepPng,
  isOriginalPayload,
  PNG_STEPS,
  SAMPLES_STEPS,
  WEBP_STEPS,
} from './container/payload-kind.ts';
import { CodecError } from './errors.ts';
import { checkSizeInFile, type Image, type Image8, sampleBytes } from './image/image.ts';
import { decodeLow } from './low-bits/low-section.ts';
import { absorbingModelOf, decoderOf } from './open-coder.ts';
import { assertCodingOptions, type CodingOptions, partOf } from './options.ts';
import { decodePixelPayload } from './pixel-payload.ts';
import { AnsStack } from './rans/ans-stack.ts';

export type DecompressOptions = CodingOptions;

/**
 * Restores the image of a file, bit for bit.
 *
 * @throws CodecError when the bytes are not a sound vdmz file, or their model is not installed.
 */
export async function decompress(bytes: Uint8Array, options: DecompressOptions = {}): Promise<Image> {
  const parts = decodeFile(bytes);
  const { header, payload } = parts;
  assertCodingOptions(options);
  checkSizeInFile(header.height, header.width, options.maxPixels);
  if (isOriginalPayload(header)) return tellDone(decodeOriginalPayload(header, payload), options);
  const image = await decodeParts(parts, options);
  assertImageOf(parts, image);
  return image;
}

/** @throws CodecError where the checksum of the file is not that of an image decoded from it */
export function assertImageOf({ header, payload }: Pick<FileParts, 'header' | 'payload'>, image: Image): void {
  if (fileChecksum(header, payload, sampleBytes(image)) === header.checksum) return;
  throw new CodecError('corrupt', 'checksum of the decoded image does not match');
}

async function decodeParts({ header, alpha, low, payload }: FileParts, options: DecompressOptions): Promise<Image> {
  if (header.numSteps === SAMPLES_STEPS) return tellDone(decodeSamplePayload(header, payload), options);
  if (isDeepPng(header)) return tellDone(decodePngPayload(header, payload, 16), options);
  const isDeep = hasLowSection(header);
  const high = await decodeHigh({ header, alpha, payload }, isDeep ? partOf(options, 0, HIGH_SHARE) : options);
  return isDeep ? decodeLow(low, high, partOf(options, HIGH_SHARE, 1)) : high;
}

/** Share of the progress that is high bits. */
const HIGH_SHARE = 0.6;

function tellDone<Result>(result: Result, { onProgress }: DecompressOptions): Result {
  onProgress?.(1);
  return result;
}

type HighParts = Pick<FileParts, 'header' | 'alpha' | 'payload'>;

/** The image, or the high bits of its samples. */
async function decodeHigh({ header, alpha, payload }: HighParts, options: DecompressOptions): Promise<Image8> {
  if (header.numSteps === PNG_STEPS) return tellDone(decodePngPayload(header, payload, 8), options);
  const isWebp = header.numSteps === WEBP_STEPS;
  const form = isWebp ? formOfSection(alpha) : COLOURS_ALONE;
  const image = isWebp
    ? tellDone(await decodeWebpPayload(header, payload, form), options)
    : await decodeDiffusion(header, payload, options);
  // Two bytes of alpha may stand for any size, so it comes after the pixels, which prove the size.
  if (form.isMerged) partMerged(image, alpha);
  else if (hasAlphaSection(header) && form === COLOURS_ALONE) writeAlpha(image, await decodeAlpha(alpha, image));
  return image;
}

async function decodeDiffusion(header: Header, payload: Uint8Array, options: DecompressOptions): Promise<Image8> {
  if (isAbsorbingPayload(header)) {
    return decodePixelPayload(header, payload, await absorbingModelOf(header, options.model), options);
  }
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
