/** Batches of absorbing diffusion: pixels at random of crops at random, with what the network sees of each. */
import {
  CHANNEL_ORDER,
  divideDifferences,
  Neighbourhood,
  NUM_CHANNELS,
  NUM_INPUTS,
  type Pixels,
  UNIT,
} from '../absorbing/neighbourhood.ts';
import { ycocgToNearestRgb } from '../pyramid/ycocg.ts';
import type { TrainConfig } from './config.ts';
import type { Dataset, Plane } from './dataset.ts';
import type { Random } from './random.ts';

export interface AbsorbingBatch {
  readonly size: number;
  /** [size, NUM_INPUTS] */
  readonly inputs: Float32Array;
  /** [size, 3]: samples and their predictions, green, red and blue. */
  readonly values: Float32Array;
  readonly predictions: Float32Array;
  /** [size] */
  readonly spreads: Float32Array;
  /** [size, 3]: 1 for samples that are coded, 0 for the red and blue of gray images. */
  readonly mask: Float32Array;
}

interface Crop extends Pixels {
  readonly isGray: boolean;
}

/** Images that crops are cut from, in memory that threads share. */
export interface CropImages {
  readonly small: readonly Pixels[];
  /** Photographs by level, those of a level's share. */
  readonly levels: readonly (readonly Pixels[])[];
}

const PIXELS_PER_CROP = 64;
/** Share of crops that are made gray. */
const GRAY_SHARE = 0.05;
/** Crops of photographs have sides from patchPositions up to this many times as much. */
const MAX_CROP_RATIO = 2.4;

export const cropImages = ({ photos, small }: Dataset, { levels }: TrainConfig): CropImages => ({
  small: sharedPixels(small.map(([finest]) => finest!)),
  levels: levels.map((_, level) => sharedPixels(photos.flatMap((pyramid) => pyramid.slice(level, level + 1)))),
});

export class AbsorbingSampler {
  readonly images: CropImages;
  readonly config: TrainConfig;

  /** @throws RangeError when the images allow no batch of the config's mixture */
  constructor(images: CropImages, config: TrainConfig) {
    this.images = images;
    this.config = config;
    const { mixture, levels } = config;
    if (
      (mixture.photos > 0 && levels.every((share, level) => this.shareOf(level, share) === 0)) ||
      (mixture.small > 0 && isEmpty(images.small))
    ) {
      throw new RangeError('the images allow no batch of this "mixture"');
    }
  }

  /** @param batch of the config's size, which is written over. Default: a new one. */
  next(random: Random, batch = emptyBatch(this.config.batchPositions)): AbsorbingBatch {
    const { size } = batch;
    for (let start = 0; start < size; start += PIXELS_PER_CROP) {
      const crop = this.crop(random);
      const count = Math.min(PIXELS_PER_CROP, size - start);
      fillBatch(batch, start, crop, () => [random.integer(crop.height), random.integer(crop.width)], count);
    }
    return batch;
  }

  private crop(random: Random): Crop {
    const { mixture, levels, patchPositions } = this.config;
    const isSmall = random.choice([mixture.small, mixture.photos]) === 0;
    const level = () => random.choice(levels.map((share, i) => this.shareOf(i, share)));
    const images = isSmall ? this.images.small : this.images.levels[level()]!;
    const side = patchPositions + random.integer(Math.round(patchPositions * (MAX_CROP_RATIO - 1)) + 1);
    return cropOf(images[random.integer(images.length)]!, side, random);
  }

  private shareOf(level: number, share: number): number {
    return isEmpty(this.images.levels[level]!) ? 0 : share;
  }
}

export const rgbOf = ({ height, width, data }: Plane): Pixels => ({ height, width, data: ycocgToNearestRgb(data) });

/** Made once: it takes longer than all else of a batch. One memory for all, as each that is passed to a thread has its price. */
function sharedPixels(planes: readonly Plane[]): Pixels[] {
  const memory = new SharedArrayBuffer(planes.reduce((sum, { data }) => sum + data.length, 0));
  let start = 0;
  return planes.map((plane) => {
    const rgb = rgbOf(plane);
    const data = new Uint8Array(memory, start, rgb.data.length);
    data.set(rgb.data);
    start += data.length;
    return { ...rgb, data };
  });
}

const isEmpty = (list: readonly unknown[]): boolean => list.length === 0;

/** In memory that threads share. */
export function emptyBatch(size: number): AbsorbingBatch {
  const floats = (each: number) =>
    new Float32Array(new SharedArrayBuffer(size * each * Float32Array.BYTES_PER_ELEMENT));
  const [values, predictions, mask] = [floats(NUM_CHANNELS), floats(NUM_CHANNELS), floats(NUM_CHANNELS)];
  return { size, inputs: floats(NUM_INPUTS), values, predictions, mask, spreads: floats(1) };
}

/** Writes `count` pixels of a crop into a batch, from an index on. */
export function fillBatch(
  batch: AbsorbingBatch,
  start: number,
  crop: Crop,
  place: (i: number) => readonly [row: number, column: number],
  count: number,
): void {
  const neighbourhood = new Neighbourhood(crop);
  const units = new Int16Array(count * NUM_INPUTS);
  for (let i = 0; i < count; i++) {
    const [row, column] = place(i);
    neighbourhood.look(row, column, units, i * NUM_INPUTS);
    divideDifferences(units, i * NUM_INPUTS, neighbourhood.spread);
    batch.spreads[start + i] = neighbourhood.spread;
    const pixel = (row * crop.width + column) * NUM_CHANNELS;
    for (const [c, channel] of CHANNEL_ORDER.entries()) {
      const at = (start + i) * NUM_CHANNELS + c;
      batch.values[at] = crop.data[pixel + channel]!;
      batch.predictions[at] = neighbourhood.prediction[channel]!;
      batch.mask[at] = c === 0 || !crop.isGray ? 1 : 0;
    }
  }
  const inputs = batch.inputs.subarray(start * NUM_INPUTS, (start + count) * NUM_INPUTS);
  for (let k = 0; k < units.length; k++) inputs[k] = units[k]! / UNIT;
}

/** A part of an image at random, mirrored half of the time. Its borders count as an image's. */
function cropOf(image: Pixels, side: number, random: Random): Crop {
  const [height, width] = [Math.min(side, image.height), Math.min(side, image.width)];
  const [top, left] = [random.integer(image.height - height + 1), random.integer(image.width - width + 1)];
  const crop = windowOf(image, { top, left, height, width });
  if (random.uniform() < 0.5) mirror(crop);
  const isGray = random.uniform() < GRAY_SHARE;
  if (isGray) for (let i = 0; i < crop.data.length; i += NUM_CHANNELS) crop.data.fill(crop.data[i + 1]!, i, i + 3);
  return { ...crop, isGray };
}

/** A square from the middle of an image. */
export function middleOf(image: Pixels, side: number): Crop {
  const [height, width] = [Math.min(side, image.height), Math.min(side, image.width)];
  const [top, left] = [(image.height - height) >> 1, (image.width - width) >> 1];
  return { ...windowOf(image, { top, left, height, width }), isGray: false };
}

function windowOf(
  image: Pixels,
  { top, left, height, width }: Readonly<Record<'top' | 'left' | 'height' | 'width', number>>,
): Pixels {
  const data = new Uint8Array(height * width * NUM_CHANNELS);
  for (let row = 0; row < height; row++) {
    const from = ((top + row) * image.width + left) * NUM_CHANNELS;
    data.set(image.data.subarray(from, from + width * NUM_CHANNELS), row * width * NUM_CHANNELS);
  }
  return { height, width, data };
}

function mirror({ height, width, data }: Pixels): void {
  const pixels = data.slice();
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const from = (row * width + width - 1 - column) * NUM_CHANNELS;
      const to = (row * width + column) * NUM_CHANNELS;
      for (let c = 0; c < NUM_CHANNELS; c++) data[to + c] = pixels[from + c]!;
    }
  }
}
