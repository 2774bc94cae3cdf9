/**
 * Training images as pyramids in memory, and batches of stages cut from them.
 *
 * A batch holds examples of one size: patches of photographs (levels 0, 1, 2 and coarser), whole 32x32 images, or the
 * coarse tops of pyramids down to 2x2 pixels. Flips and quarter turns are drawn for each example.
 */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { conditionOf } from '../diffusion/conditions.ts';
import { NUM_COEFFICIENTS, NUM_PLANES } from '../diffusion/dimensions.ts';
import { CIFAR_SIDE, cutCifarSheet } from '../image/cifar.ts';
import { readImage } from '../image/read-image.ts';
import { knownPlanes } from '../network/features.ts';
import { KNOWN_PLANES } from '../network/network.ts';
import { analyse } from '../pyramid/haar.ts';
import { rgbToYcocg } from '../pyramid/ycocg.ts';
import type { TrainConfig } from './config.ts';
import { ACTIVATION_UNIT } from './fake-quantize.ts';
import type { Random } from './random.ts';

/** One level of a pyramid: YCoCg planes [height, width, 3]. */
interface Plane {
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

export interface Batch {
  readonly size: number;
  /** In positions: half the pixels of the stage's image. */
  readonly height: number;
  readonly width: number;
  /** [size] */
  readonly condition: Int32Array;
  /** [size, height, width, 9] integers */
  readonly detail: Float32Array;
  /** [size, height, width, 5] in real units */
  readonly known: Float32Array;
  /** [size, 9]: 0 where a gray example has no coefficient. */
  readonly mask: Float32Array;
}

const VALIDATION_SHARE = 0.1;
const GRAY_SHARE = 0.04;
/** Examples in a batch of small images, at most. */
const MAX_EXAMPLES = 256;

/** True for the fixed tenth of files, chosen by a hash (FNV-1a) of the name, that training never sees. */
export function isValidationFile(name: string): boolean {
  let hash = 0x811c9dc5;
  for (const char of name) hash = Math.imul(hash ^ char.charCodeAt(0), 0x01000193) >>> 0;
  return hash / 0x1_0000_0000 < VALIDATION_SHARE;
}

const IMAGE_FILE = /\.(png|webp|jpe?g|tiff?)$/i;

/** Reads folders of images; a folder that holds CIFAR-10 as PNGs of one image a row gives its training batches only. */
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

interface Rgb {
  readonly height: number;
  readonly width: number;
  readonly data: Uint8Array;
}

async function readRgb(path: string): Promise<Rgb> {
  const image = sharp(await readFile(path))
    .removeAlpha()
    .toColourspace('srgb');
  const { data, info } = await image.raw().toBuffer({ resolveWithObject: true });
  return { height: info.height, width: info.width, data };
}

const readCifarBatch = async (path: string): Promise<Plane[][]> =>
  cutCifarSheet(await readImage(await readFile(path))).map((image) => pyramidOf(image, 2));

/** Levels from the full image down to the last whose short side is at least `smallest`. */
function pyramidOf(image: Rgb, smallest: number): Plane[] {
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

/** Draws batches; all randomness comes from `random`. */
export class BatchSampler {
  private readonly dataset: Dataset;
  private readonly config: TrainConfig;

  constructor(dataset: Dataset, config: TrainConfig) {
    this.dataset = dataset;
    this.config = config;
  }

  next(random: Random): Batch {
    const { photos, small, tops } = this.config.mixture;
    const hasPhotos = this.dataset.photos.length > 0 ? 1 : 0;
    const hasSmall = this.dataset.small.length > 0 ? 1 : 0;
    const kind = random.choice([photos * hasPhotos, small * hasSmall, tops * hasSmall]);
    if (kind === 0) return this.photoBatch(random);
    return kind === 1 ? this.smallBatch(random) : this.topBatch(random);
  }

  private photoBatch(random: Random): Batch {
    const side = 2 * this.config.patchPositions;
    return this.batch(side, random, () => {
      const level = random.choice(this.config.levels);
      return this.drawPhoto(random, side, level);
    });
  }

  /** A photograph and a level at or above the wished one that is large enough; level 2 stands for all coarser ones. */
  private drawPhoto(random: Random, side: number, wished: number): { plane: Plane; condition: number } {
    for (;;) {
      const levels = this.dataset.photos[random.integer(this.dataset.photos.length)]!;
      const coarser = wished === 2 ? random.integer(2) : 0;
      for (let level = wished + coarser; level >= 0; level--) {
        const plane = levels[level];
        if (plane === undefined || Math.min(plane.height, plane.width) < side) continue;
        return { plane, condition: conditionOf(level, plane.height, plane.width) };
      }
    }
  }

  private smallBatch(random: Random): Batch {
    return this.batch(CIFAR_SIDE, random, () => {
      if (this.dataset.photos.length === 0 || random.uniform() < 0.85) return this.drawSmall(random, 0);
      const levels = this.dataset.photos[random.integer(this.dataset.photos.length)]!;
      const plane = levels.find(
        ({ height, width }) => Math.max(height, width) <= 64 && Math.min(height, width) >= CIFAR_SIDE,
      );
      return plane === undefined ? this.drawSmall(random, 0) : { plane, condition: 3 };
    });
  }

  private topBatch(random: Random): Batch {
    const level = 1 + random.choice([3, 3, 2, 1]);
    return this.batch(CIFAR_SIDE >> level, random, () => this.drawSmall(random, level));
  }

  private drawSmall(random: Random, level: number): { plane: Plane; condition: number } {
    const plane = this.dataset.small[random.integer(this.dataset.small.length)]![level]!;
    return { plane, condition: conditionOf(level, plane.height, plane.width) };
  }

  private batch(side: number, random: Random, draw: () => { plane: Plane; condition: number }): Batch {
    const positions = (side / 2) ** 2;
    const size = Math.min(MAX_EXAMPLES, Math.max(1, Math.round(this.config.batchPositions / positions)));
    const batch = {
      size,
      height: side / 2,
      width: side / 2,
      condition: new Int32Array(size),
      detail: new Float32Array(size * positions * NUM_COEFFICIENTS),
      known: new Float32Array(size * positions * KNOWN_PLANES),
      mask: new Float32Array(size * NUM_COEFFICIENTS).fill(1),
    };
    for (let i = 0; i < size; i++) {
      const { plane, condition } = draw();
      const gray = random.uniform() < GRAY_SHARE;
      batch.condition[i] = condition;
      const patch = cut(plane, side, gray, random);
      const { low, detail } = analyse(patch, side, side, NUM_PLANES);
      batch.detail.set(detail, i * detail.length);
      const known = knownPlanes(low, NUM_PLANES);
      for (let j = 0; j < known.length; j++) batch.known[i * known.length + j] = known[j]! * ACTIVATION_UNIT;
      if (gray)
        for (let c = 0; c < NUM_COEFFICIENTS; c++) batch.mask[i * NUM_COEFFICIENTS + c] = c % NUM_PLANES === 0 ? 1 : 0;
    }
    return batch;
  }
}

/** A random square of the plane, flipped and turned at random; gray patches keep only Y. */
function cut(plane: Plane, side: number, gray: boolean, random: Random): Int16Array {
  const top = random.integer(plane.height - side + 1);
  const left = random.integer(plane.width - side + 1);
  const [flipRows, flipColumns, transpose] = [random.integer(2), random.integer(2), random.integer(2)];
  const patch = new Int16Array(side * side * NUM_PLANES);
  for (let i = 0; i < side; i++) {
    for (let j = 0; j < side; j++) {
      const [a, b] = transpose ? [j, i] : [i, j];
      const row = top + (flipRows ? side - 1 - a : a);
      const column = left + (flipColumns ? side - 1 - b : b);
      const source = (row * plane.width + column) * NUM_PLANES;
      for (let p = 0; p < (gray ? 1 : NUM_PLANES); p++)
        patch[(i * side + j) * NUM_PLANES + p] = plane.data[source + p]!;
    }
  }
  return patch;
}
