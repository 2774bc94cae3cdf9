/**
 * Batches of stages cut from the training images.
 *
 * A batch holds examples of one size: patches of photographs (levels 0, 1, 2 and coarser), whole 32x32 images, or the
 * coarse tops of pyramids down to 2x2 pixels. Flips and quarter turns are drawn for each example.
 */
import { conditionOf, MAX_SMALL_SIDE } from '../diffusion/conditions.ts';
import { NUM_COEFFICIENTS, NUM_PLANES } from '../diffusion/dimensions.ts';
import { CIFAR_SIDE } from '../image/cifar.ts';
import { type Batch, emptyBatch, examplesOf, fillExample } from './batch.ts';
import type { TrainConfig } from './config.ts';
import type { Dataset, Plane } from './dataset.ts';
import type { Random } from './random.ts';

interface Example {
  /** The whole image of the stage, of which the batch takes a square. */
  readonly plane: Plane;
  readonly level: number;
}

const GRAY_SHARE = 0.04;
/** Of the levels from 16 down to 2 pixels a side. */
const TOP_WEIGHTS = [3, 3, 2, 1];
const SMALLEST_TOP = CIFAR_SIDE >> TOP_WEIGHTS.length;
/** The wished level of a patch that stands for it and all coarser ones. */
const COARSEST_WISH = 2;

/** Most examples of a batch by its kind. */
export type BatchSizes = Partial<Record<'photos' | 'small' | 'tops', number>>;

/** Draws batches; all randomness comes from `random`. */
export class BatchSampler {
  private readonly dataset: Dataset;
  private readonly config: TrainConfig;
  /** Weights of photographs, small images, and tops. */
  private readonly weights: readonly number[];

  /** @throws RangeError when the images allow no batch of the config's mixture. */
  constructor(dataset: Dataset, config: TrainConfig) {
    this.dataset = dataset;
    this.config = config;
    const { photos, small, tops } = config.mixture;
    const hasPhotos = dataset.photos.length > 0 ? 1 : 0;
    const hasSmall = dataset.small.length > 0 ? 1 : 0;
    this.weights = [photos * hasPhotos, small * hasSmall, tops * hasSmall];
    if (!this.weights.some((weight) => weight > 0)) throw new RangeError('"mixture" asks for none of the images given');
    if (this.weights[0]! > 0) assertLargeEnough(dataset, 2 * config.patchPositions);
  }

  /** Kinds that are never drawn are left out. */
  get sizes(): BatchSizes {
    const { patchPositions, batchPositions } = this.config;
    const sides = { photos: 2 * patchPositions, small: CIFAR_SIDE, tops: SMALLEST_TOP };
    const drawn = Object.entries(sides).filter((_, kind) => this.weights[kind]! > 0);
    return Object.fromEntries(drawn.map(([kind, side]) => [kind, examplesOf(side, batchPositions)]));
  }

  next(random: Random): Batch {
    const kind = random.choice(this.weights);
    if (kind === 0) return this.photoBatch(random);
    return kind === 1 ? this.smallBatch(random) : this.topBatch(random);
  }

  private photoBatch(random: Random): Batch {
    const side = 2 * this.config.patchPositions;
    return this.batch(side, random, () => this.drawPatch(random, side, random.choice(this.config.levels)));
  }

  /** A photograph at the wished level, or at the coarsest before it that is large enough. */
  private drawPatch(random: Random, side: number, wished: number): Example {
    for (;;) {
      const levels = this.drawPhoto(random);
      const coarser = wished === COARSEST_WISH ? random.integer(2) : 0;
      for (let level = wished + coarser; level >= 0; level--) {
        const plane = levels[level];
        if (plane === undefined || Math.min(plane.height, plane.width) < side) continue;
        return { plane, level };
      }
    }
  }

  private drawPhoto(random: Random): readonly Plane[] {
    return this.dataset.photos[random.integer(this.dataset.photos.length)]!;
  }

  /** 32x32 images, and some thumbnails of photographs, which are coded under the same condition. */
  private smallBatch(random: Random): Batch {
    return this.batch(CIFAR_SIDE, random, () => {
      if (this.dataset.photos.length === 0 || random.uniform() < 0.85) return this.drawSmall(random, 0);
      const levels = this.drawPhoto(random);
      const level = levels.findIndex(
        ({ height, width }) => Math.max(height, width) <= MAX_SMALL_SIDE && Math.min(height, width) >= CIFAR_SIDE,
      );
      return level < 0 ? this.drawSmall(random, 0) : { plane: levels[level]!, level };
    });
  }

  private topBatch(random: Random): Batch {
    const level = 1 + random.choice(TOP_WEIGHTS);
    return this.batch(CIFAR_SIDE >> level, random, () => this.drawSmall(random, level));
  }

  private drawSmall(random: Random, level: number): Example {
    return { plane: this.dataset.small[random.integer(this.dataset.small.length)]![level]!, level };
  }

  private batch(side: number, random: Random, draw: () => Example): Batch {
    const batch = emptyBatch(examplesOf(side, this.config.batchPositions), side);
    for (let i = 0; i < batch.size; i++) {
      const { plane, level } = draw();
      const gray = random.uniform() < GRAY_SHARE;
      batch.condition[i] = conditionOf(level, plane.height, plane.width);
      fillExample(batch, i, { patch: cut(plane, { side, gray }, random), isFinest: level === 0 });
      if (gray) for (let c = 0; c < NUM_COEFFICIENTS; c++) batch.mask[i * NUM_COEFFICIENTS + c] = isLuma(c) ? 1 : 0;
    }
    return batch;
  }
}

/** @throws RangeError: without a large photograph, drawing would never end. */
export function assertLargeEnough({ photos }: Dataset, side: number): void {
  const isLarge = (plane: Plane | undefined) => plane !== undefined && Math.min(plane.height, plane.width) >= side;
  if (photos.some(([finest]) => isLarge(finest))) return;
  throw new RangeError(`no photograph has ${side} pixels in height and width, which "patchPositions" asks for`);
}

const isLuma = (coefficient: number): boolean => coefficient % NUM_PLANES === 0;

interface Cutting {
  readonly side: number;
  readonly gray: boolean;
}

/** A random square of the plane, flipped and turned at random; gray patches keep only Y. */
export function cut(plane: Plane, { side, gray }: Cutting, random: Random): Int16Array {
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
