/** The small image that a file of absorbing diffusion may begin with, so that a preview need not decode the rest. */
import { bandsOf } from './absorbing/bands.ts';
import type { PixelWeights } from './absorbing/pixel-network.ts';
import { decodeInBands, encodeInBands } from './bands/code-bands.ts';
import { lowImageOf } from './codec/image-codec.ts';
import { lowPixels, planeCount } from './codec/planes.ts';
import type { Header } from './container/header.ts';
import { checkSmallImage, isWhole, type SmallImage, type SmallImageStart } from './container/small-image.ts';
import { CodecError } from './errors.ts';
import type { Image8 } from './image/image.ts';
import { emptyPixels, imageOf, pixelsOf } from './open-pixels.ts';
import type { CodingOptions } from './options.ts';
import { sizeAt } from './pyramid/haar.ts';
import { fillGray, fillHidden, keepEarlyEnd, revealStart } from './revealed-start.ts';

export interface SmallImageOptions {
  /**
   * Halvings of height and width, from 1 on and as many as there can be, of a small image that files of absorbing diffusion begin with:
   * previews of its size and smaller ones then decode nothing else. Default: none.
   */
  readonly preview?: number | undefined;
}

/** @throws RangeError */
export function assertSmallImage({ preview = 1 }: SmallImageOptions): void {
  if (Number.isInteger(preview) && preview >= 1) return;
  throw new RangeError(`"preview" must be an integer from 1 on, got ${preview}`);
}

/** The small image of an image; none of a single pixel. @param level halvings, at most */
export async function encodeSmall(
  image: Image8,
  level: number,
  weights: PixelWeights,
  options: CodingOptions,
): Promise<SmallImage | undefined> {
  const low = lowImageOf(image, level);
  if (low.level === 0) return undefined;
  const channels = planeCount(image.channels);
  const pixels = pixelsOf(lowPixels(low, channels));
  const [payload] = await encodeInBands({ pixels, bands: bandsOf(pixels, 1) }, { weights, channels }, options);
  return { level: low.level, payload: payload! };
}

/**
 * Undoes encodeSmall, as far as there is something of it; the rest is gray.
 * @throws CodecError 'corrupt', or 'truncated' where there is nothing
 */
export async function decodeSmall(
  header: Header,
  small: SmallImageStart,
  weights: PixelWeights,
  options: CodingOptions,
): Promise<{ readonly image: Image8; readonly isCut: boolean }> {
  checkSmallImage(small);
  const size = sizeAt(header, small.level);
  const channels = planeCount(header.channels);
  const model = { weights, channels };
  if (isWhole(small)) {
    const pixels = emptyPixels(size);
    const decoding = decodeInBands({ pixels, bands: bandsOf(size, 1) }, [small.payload], model, options);
    if ((await decoding.catch(keepEarlyEnd)) instanceof CodecError) {
      throw new CodecError('corrupt', 'small image has too few bits for its pixels');
    }
    return { image: imageOf(pixels, channels), isCut: false };
  }
  const revealed = await revealStart(size, { count: 1, whole: [], next: small.payload }, model, options);
  fillHidden(revealed, size.height, fillGray);
  return { image: imageOf(revealed.pixels, channels), isCut: true };
}
