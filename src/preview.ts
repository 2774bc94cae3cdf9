/** A small image of a file, from as much of its start as that takes. */
import { diagonalCount, SLOPE } from './absorbing/diagonals.ts';
import { NUM_CHANNELS, type Pixels } from './absorbing/neighbourhood.ts';
import { decodePixels } from './absorbing/pixel-codec.ts';
import { assertLevel, type LowImage, lowImageOf, popPreviews } from './codec/image-codec.ts';
import { lowPixels, planeCount } from './codec/planes.ts';
import { decodeFileStart, type Header } from './container/header.ts';
import { isAbsorbingPayload, isKept } from './container/payload-kind.ts';
import { SegmentReader } from './container/segments.ts';
import { decompress } from './decompress.ts';
import { CodecError } from './errors.ts';
import { checkSizeInFile, type Image8 } from './image/image.ts';
import { highOf } from './low-bits/split.ts';
import { absorbingModelOf, decoderOf } from './open-coder.ts';
import { emptyPixels, imageOf, pixelCodingOf } from './open-pixels.ts';
import type { CodingOptions } from './options.ts';
import { halfSize, type Size } from './pyramid/haar.ts';
import { AnsStack } from './rans/ans-stack.ts';

export interface PreviewOptions extends CodingOptions {
  /** Halvings of height and width, each rounded up: 1 for half the size, 2 for a quarter ... Default 2. */
  readonly level?: number | undefined;
}

export interface Preview {
  /** Gray or RGB of 8 bits a sample, the high bits where the file has 16; alpha is left out. */
  readonly image: Image8;
  /** Halvings: as many as asked for, or fewer where 1 x 1 is reached; more where a file of Gaussian diffusion ends early. */
  readonly level: number;
  /** The file ends early: what is missing makes it smaller, or gray. */
  readonly isCut: boolean;
}

const DEFAULT_LEVEL = 2;

/**
 * The image with its height and width halved some times. The file may be cut off: then it is as large as what is left
 * allows. Without the whole file there is no checksum, so nothing says that the preview is right.
 *
 * @throws RangeError for a level below 1
 * @throws CodecError when there is no sound start of a vdmz file, or its model is not installed; a file that keeps a
 *   PNG or a WebP must be whole. Of absorbing diffusion all is decoded, and what a cut file does not reveal is gray.
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

/** The low image of what is revealed before the bytes run out; the rest is gray. @param payload as of popPreview */
async function popRevealed(
  header: Header,
  payload: Uint8Array,
  options: CodingOptions & { level: number },
): Promise<LowImage & { readonly isCut: boolean }> {
  const { width, channels } = header;
  const model = await absorbingModelOf(header, options.model);
  const pixels = emptyPixels(header);
  const reader = new SegmentReader(payload);
  const stackOf = (isLast: boolean): AnsStack => {
    const { bytes, isWhole } = reader.start(isLast);
    // The last one is followed by low bits, and may be cut.
    return isWhole && !isLast ? AnsStack.fromBytes(bytes) : AnsStack.fromFirstBytes(bytes);
  };
  let done = 0;
  const onProgress = (fraction: number) => {
    done = fraction;
    options.onProgress?.(fraction);
  };
  const coding = { ...pixelCodingOf(model, header.channels, { ...options, onProgress }), mayGoOn: true };
  const early = await decodePixels(pixels, coding, stackOf).catch(keepEarlyEnd);
  if (early !== undefined && done === 0) throw early;
  if (done < 1) options.onProgress?.(1);
  const rows = fillHidden(pixels, Math.round(done * diagonalCount(header)), options.level);
  const upper = { height: rows, width, data: pixels.data.subarray(0, rows * width * NUM_CHANNELS) };
  const low = lowImageOf(imageOf(upper, channels), options.level);
  return { ...withGrayRows(low, header), isCut: early !== undefined };
}

/** What stands for pixels and rows beyond the end of a file. */
const GRAY = 128;

/**
 * Makes what is not revealed gray, in as many rows as a low image takes that has all that is.
 * @param diagonals that are revealed
 */
function fillHidden({ height, width, data }: Pixels, diagonals: number, level: number): number {
  const unit = 1 << Math.min(level, MAX_LEVEL);
  const begun = Math.min(height, Math.ceil(diagonals / SLOPE));
  const rows = Math.min(height, Math.max(1, Math.ceil(begun / unit)) * unit);
  for (let row = 0; row < rows; row++) {
    const revealed = Math.min(Math.max(diagonals - SLOPE * row, 0), width);
    data.fill(GRAY, (row * width + revealed) * NUM_CHANNELS, (row + 1) * width * NUM_CHANNELS);
  }
  return rows;
}

/** More halvings than any side has. */
const MAX_LEVEL = 17;

/** A low image of the upper rows of an image as that of the whole. */
function withGrayRows(low: LowImage, { height, width, channels }: Header): LowImage {
  let size: Size = { height, width };
  for (let i = 0; i < low.level; i++) size = halfSize(size);
  const planes = planeCount(channels);
  const data = new Int16Array(size.height * size.width * planes);
  for (let i = low.data.length; i < data.length; i += planes) data[i] = GRAY;
  data.set(low.data);
  return { ...low, ...size, data };
}

function keepEarlyEnd(error: unknown): CodecError {
  if (error instanceof CodecError && error.code === 'truncated') return error;
  throw error;
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
