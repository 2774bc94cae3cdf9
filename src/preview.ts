/** A small image of a file, from as much of its start as that takes. */
import { assertLevel, type LowImage, lowImageOf, popPreviews } from './codec/image-codec.ts';
import { lowPixels, planeCount } from './codec/planes.ts';
import { decodeFileStart, type Header } from './container/header.ts';
import { isAbsorbingPayload, isKept } from './container/payload-kind.ts';
import { decompress } from './decompress.ts';
import { checkSizeInFile, type Image8 } from './image/image.ts';
import { highOf } from './low-bits/split.ts';
import { decoderOf } from './open-coder.ts';
import type { CodingOptions } from './options.ts';
import { popRevealed } from './preview-revealed.ts';
import { AnsStack } from './rans/ans-stack.ts';
import { keepEarlyEnd } from './revealed-start.ts';

export interface PreviewOptions extends CodingOptions {
  /** Halvings of height and width, each rounded up: 1 for half the size, 2 for a quarter ... Default 2. */
  readonly level?: number | undefined;
}

export interface Preview {
  /** Gray or RGB of 8 bits a sample, the high bits where the file has 16; alpha is left out. */
  readonly image: Image8;
  /** Halvings: as many as asked for, or fewer where 1 x 1 is reached; more where a file ends early of which only a smaller image is left. */
  readonly level: number;
  /** The file ends early: what is missing makes it smaller, gray, or as coarse as the small image that the file begins with. */
  readonly isCut: boolean;
}

const DEFAULT_LEVEL = 2;

/**
 * The image with its height and width halved some times. The file may be cut off: then it is as large as what is left
 * allows. Without the whole file there is no checksum, so nothing says that the preview is right.
 *
 * @throws RangeError for a level below 1
 * @throws CodecError when there is no sound start of a vdmz file, or its model is not installed; a file that keeps a
 *   PNG or a WebP must be whole. Of absorbing diffusion all is decoded, unless it begins with a small image that is large enough.
 */
export async function preview(bytes: Uint8Array, options: PreviewOptions = {}): Promise<Preview> {
  const { level = DEFAULT_LEVEL } = options;
  assertLevel(level);
  const { header, rest } = decodeFileStart(bytes);
  checkSizeInFile(header.height, header.width, options.maxPixels);
  const low: LowImage & { readonly isCut?: boolean } = isKept(header)
    ? lowImageOf(highOf(await decompress(bytes, options)), level)
    : await (isAbsorbingPayload(header) ? popRevealed : popPreview)(header, rest, { ...options, level });
  const isCut = low.isCut ?? low.level > level;
  return { image: lowPixels(low, planeCount(header.channels)), level: low.level, isCut };
}

/**
 * The low image of a level, or the last one before the bytes run out.
 * @param payload at least as much as there is of it; what follows it does no harm
 */
async function popPreview(
  header: Header,
  payload: Uint8Array,
  options: CodingOptions & { level: number },
): Promise<LowImage> {
  const coder = await decoderOf(header, options);
  let last: LowImage | undefined;
  try {
    const stack = AnsStack.fromFirstBytes(payload);
    for await (const low of popPreviews(stack, coder)) {
      last = low;
      if (low.level <= options.level) break;
    }
  } catch (error) {
    keepEarlyEnd(error);
    if (last === undefined) throw error;
  }
  return last!;
}
