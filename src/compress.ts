/** An image to a file: the whole recipe. decompress.ts is the same list read upwards. */
import { encodeAlpha } from './codec/alpha.ts';
import { pushImage } from './codec/image-codec.ts';
import { readAlpha } from './codec/planes.ts';
import type { TileObserver } from './codec/tile-observer.ts';
import { encodeWebpPayload, estimateWebpBytes, isDrawn, leastWebpBytes } from './codec/webp-payload.ts';
import { encodeHeader, fileChecksum, PNG_STEPS, VERSION, WEBP_STEPS } from './container/header.ts';
import { type EffortOptions, stepsFor } from './effort.ts';
import { assertImage, hasAlpha, type Image } from './image/image.ts';
import { encodePng } from './image/png.ts';
import { concatenate } from './image/png-chunks.ts';
import { encoderOf } from './open-coder.ts';
import { assertCodingOptions, type CodingOptions } from './options.ts';
import { AnsStack } from './rans/ans-stack.ts';

export interface MethodOptions {
  /**
   * 'best' (default) keeps the image as a WebP or PNG where that is smaller, without trying diffusion below half a bit a
   * sample; 'diffusion' never does.
   */
  readonly method?: 'best' | 'diffusion' | undefined;
}

export interface CompressOptions extends CodingOptions, EffortOptions, MethodOptions {
  /** Told about every tile that diffusion codes, also where another method wins; for rate reports. */
  readonly observer?: TileObserver | undefined;
}

/**
 * Compresses an image without loss. Its data are read while it is coded, so they must stay as they are until then.
 *
 * @throws TypeError or RangeError for a malformed image or option.
 */
export async function compress(image: Image, options: CompressOptions = {}): Promise<Uint8Array> {
  assertImage(image);
  const numSteps = stepsFor(options);
  assertMethod(options);
  assertCodingOptions(options);
  const alpha = hasAlpha(image.channels) ? encodeAlpha(readAlpha(image), image.height, image.width) : NOTHING;
  if (options.method === 'diffusion') return encodeDiffusion(image, alpha, numSteps, options);

  const webpBytes = await estimateWebpBytes(image);
  options.signal?.throwIfAborted();
  const isGraphic = isDrawn(image, webpBytes);
  const files = isGraphic ? [] : [await encodeDiffusion(image, alpha, numSteps, options)];
  const isWorthTrying =
    isGraphic || webpBytes === undefined || (isSmall(image) && leastWebpBytes(webpBytes) < files[0]!.length);
  if (isWorthTrying) files.push(...(await encodeOthers(image, alpha, numSteps < THOROUGH_STEPS)));
  options.signal?.throwIfAborted();
  if (isGraphic) options.onProgress?.(1);
  return files.reduce((best, file) => (file.length < best.length ? file : best));
}

/** WebP is tried on photographs of up to a megapixel: of larger ones it would take more memory than all the rest. */
const isSmall = ({ height, width }: Image): boolean => height * width <= 1 << 20;

/** From this effort on, thorough WebP takes no longer than diffusion. */
const THOROUGH_STEPS = 8;

async function encodeOthers(image: Image, alpha: Uint8Array, isHurried: boolean): Promise<Uint8Array[]> {
  const png = fileOf(image, { modelId: 0, numSteps: PNG_STEPS }, NOTHING, encodePng(image));
  const webp = await encodeWebpPayload(image, isHurried);
  return webp === undefined ? [png] : [png, fileOf(image, { modelId: 0, numSteps: WEBP_STEPS }, alpha, webp)];
}

const NOTHING = new Uint8Array(0);

async function encodeDiffusion(
  image: Image,
  alpha: Uint8Array,
  numSteps: number,
  options: CompressOptions,
): Promise<Uint8Array> {
  const coder = await encoderOf(image, numSteps, options);
  const stack = new AnsStack();
  await pushImage(stack, image, coder);
  return fileOf(image, { modelId: coder.options.model.id, numSteps }, alpha, stack.toBytes());
}

function fileOf(
  { height, width, channels, data }: Image,
  coding: { modelId: number; numSteps: number },
  alpha: Uint8Array,
  payload: Uint8Array,
): Uint8Array {
  const start = { version: VERSION, ...coding, height, width, channels, hasOriginal: false } as const;
  const checksum = fileChecksum(start, payload, data);
  return concatenate([
    encodeHeader({ ...start, checksum, alphaLength: alpha.length, originalLength: 0 }),
    alpha,
    payload,
  ]);
}

/** @throws RangeError */
export function assertMethod({ method = 'best' }: MethodOptions): void {
  if (method !== 'best' && method !== 'diffusion') {
    throw new RangeError(`"method" must be 'best' or 'diffusion', got ${method}`);
  }
}
