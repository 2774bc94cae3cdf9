/** An image that shares a stack with others, and how its file comes back. */
import { estimateWebp, isDrawn, leastWebpBytes } from '../codec/webp-payload.ts';
import type { Image, Image8 } from '../image/image.ts';
import { type OpenPng, readSupportedPng } from '../image/png.ts';
import { findRestoration, pngGeometry } from '../image/png-original.ts';
import { serializeRecipe } from '../image/png-recipe.ts';

export interface Picture {
  readonly name: string;
  readonly image: Image8;
  /** Undefined where only the pixels come back. */
  readonly original: OriginalPng | undefined;
  /** About how many bytes the image would take as a WebP or as its PNG. */
  readonly keptBytes: number;
}

export interface OriginalPng {
  readonly source: Uint8Array;
  /** What comes back. */
  readonly restored: Uint8Array;
  /** That is the source, byte for byte. */
  readonly isExact: boolean;
  readonly recipe: Uint8Array;
}

/** Of larger images, what a stack of their own costs is below a thousandth. */
const MAX_PIXELS = 1 << 16;
const MAX_RECIPE_BYTES = 1 << 14;

export interface PictureOptions {
  /** False where diffusion is to be used whatever it takes. */
  readonly mayKeep: boolean;
  /** As in CodingOptions. */
  readonly maxPixels: number | undefined;
}

/**
 * Looks at an image, or at a PNG file, that may share a stack; undefined for one that is better coded by itself: large,
 * drawn, of more than 8 bits a sample, or with much besides its pixels.
 * @throws CodecError for a file that is no sound PNG
 */
export async function pictureOf(
  name: string,
  data: Uint8Array | Image,
  { mayKeep, maxPixels }: PictureOptions,
): Promise<Picture | undefined> {
  const { height, width } = data instanceof Uint8Array ? pngGeometry(data) : data;
  if (height * width > MAX_PIXELS) return undefined;
  const png = data instanceof Uint8Array ? readSupportedPng(data, maxPixels) : undefined;
  const image = data instanceof Uint8Array ? png?.image : data;
  if (image === undefined || image.bitDepth !== 8) return undefined;
  const original = data instanceof Uint8Array && png !== undefined ? describe(data, png) : undefined;
  if (original !== undefined && original.recipe.length > MAX_RECIPE_BYTES) return undefined;
  if (!mayKeep) return { name, image, original, keptBytes: Number.POSITIVE_INFINITY };
  const webpBytes = (await estimateWebp(image))?.bytes;
  if (isDrawn(image, webpBytes)) return undefined;
  const sizes = [webpBytes && leastWebpBytes(webpBytes, image), original?.source.length];
  return { name, image, original, keptBytes: Math.min(...sizes.map((size) => size ?? Number.POSITIVE_INFINITY)) };
}

function describe(source: Uint8Array, open: OpenPng): OriginalPng {
  const { recipe, png, isExact } = findRestoration(source, open);
  return { source, restored: png, isExact, recipe: serializeRecipe(recipe) };
}
