/** The small image that a file of absorbing diffusion may begin with, so that a preview need not decode the rest. */
import { bandsOf } from './absorbing/bands.ts';
import type { PixelWeights } from './absorbing/pixel-network.ts';
import { encodeInBands } from './bands/code-bands.ts';
import { lowImageOf } from './codec/image-codec.ts';
import { lowPixels, planeCount } from './codec/planes.ts';
import type { SmallImage } from './container/small-image.ts';
import type { Image8 } from './image/image.ts';
import { pixelsOf } from './open-pixels.ts';
import type { CodingOptions } from './options.ts';

export interface SmallImageOptions {
  /**
   * Halvings of height and width, from 1 on, of a small image that files of absorbing diffusion begin with: previews of its size and
   * smaller ones then decode nothing else. Default: none.
   */
  readonly preview?: number | undefined;
}

/** @throws RangeError */
export function assertSmallImage({ preview = 1 }: SmallImageOptions): void {
  if (Number.isInteger(preview) && preview >= 1) return;
  throw new RangeError(`"preview" must be an integer from 1 on, got ${preview}`);
}

/** The small image that the options ask for, unless the image has a single pixel. */
export async function encodeSmall(
  image: Image8,
  weights: PixelWeights,
  { preview, ...options }: CodingOptions & SmallImageOptions,
): Promise<SmallImage | undefined> {
  if (preview === undefined) return undefined;
  const low = lowImageOf(image, preview);
  if (low.level === 0) return undefined;
  const pixels = pixelsOf(lowPixels(low, planeCount(image.channels)));
  const model = { weights, channels: planeCount(image.channels) };
  const banded = { pixels, bands: bandsOf(pixels, 1) };
  const [payload] = await encodeInBands(banded, model, { ...options, onProgress: undefined });
  return { level: low.level, payload: payload! };
}
