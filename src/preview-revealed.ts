/** A small image of what the start of a file of absorbing diffusion reveals: whole bands, and the next one as far as it goes. */
import { type Band, bandsOf, pixelsOfBand } from './absorbing/bands.ts';
import { diagonalCount, pixelsRevealed, SLOPE } from './absorbing/diagonals.ts';
import { NUM_CHANNELS, type Pixels } from './absorbing/neighbourhood.ts';
import { decodePixels } from './absorbing/pixel-codec.ts';
import { decodeInBands } from './bands/code-bands.ts';
import { type LowImage, lowImageOf } from './codec/image-codec.ts';
import { planeCount } from './codec/planes.ts';
import type { Header } from './container/header.ts';
import { SegmentReader } from './container/segments.ts';
import { CodecError } from './errors.ts';
import { absorbingModelOf } from './open-coder.ts';
import { emptyPixels, imageOf, type PixelModel, pixelCodingOf } from './open-pixels.ts';
import { type CodingOptions, partOf } from './options.ts';
import { cutPayloadOf } from './pixel-payload.ts';
import { halfSize, type Size } from './pyramid/haar.ts';
import { AnsStack } from './rans/ans-stack.ts';

/**
 * The low image of what is revealed before the bytes run out; the rest is gray.
 * @param payload at least as much as there is of it; what follows it does no harm
 * @throws CodecError
 */
export async function popRevealed(
  header: Header,
  payload: Uint8Array,
  options: CodingOptions & { readonly level: number },
): Promise<LowImage & { readonly isCut: boolean }> {
  const { width, channels } = header;
  const { weights } = await absorbingModelOf(header, options.model);
  const model = { weights, channels };
  const { count, whole, next } = cutPayloadOf(header, payload);
  const bands = bandsOf(header, count);
  const band = bands[whole.length]!;
  const pixels = emptyPixels(header);
  const before = bands.slice(0, whole.length);
  const share = band.row / header.height;
  await decodeInBands({ pixels, bands: before }, whole, model, partOf(options, 0, share));
  const { done, early } = await decodeStart(pixelsOfBand(pixels, band), next, model, partOf(options, share, 1));
  if (early !== undefined && done === 0 && whole.length === 0) throw early;
  if (early !== undefined) options.onProgress?.(1);
  const rows = fillHidden(pixels, band, Math.round(done * diagonalCount({ ...band, width })), options.level);
  const upper = { height: rows, width, data: pixels.data.subarray(0, rows * width * NUM_CHANNELS) };
  const low = lowImageOf(imageOf(upper, channels), options.level);
  return { ...withGrayRows(low, header), isCut: early !== undefined };
}

/** Decodes a band as far as its payload goes. @returns the share of its diagonals, and how it ended early */
async function decodeStart(
  pixels: Pixels,
  payload: Uint8Array,
  model: PixelModel,
  options: CodingOptions,
): Promise<{ readonly done: number; readonly early: CodecError | undefined }> {
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
  const coding = { ...pixelCodingOf(model, { ...options, onProgress }), mayGoOn: true };
  const early = (await decodePixels(pixels, coding, stackOf).catch(keepEarlyEnd)) ?? undefined;
  return { done, early };
}

/** What stands for pixels and rows beyond the end of a file. */
const GRAY = 128;

/**
 * Makes what is not revealed gray, in as many rows as a low image takes that has all that is.
 * @param band the one that is not whole
 * @param diagonals of it that are revealed
 */
function fillHidden({ height, width, data }: Pixels, band: Band, diagonals: number, level: number): number {
  const unit = 1 << Math.min(level, MAX_LEVEL);
  const begun = Math.min(band.row + band.height, band.row + Math.ceil(diagonals / SLOPE));
  const rows = Math.min(height, Math.max(1, Math.ceil(begun / unit)) * unit);
  for (let row = band.row; row < rows; row++) {
    const place = row - band.row;
    const revealed = place < band.height ? pixelsRevealed(place, diagonals, width) : 0;
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

/** Of what a file that ends early throws. */
export function keepEarlyEnd(error: unknown): CodecError {
  if (error instanceof CodecError && error.code === 'truncated') return error;
  throw error;
}
