/** Training images as pyramids in memory. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { NUM_PLANES } from '../diffusion/dimensions.ts';
import { CodecError } from '../errors.ts';
import { cutCifarSheet } from '../image/cifar.ts';
import { readImage } from '../image/read-image.ts';
import { analyse } from '../pyramid/haar.ts';
import { rgbToYcocg } from '../pyramid/ycocg.ts';

/** One level of a pyramid: YCoCg planes [height, width, 3]. */
export interface Plane {
  readonly height: number;
  readonly width: number;
  readonly data: Int16Array;
}

export interface Dataset {
  /** Pyramid levels of each photograph, finest first, while the short side is at least 16. */
  readonly photos: readonly (readonly Plane[])[];
  /** Pyramid levels of each 32x32 image, 32, 16, 8, 4 and 2. */
  readonly small: readonly (readonly Plane[])[];
}

const VALIDATION_SHARE = 0.1;

/** True for the fixed tenth of files, chosen by a hash (FNV-1a) of the name, that training never sees. */
export function isValidationFile(name: string): boolean {
  let hash = 0x811c9dc5;
  for (const char of name) hash = Math.imul(hash ^ char.charCodeAt(0), 0x01000193) >>> 0;
  return hash / 0x1_0000_0000 < VALIDATION_SHARE;
}

const IMAGE_FILE = /\.(png|webp|jpe?g|tiff?)$/i;

/**
 * Reads folders of images; a folder that holds CIFAR-10 as PNGs of one image a row gives its training batches only.
 * @throws CodecError naming the file when one is no image; Error when there are none.
 */
export async function readDataset(folders: readonly string[], part: 'train' | 'validation'): Promise<Dataset> {
  const photos: Plane[][] = [];
  const small: Plane[][] = [];
  for (const folder of folders) {
    const files = (await readdir(folder)).filter((name) => IMAGE_FILE.test(name)).sort();
    const batches = files.filter((name) => /^data_batch_\d+\.png$/.test(name));
    if (batches.length > 0) {
      if (part === 'train') for (const name of batches) small.push(...(await readCifarBatch(join(folder, name))));
      continue;
    }
    for (const name of files) {
      if (isValidationFile(name) !== (part === 'validation')) continue;
      photos.push(pyramidOf(await readRgb(join(folder, name)), 16));
    }
  }
  if (photos.length + small.length === 0) throw new Error(`no training images in ${folders.join(', ')}`);
  return { photos, small };
}

export interface Rgb {
  readonly height: number;
  readonly width: number;
  readonly data: Uint8Array;
}

async function readRgb(path: string): Promise<Rgb> {
  const image = sharp(await readFile(path))
    .removeAlpha()
    .toColourspace('srgb');
  const { data, info } = await image
    .raw()
    .toBuffer({ resolveWithObject: true })
    .catch((cause: Error) => {
      throw new CodecError('unsupported-image', `${path}: ${cause.message}`, { cause });
    });
  return { height: info.height, width: info.width, data };
}

const readCifarBatch = async (path: string): Promise<Plane[][]> =>
  cutCifarSheet(await readImage(await readFile(path))).map((image) => pyramidOf(image, 2));

/** Levels from the full image down to the last whose short side is at least `smallest`. */
export function pyramidOf(image: Rgb, smallest: number): Plane[] {
  const levels: Plane[] = [];
  let { height, width } = image;
  let data = rgbToYcocg(image.data);
  while (Math.min(height, width) >= smallest) {
    levels.push({ height, width, data });
    data = analyse(data, height, width, NUM_PLANES).low;
    height = Math.ceil(height / 2);
    width = Math.ceil(width / 2);
  }
  return levels;
}
