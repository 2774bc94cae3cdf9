/** An image taken apart into what is coded: the samples' high bits, their low bits, and alpha. */
import { encodeAlpha } from './codec/alpha.ts';
import { readAlpha } from './codec/planes.ts';
import { hasAlpha, type Image, type Image8 } from './image/image.ts';
import { encodeLow, type LowOptions } from './low-bits/low-section.ts';
import { highImage, splitImage } from './low-bits/split.ts';

export interface Source {
  readonly image: Image;
  /** The image itself, or the high bits of its samples; its alpha is coded apart. */
  readonly high: Image8;
  /** The alpha section, empty for images without alpha. */
  readonly alpha: Uint8Array;
  /** The low section, empty for 8 bits a sample. */
  readonly low: Uint8Array;
}

const NOTHING = new Uint8Array(0);

/** @param options of the low bits, which alone take time */
export async function sourceOf(image: Image, options: LowOptions): Promise<Source> {
  if (image.bitDepth === 8) return { image, high: image, alpha: alphaOf(image), low: NOTHING };
  const split = splitImage(image);
  const high = highImage(split);
  return { image, high, alpha: alphaOf(high), low: await encodeLow(split, options) };
}

const alphaOf = (image: Image8): Uint8Array =>
  hasAlpha(image.channels) ? encodeAlpha(readAlpha(image), image.height, image.width) : NOTHING;
