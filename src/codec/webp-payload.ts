/** The payload of images that lossless WebP makes smaller than diffusion, such as screenshots and drawings. */
import type { Header } from '../container/header.ts';
import { CodecError } from '../errors.ts';
import type { Image8 } from '../image/image.ts';
import { decodeWebp, encodeWebp, fitsWebp, type RgbPixels } from '../image/webp.ts';

/**
 * The colours of an image as a payload, alpha left out; undefined where it is too large for WebP.
 * @param isHurried takes a twentieth of the time and some per cent more bytes
 */
export const encodeWebpPayload = (image: Image8, isHurried = false): Promise<Uint8Array | undefined> =>
  encodeWebp(rgbOf(image), isHurried || image.height * image.width > MAX_THOROUGH ? 'quick' : 'thorough');

/** Pixels from which thorough encoding would take minutes. */
const MAX_THOROUGH = 1 << 22;

/**
 * About how many bytes that payload will have, a little more rather than less; undefined where there will be none. Of
 * large images bands are tried, since libwebp takes about 28 bytes a pixel.
 */
export async function estimateWebpBytes(image: Image8): Promise<number | undefined> {
  if (!fitsWebp(image)) return undefined;
  const sample = bandsOf(image);
  const webp = await encodeWebp(rgbOf(sample), 'quick');
  return webp && (webp.length * image.height) / sample.height;
}

/** Images of more pixels are sampled. */
const MAX_SAMPLE = 1 << 20;
const BANDS = 8;

/** Images that WebP keeps in fewer bits per dim are drawn: diffusion is slow and several times as large there. */
const MAX_DRAWN_BITS = 0.5;

export const isDrawn = ({ data }: Image8, webpBytes: number | undefined): boolean =>
  webpBytes !== undefined && 8 * webpBytes < MAX_DRAWN_BITS * data.length;

/** Thorough WebP takes at least so much of the estimate: 0.92 to 0.98 of it on photographs and a screenshot. */
export const leastWebpBytes = (estimate: number): number => 0.91 * estimate;

/** Evenly spaced bands of rows, one below the other. */
function bandsOf(image: Image8): Image8 {
  const { height, width, channels, data } = image;
  if (height * width <= MAX_SAMPLE) return image;
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

/** The image of a payload; its alpha, if it has one, is 0. @throws CodecError 'corrupt' */
export async function decodeWebpPayload({ height, width, channels }: Header, payload: Uint8Array): Promise<Image8> {
  const rgb = await decodeWebp(payload, { height, width });
  const data = channels === 3 ? rgb : withChannels(rgb, channels);
  return { height, width, channels, bitDepth: 8, data };
}

function rgbOf({ height, width, channels, data }: Image8): RgbPixels {
  if (channels === 3) return { height, width, data };
  const rgb = new Uint8Array(height * width * 3);
  for (let i = 0, j = 0; i < rgb.length; i += 3, j += channels) {
    rgb[i] = data[j]!;
    rgb[i + 1] = data[channels === 4 ? j + 1 : j]!;
    rgb[i + 2] = data[channels === 4 ? j + 2 : j]!;
  }
  return { height, width, data: rgb };
}

function withChannels(rgb: Uint8Array, channels: 1 | 2 | 4): Uint8Array {
  const data = new Uint8Array((rgb.length / 3) * channels);
  for (let i = 0, j = 0; i < rgb.length; i += 3, j += channels) {
    const isGray = rgb[i] === rgb[i + 1] && rgb[i] === rgb[i + 2];
    if (channels < 3 && !isGray) throw new CodecError('corrupt', 'the WebP payload of a gray image has colours');
    for (let c = 0; c < (channels === 4 ? 3 : 1); c++) data[j + c] = rgb[i + c]!;
  }
  return data;
}
