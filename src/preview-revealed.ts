/**
 * A small image of what the start of a file of absorbing diffusion shows: the one that it begins with, if that is large enough, and else
 * all pixels that are revealed, with something in place of the others.
 */
import { SLOPE } from './absorbing/diagonals.ts';
import { NUM_CHANNELS } from './absorbing/neighbourhood.ts';
import type { PixelWeights } from './absorbing/pixel-network.ts';
import { type LowImage, lowImageOf } from './codec/image-codec.ts';
import { PixelSamples, planeCount } from './codec/planes.ts';
import { startOfAbsorbing } from './container/absorbing-payload.ts';
import type { Header } from './container/header.ts';
import type { SmallImageStart } from './container/small-image.ts';
import { CodecError } from './errors.ts';
import type { Image8 } from './image/image.ts';
import { absorbingModelOf } from './open-coder.ts';
import { imageOf, pixelsOf } from './open-pixels.ts';
import type { CodingOptions } from './options.ts';
import { sizeAt } from './pyramid/haar.ts';
import {
  cutBandsOf,
  type FillRow,
  fillGray,
  fillHidden,
  GRAY,
  keepEarlyEnd,
  type RevealedStart,
  revealStart,
} from './revealed-start.ts';
import { decodeSmall } from './small-image.ts';

type PreviewedOptions = CodingOptions & { readonly level: number };

/** Of a file that ends early, what is missing is gray, or as coarse as its small image. */
type Shown = LowImage & { readonly isCut: boolean };

/**
 * The low image of what there is before the bytes run out.
 * @param payload at least as much as there is of it; what follows it does no harm
 * @throws CodecError
 */
export async function popRevealed(header: Header, payload: Uint8Array, options: PreviewedOptions): Promise<Shown> {
  const { weights } = await absorbingModelOf(header, options.model);
  const { small, bands } = startOfAbsorbing(header, payload);
  const model = { weights, channels: header.channels };
  const reveal = async () => revealStart(header, cutBandsOf(header, bands), model, options);
  if (small === undefined) return lowOfRevealed(header, await reveal(), options.level, GRAY_BACKDROP);
  if (small.level <= options.level) return popSmall(header, small, weights, options);
  const revealed = await reveal().catch(keepEarlyEnd);
  if (revealed instanceof CodecError) return { ...(await popSmall(header, small, weights, options)), isCut: true };
  const backdrop = revealed.isCut ? await backdropOf(header, small, weights, options) : GRAY_BACKDROP;
  return lowOfRevealed(header, revealed, options.level, backdrop);
}

/** The small image, halved as often as is left to do. */
async function popSmall(
  header: Header,
  small: SmallImageStart,
  weights: PixelWeights,
  options: PreviewedOptions,
): Promise<Shown> {
  const { image, isCut } = await decodeSmall(header, small, weights, options);
  options.onProgress?.(1);
  const low = lowOf(image, Math.max(0, options.level - small.level));
  return { ...low, level: small.level + low.level, isCut };
}

/** The image itself where nothing is to be halved. */
function lowOf(image: Image8, level: number): LowImage {
  if (level > 0) return lowImageOf(image, level);
  const { height, width } = image;
  return { level, height, width, data: new PixelSamples(image).read({ row: 0, column: 0, height, width }) };
}

/** What stands for pixels that are hidden. */
interface Backdrop {
  readonly fill: FillRow;
  /** Fills a row of a low image. @param target [width, planes] */
  readonly fillLow: (target: Int16Array, row: number, level: number, planes: number) => void;
}

const GRAY_BACKDROP: Backdrop = {
  fill: fillGray,
  fillLow: (target, _row, _level, planes) => {
    for (let i = 0; i < target.length; i += planes) target[i] = GRAY;
  },
};

/** The small image, which shows more than is asked for of what is revealed. */
async function backdropOf(
  header: Header,
  small: SmallImageStart,
  weights: PixelWeights,
  options: CodingOptions,
): Promise<Backdrop> {
  const { image } = await decodeSmall(header, small, weights, { ...options, onProgress: undefined });
  const [{ width, data }, low] = [pixelsOf(image), lowOf(image, 0)];
  return {
    fill: (target, row, from) => {
      const start = (row >> small.level) * width;
      for (let column = from; NUM_CHANNELS * column < target.length; column++) {
        const at = NUM_CHANNELS * (start + (column >> small.level));
        for (let c = 0; c < NUM_CHANNELS; c++) target[NUM_CHANNELS * column + c] = data[at + c]!;
      }
    },
    fillLow: (target, row, level, planes) => {
      const halvings = small.level - level;
      const start = (row >> halvings) * width;
      for (let i = 0; i < target.length; i++) {
        const column = Math.floor(i / planes) >> halvings;
        target[i] = low.data[(start + column) * planes + (i % planes)]!;
      }
    },
  };
}

function lowOfRevealed(header: Header, revealed: RevealedStart, level: number, backdrop: Backdrop): Shown {
  const { width, channels } = header;
  const { data } = revealed.pixels;
  const rows = rowsOf(revealed, level);
  fillHidden(revealed, rows, backdrop.fill);
  const upper = { height: rows, width, data: data.subarray(0, rows * width * NUM_CHANNELS) };
  const low = lowImageOf(imageOf(upper, channels), level);
  return { ...withLowerRows(low, header, backdrop), isCut: revealed.isCut };
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
function withLowerRows(low: LowImage, header: Header, { fillLow }: Backdrop): LowImage {
  const { height, width } = sizeAt(header, low.level);
  const planes = planeCount(header.channels);
  const data = new Int16Array(height * width * planes);
  data.set(low.data);
  for (let row = low.height; row < height; row++) {
    fillLow(data.subarray(row * width * planes, (row + 1) * width * planes), row, low.level, planes);
  }
  return { ...low, height, width, data };
}
