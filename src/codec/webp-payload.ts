/**
 * The payload of images that lossless WebP makes smaller than diffusion, such as screenshots and drawings: of the colours
 * alone, with an alpha section beside it, or of both.
 */
import type { Header } from '../container/header.ts';
import { CodecError } from '../errors.ts';
import { fewColours } from '../image/colours.ts';
import type { Image8 } from '../image/image.ts';
import { decodeWebp, encodeWebp, fitsWebp, type WebpCare, type WebpPixels } from '../image/webp.ts';

/** What a payload holds. */
export interface WebpForm {
  /**
   * Undefined for the colours alone. Otherwise alpha less this number, modulo 256, is there too: so that none is 0, below
   * which encoders change the colours.
   */
  readonly alphaShift: number | undefined;
  /** Where that would be 0, it is 1. */
  readonly isMerged?: boolean;
}

export const COLOURS_ALONE: WebpForm = { alphaShift: undefined };

/** The form with alpha of an image that has it, which keeps its colours. */
export function formWithAlpha(image: Image8): WebpForm {
  const { channels, data } = image;
  const counts = new Uint32Array(256);
  for (let i = channels - 1; i < data.length; i += channels) counts[data[i]!]!++;
  const unused = counts.indexOf(0);
  if (unused !== -1) return { alphaShift: unused };
  if (isBlackBelowZero(image)) return { alphaShift: 0 };
  return { alphaShift: rarestPair(counts), isMerged: true };
}

/** True where an encoder has nothing to change. */
function isBlackBelowZero({ channels, data }: Image8): boolean {
  for (let i = 0; i < data.length; i += channels) {
    if (data[i + channels - 1] !== 0) continue;
    if (data.subarray(i, i + channels - 1).some((value) => value !== 0)) return false;
  }
  return true;
}

/** The value that is, together with the next one, of the fewest pixels. */
function rarestPair(counts: Uint32Array): number {
  const pairs = counts.map((count, value) => count + counts[(value + 1) & 255]!);
  return pairs.indexOf(Math.min(...pairs));
}

/**
 * An image, or what a form takes of it, as a payload; undefined where it is too large for WebP.
 * @param isHurried takes a twentieth of the time and some per cent more bytes
 */
export const encodeWebpPayload = (
  image: Image8,
  isHurried = false,
  form = COLOURS_ALONE,
): Promise<Uint8Array | undefined> => encodeWebp(pixelsOf(image, form), careFor(image, isHurried));

/** Pixels from which thorough encoding would take minutes. */
const MAX_THOROUGH = 1 << 22;
/** The same for few colours, which take 3 to 6 s a megapixel and lose up to a tenth by it. */
const MAX_FEW_THOROUGH = 1 << 24;
/** Pixels to which few colours are worth it also in a hurry: it saves up to 35 % there, in 2 s at most. */
const MAX_HURRIED_THOROUGH = 1 << 16;

export function careFor(image: Image8, isHurried: boolean): WebpCare {
  const pixels = image.height * image.width;
  if (!isHurried && pixels <= MAX_THOROUGH) return 'thorough';
  const [most, otherwise] = isHurried ? [MAX_HURRIED_THOROUGH, 'quick' as const] : [MAX_FEW_THOROUGH, 'fair' as const];
  return pixels <= most && fewColours(image) !== undefined ? 'thorough' : otherwise;
}

/** A quick try. */
export interface WebpEstimate {
  /** About how many the payload will have, a little more rather than less. */
  readonly bytes: number;
  /** The payload itself, where all of the image was tried. */
  readonly payload: Uint8Array | undefined;
}

/** Tries a form; undefined where there is no WebP. Of large images bands are tried: libwebp takes about 28 bytes a pixel. */
export async function estimateWebp(
  image: Image8,
  form = COLOURS_ALONE,
  care: WebpCare = 'quick',
): Promise<WebpEstimate | undefined> {
  if (!fitsWebp(image)) return undefined;
  const sample = bandsOf(image);
  const webp = await encodeWebp(pixelsOf(sample, form), care);
  if (webp === undefined) return undefined;
  return { bytes: (webp.length * image.height) / sample.height, payload: sample === image ? webp : undefined };
}

/** Images of more pixels are sampled. */
const MAX_SAMPLE = 1 << 20;
const BANDS = 8;

/** Images that WebP keeps in fewer bits per dim are drawn: diffusion is slow and several times as large there. */
const MAX_DRAWN_BITS = 0.5;

/** @param bytes as WebP, or as PNG where there is no WebP */
export const isDrawn = ({ data }: Image8, bytes: number | undefined): boolean =>
  bytes !== undefined && 8 * bytes < MAX_DRAWN_BITS * data.length;

/** The least that a payload takes of its estimate: thorough WebP 0.92 to 0.98 on photographs, from 0.65 on with few colours; fair WebP 0.89 on screenshots. */
const LEAST_SHARE = { quick: 0.97, fair: 0.88, thorough: 0.88, fewColours: 0.6 } as const;

export function leastWebpBytes(estimate: number, image: Image8, isHurried = false): number {
  const care = careFor(image, isHurried);
  return LEAST_SHARE[care === 'thorough' && fewColours(image) !== undefined ? 'fewColours' : care] * estimate;
}

/** True for images of which estimates are those of samples, which miss what is far apart. */
export const isSampled = ({ height, width }: Pick<Image8, 'height' | 'width'>): boolean => height * width > MAX_SAMPLE;

/** Evenly spaced bands of rows, one below the other. */
function bandsOf(image: Image8): Image8 {
  const { height, width, channels, data } = image;
  if (!isSampled(image)) return image;
  const bandRows = Math.floor(MAX_SAMPLE / BANDS / width);
  const stride = Math.floor(height / BANDS);
  const rowBytes = width * channels;
  const bands = new Uint8Array(BANDS * bandRows * rowBytes);
  for (let i = 0; i < BANDS; i++) {
    const start = i * stride * rowBytes;
    bands.set(data.subarray(start, start + bandRows * rowBytes), i * bandRows * rowBytes);
  }
  return { ...image, height: BANDS * bandRows, data: bands };
}

type Shape = Pick<Header, 'height' | 'width' | 'channels'>;

/** The image of a payload; its alpha is 0 unless the form has it. @throws CodecError 'corrupt' */
export async function decodeWebpPayload(shape: Shape, payload: Uint8Array, form = COLOURS_ALONE): Promise<Image8> {
  const { height, width, channels } = shape;
  const perPixel = form.alphaShift === undefined ? 3 : 4;
  const pixels = await decodeWebp(payload, { height, width, channels: perPixel });
  const data = channels === 3 ? pixels : imageData(pixels, perPixel, channels);
  const { alphaShift } = form;
  if (alphaShift !== undefined) {
    for (let i = 3, j = channels - 1; i < pixels.length; i += 4, j += channels) data[j] = pixels[i]! + alphaShift;
  }
  return { height, width, channels, bitDepth: 8, data };
}

function pixelsOf({ height, width, channels, data }: Image8, form: WebpForm): WebpPixels {
  const { alphaShift, isMerged = false } = form;
  if (channels === 3) return { height, width, channels, data };
  const perPixel = alphaShift === undefined ? 3 : 4;
  const pixels = new Uint8Array(height * width * perPixel);
  for (let i = 0, j = 0; i < pixels.length; i += perPixel, j += channels) {
    pixels[i] = data[j]!;
    pixels[i + 1] = data[channels === 4 ? j + 1 : j]!;
    pixels[i + 2] = data[channels === 4 ? j + 2 : j]!;
    if (alphaShift === undefined) continue;
    pixels[i + 3] = data[j + channels - 1]! - alphaShift;
    if (isMerged && pixels[i + 3] === 0) pixels[i + 3] = 1;
  }
  return { height, width, channels: perPixel, data: pixels };
}

/** Colours in place, alpha 0. */
function imageData(pixels: Uint8Array, perPixel: 3 | 4, channels: 1 | 2 | 4): Uint8Array {
  const data = new Uint8Array((pixels.length / perPixel) * channels);
  for (let i = 0, j = 0; i < pixels.length; i += perPixel, j += channels) {
    const isGray = pixels[i] === pixels[i + 1] && pixels[i] === pixels[i + 2];
    if (channels < 3 && !isGray) throw new CodecError('corrupt', 'the WebP payload of a gray image has colours');
    for (let c = 0; c < (channels === 4 ? 3 : 1); c++) data[j + c] = pixels[i + c]!;
  }
  return data;
}
