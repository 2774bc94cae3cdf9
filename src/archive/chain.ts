/** Images on one stack. The last one is pushed first, so that they are taken off in their order. */
import { popPixels, pushPixels } from '../absorbing/pixel-codec.ts';
import { decodeAlpha, encodeAlpha } from '../codec/alpha.ts';
import { popImage, pushImage } from '../codec/image-codec.ts';
import { writeAlpha } from '../codec/planes.ts';
import { crc32 } from '../container/checksum.ts';
import { ABSORBING_STEPS } from '../container/payload-kind.ts';
import { CodecError } from '../errors.ts';
import { checkSizeInFile, hasAlpha, type Image8 } from '../image/image.ts';
import { encodePng } from '../image/png.ts';
import { followRecipe } from '../image/png-original.ts';
import { parseRecipe } from '../image/png-recipe.ts';
import { type AnyModel, isAbsorbing } from '../model/installed-models.ts';
import { absorbingModelOf, decoderOf, encoderOf } from '../open-coder.ts';
import { emptyPixels, imageOf, pixelCodingOf, pixelsOf } from '../open-pixels.ts';
import type { CodingOptions } from '../options.ts';
import { AnsStack } from '../rans/ans-stack.ts';
import type { ChainEntry } from './group-table.ts';
import type { Picture } from './picture.ts';

export interface ChainCoding extends CodingOptions {
  readonly model: AnyModel;
  /** T, or that of absorbing diffusion where the model is of that. */
  readonly numSteps: number;
}

export interface RejectedPicture {
  readonly picture: Picture;
  readonly file: Uint8Array;
}

export interface Chain {
  readonly stack: AnsStack;
  readonly chained: readonly Picture[];
  /** Those that WebP or PNG makes smaller, with the files that do. */
  readonly rejected: readonly RejectedPicture[];
}

/** @param keep makes a file of a picture without diffusion; asked where that promises to be smaller */
export async function pushChain(
  pictures: readonly Picture[],
  coding: ChainCoding,
  keep: (picture: Picture) => Promise<Uint8Array>,
): Promise<Chain> {
  let stack = new AnsStack();
  const [chained, rejected]: [Picture[], RejectedPicture[]] = [[], []];
  for (const picture of pictures.toReversed()) {
    const below = stack.copy();
    await pushPicture(stack, picture.image, { ...coding, isChained: chained.length > 0 });
    const bytes = (stack.bitLength - below.bitLength) / 8;
    const file = bytes > picture.keptBytes ? await keep(picture) : undefined;
    if (file === undefined || file.length > bytes) {
      chained.unshift(picture);
    } else {
      rejected.unshift({ picture, file });
      stack = below;
    }
  }
  return { stack, chained, rejected };
}

type PictureCoding = ChainCoding & { readonly isChained: boolean };

async function pushPicture(stack: AnsStack, image: Image8, { numSteps, ...coding }: PictureCoding): Promise<void> {
  if (isAbsorbing(coding.model)) {
    const { weights } = coding.model;
    return pushPixels(stack, pixelsOf(image), pixelCodingOf({ weights, channels: image.channels }, coding));
  }
  await pushImage(stack, image, await encoderOf(image, numSteps, coding));
}

/** Undoes pushPicture. */
async function popPicture(
  stack: AnsStack,
  entry: ChainEntry,
  { numSteps, modelId, ...coding }: PictureCoding & { readonly modelId: number },
): Promise<Image8> {
  const { channels } = entry;
  if (numSteps !== ABSORBING_STEPS) {
    return popImage(stack, channels, await decoderOf({ ...entry, numSteps, modelId }, coding));
  }
  const pixels = emptyPixels(entry);
  const { weights } = await absorbingModelOf({ modelId }, coding.model);
  await popPixels(stack, pixels, pixelCodingOf({ weights, channels }, coding));
  return imageOf(pixels, channels);
}

/** What the table says of a picture. */
export async function entryOf({ name, image, original }: Picture): Promise<ChainEntry> {
  const { height, width, channels, data } = image;
  const alpha = hasAlpha(channels) ? await encodeAlpha(image) : new Uint8Array(0);
  const { recipe, isExact = false } = original ?? {};
  return { name, height, width, channels, alpha, recipe, isExact, checksum: crc32(original?.restored ?? data) };
}

/**
 * Takes the images of a chain off its stack as PNG files.
 * @throws CodecError where the stack turns out to be damaged: what lies below is of no use then
 */
export async function* popChain(
  stack: AnsStack,
  entries: readonly ChainEntry[],
  coding: ChainCoding & { readonly modelId: number },
): AsyncGenerator<Uint8Array, void> {
  for (const [i, entry] of entries.entries()) {
    const isChained = i < entries.length - 1;
    checkSizeInFile(entry.height, entry.width, coding.maxPixels);
    const image = await popPicture(stack, entry, { ...coding, isChained });
    if (!isChained && !stack.isPristine) throw new CodecError('corrupt', 'stream goes on after the last image');
    if (hasAlpha(entry.channels)) writeAlpha(image, await decodeAlpha(entry.alpha, image));
    yield pngOf(entry, image);
  }
}

function pngOf({ recipe, checksum }: ChainEntry, image: Image8): Uint8Array {
  const png = recipe === undefined ? encodePng(image) : followRecipe(parseRecipe(recipe, image), image);
  if (crc32(recipe === undefined ? image.data : png) === checksum) return png;
  throw new CodecError('corrupt', 'checksum of the decoded image does not match');
}
