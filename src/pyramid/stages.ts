/**
 * The wavelet pyramid of an image: levels of the Haar transform, from the full image down to a base of one pixel.
 *
 * Only the images of the levels are kept. The transform is local, each 2x2 block of its own, so the details of a tile
 * are computed from the level's image when the tile is coded, and the tile's pixels from its details when it is decoded.
 *
 * Invariant: the low image of a stage is the image of the next stage, and the base that of the last.
 */
import { analyse, halfSize, type Size, synthesise } from './haar.ts';
import { PlainSamples, type SampleMap } from './samples.ts';
import type { Tile } from './tiles.ts';

/** What a decoder knows of a stage before its details. */
export interface KnownStage extends Size {
  /** 0 is the full image; height and width are those of this level's image, before its transform. */
  readonly level: number;
  /** [ceil(height / 2), ceil(width / 2), planes] */
  readonly low: Int16Array;
}

export interface Stage extends KnownStage {
  /** This level's image: what an encoder reads and a decoder fills. */
  readonly image: SampleMap;
}

export interface Pyramid {
  /** Finest first; empty for an image of one pixel. */
  readonly stages: readonly Stage[];
  /** [planes]: the image of 1 x 1 pixel that all stages build upon. */
  readonly base: Int16Array;
}

/** Sizes of the images of all stages: the full image first, halved (rounded up) down to, and without, 1 x 1. */
export function stageSizes(height: number, width: number): Size[] {
  const sizes: Size[] = [];
  for (let size: Size = { height, width }; Math.max(size.height, size.width) > 1; size = halfSize(size)) {
    sizes.push(size);
  }
  return sizes;
}

/** Takes an image of `planes` planes apart. */
export function buildPyramid(image: SampleMap, planes: number): Pyramid {
  let finest = image;
  const stages = stageSizes(image.height, image.width).map((size, level) => {
    const stage = { level, ...size, low: lowOf(finest, planes), image: finest };
    finest = new PlainSamples(halfSize(size), planes, stage.low);
    return stage;
  });
  return { stages, base: finest.read(ONE_PIXEL) };
}

export const ONE_PIXEL: Tile = { row: 0, column: 0, height: 1, width: 1 };

/** The low image, two rows of the image at a time. */
function lowOf(image: SampleMap, planes: number): Int16Array {
  const half = halfSize(image);
  const low = new Int16Array(half.height * half.width * planes);
  for (let row = 0; row < half.height; row++) {
    const window = windowOf(image, { row, column: 0, height: 1, width: half.width });
    low.set(analyse(image.read(window), window.height, window.width, planes).low, row * half.width * planes);
  }
  return low;
}

/** The details of a tile of positions, [height, width, 3 * planes] as in HaarLevel. */
export function readDetail({ image }: Stage, tile: Tile, planes: number): Int16Array {
  const window = windowOf(image, tile);
  return analyse(image.read(window), window.height, window.width, planes).detail;
}

/** Fills the pixels of a tile of positions from its details: undoes readDetail. */
export function writeDetail({ image, low }: Stage, tile: Tile, planes: number, detail: Int16Array): void {
  const window = windowOf(image, tile);
  const known = new PlainSamples(halfSize(image), planes, low).read(tile);
  image.write(window, synthesise({ low: known, detail }, window.height, window.width, planes));
}

/** The pixels of an image that a tile of positions stands for: 2x2 each, fewer at an odd end. */
function windowOf({ height, width }: Size, tile: Tile): Tile {
  const [row, column] = [2 * tile.row, 2 * tile.column];
  return {
    row,
    column,
    height: Math.min(2 * tile.height, height - row),
    width: Math.min(2 * tile.width, width - column),
  };
}
