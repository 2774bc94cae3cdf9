/**
 * The wavelet pyramid of an image: levels of the Haar transform, from the full image down to a base of one pixel.
 *
 * Invariant: the low image of a stage is the image of the next stage, and the base that of the last.
 */
import { analyse, type HaarLevel, halfSize, type Size } from './haar.ts';

export interface Stage extends Size, HaarLevel {
  /** 0 is the full image; height and width are those of this level's image, before its transform. */
  readonly level: number;
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

/** Takes an image apart. @param planes [height, width, planeCount] */
export function buildPyramid(planes: Int16Array, height: number, width: number, planeCount: number): Pyramid {
  let base = planes;
  const stages = stageSizes(height, width).map((size, level) => {
    const { low, detail } = analyse(base, size.height, size.width, planeCount);
    base = low;
    return { level, ...size, low, detail };
  });
  return { stages, base };
}
