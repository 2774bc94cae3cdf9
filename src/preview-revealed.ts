/**
 * A small image of what the start of a file of absorbing diffusion shows: the one that it begins with, if that is there and large
 * enough, and else all pixels that are revealed.
 */
import { SLOPE } from './absorbing/diagonals.ts';
import { NUM_CHANNELS } from './absorbing/neighbourhood.ts';
import { type LowImage, lowImageOf } from './codec/image-codec.ts';
import { PixelSamples, planeCount } from './codec/planes.ts';
import { startOfAbsorbing } from './container/absorbing-payload.ts';
import type { Header } from './container/header.ts';
import type { SmallImageStart } from './container/small-image.ts';
import { CodecError } from './errors.ts';
import type { Image8 } from './image/image.ts';
import { absorbingModelOf } from './open-coder.ts';
import { imageOf, type PixelModel, pixelsOf } from './open-pixels.ts';
import type { CodingOptions } from './options.ts';
import { halfSize, type Size } from './pyramid/haar.ts';
import { cutBandsOf, forEachHidden, keepEarlyEnd, type RevealedStart, revealStart } from './revealed-start.ts';

/** Of a file that ends early, what is missing is gray, or as coarse as its small image. */
type Shown = LowImage & { readonly isCut: boolean };

/**
 * The low image of what there is before the bytes run out.
 * @param payload at least as much as there is of it; what follows it does no harm
 * @throws CodecError
 */
export async function popRevealed(
  header: Header,
  payload: Uint8Array,
  options: CodingOptions & { readonly level: number },
): Promise<Shown> {
  const { weights } = await absorbingModelOf(header, options.model);
  const model = { weights, channels: header.channels };
  const { small, bands } = startOfAbsorbing(header, payload);
  const reveal = async () => revealStart(header, cutBandsOf(header, bands), model, options);
  if (small === undefined) return lowOfRevealed(header, await reveal(), options.level);
  const { image, isCut } = await popSmall(header, small, model, options);
  const low = lowOf(image, Math.max(0, options.level - small.level));
  const shown = { ...low, level: small.level + low.level };
  if (isCut || small.level <= options.level) return { ...shown, isCut };
  const revealed = await reveal().catch(keepEarlyEnd);
  if (revealed instanceof CodecError) return { ...shown, isCut: true };
  fillCoarsely(revealed, image, small.level);
  const whole = imageOf(revealed.pixels, header.channels);
  return { ...lowImageOf(whole, options.level), isCut: revealed.isCut };
}

/** The small image itself, what is missing of it gray. */
async function popSmall(
  header: Header,
  { level, payload }: SmallImageStart,
  { weights }: PixelModel,
  options: CodingOptions,
): Promise<{ readonly image: Image8; readonly isCut: boolean }> {
  const channels = planeCount(header.channels);
  const cut = { count: 1, whole: [], next: payload };
  const quiet = { ...options, onProgress: undefined };
  const revealed = await revealStart(sizeAt(header, level), cut, { weights, channels }, quiet);
  fillGray(revealed, revealed.pixels.height);
  return { image: imageOf(revealed.pixels, channels), isCut: revealed.isCut };
}

function lowOfRevealed(header: Header, revealed: RevealedStart, level: number): Shown {
  const { width, channels } = header;
  const { pixels, isCut } = revealed;
  const rows = rowsOf(revealed, level);
  fillGray(revealed, rows);
  const upper = { height: rows, width, data: pixels.data.subarray(0, rows * width * NUM_CHANNELS) };
  return { ...withGrayRows(lowImageOf(imageOf(upper, channels), level), header), isCut };
}

/** The image itself where nothing is to be halved. */
function lowOf(image: Image8, level: number): LowImage {
  if (level > 0) return lowImageOf(image, level);
  const { height, width } = image;
  return { level, height, width, data: new PixelSamples(image).read({ row: 0, column: 0, height, width }) };
}

/** What stands for pixels and rows beyond the end of a file. */
const GRAY = 128;

function fillGray(revealed: RevealedStart, rows: number): void {
  const { width, data } = revealed.pixels;
  forEachHidden(revealed, rows, (row, from) =>
    data.fill(GRAY, (row * width + from) * NUM_CHANNELS, (row + 1) * width * NUM_CHANNELS),
  );
}

function fillCoarsely(revealed: RevealedStart, small: Image8, level: number): void {
  const { height, width, data } = revealed.pixels;
  const coarse = pixelsOf(small).data;
  forEachHidden(revealed, height, (row, first) => {
    for (let column = first; column < width; column++) {
      const from = NUM_CHANNELS * ((row >> level) * small.width + (column >> level));
      data.set(coarse.subarray(from, from + NUM_CHANNELS), NUM_CHANNELS * (row * width + column));
    }
  });
}

/** Rows of a low image's pixels that have all that is revealed. */
function rowsOf({ pixels: { height }, band, diagonals }: RevealedStart, level: number): number {
  const unit = 1 << Math.min(level, MAX_LEVEL);
  const begun = Math.min(band.row + band.height, band.row + Math.ceil(diagonals / SLOPE));
  return Math.min(height, Math.max(1, Math.ceil(begun / unit)) * unit);
}

/** More halvings than any side has. */
const MAX_LEVEL = 17;

/** A low image of the upper rows of an image as that of the whole. */
function withGrayRows(low: LowImage, header: Header): LowImage {
  const size = sizeAt(header, low.level);
  const planes = planeCount(header.channels);
  const data = new Int16Array(size.height * size.width * planes);
  for (let i = low.data.length; i < data.length; i += planes) data[i] = GRAY;
  data.set(low.data);
  return { ...low, ...size, data };
}

/** The size after some halvings. */
function sizeAt({ height, width }: Size, level: number): Size {
  let size: Size = { height, width };
  for (let i = 0; i < level; i++) size = halfSize(size);
  return size;
}
