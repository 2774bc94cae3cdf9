/** An image taken apart into what is coded: the samples' high bits, their low bits, and alpha. */
import { type AlphaOptions, encodeAlpha } from './codec/alpha.ts';
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

/** @param options of alpha and of the low bits, whose time alone is part of the progress */
export async function sourceOf(image: Image, options: LowOptions & AlphaOptions): Promise<Source> {
  if (image.bitDepth === 8) return { image, high: image, alpha: await alphaOf(image, options), low: NOTHING };
  const split = splitImage(image);
  const high = highImage(split);
  return { image, high, alpha: await alphaOf(high, options), low: await encodeLow(split, options) };
}

const alphaOf = async (image: Image8, options: AlphaOptions): Promise<Uint8Array> =>
  hasAlpha(image.channels) ? encodeAlpha(image, options) : NOTHING;
