/**
 * An image in segments of whole diagonals, each with a stack of its own: an encoder adapts to the image from its first pixel on, but
 * pushes the last one first, so it notes what it pushes, a segment at a time.
 */
import { diagonalAt, diagonalCount } from './diagonals.ts';

/** A segment ends with the first diagonal that brings it to so many pixels. */
const SEGMENT_PIXELS = 1 << 18;

/** Diagonals from `start` on to before `end`. */
export interface Segment {
  readonly start: number;
  readonly end: number;
}

export function segmentsOf(size: { readonly height: number; readonly width: number }): Segment[] {
  const total = diagonalCount(size);
  const segments: Segment[] = [];
  let [start, pixels] = [0, 0];
  for (let index = 0; index < total; index++) {
    pixels += diagonalAt(size, index).length;
    if (pixels < SEGMENT_PIXELS && index < total - 1) continue;
    segments.push({ start, end: index + 1 });
    [start, pixels] = [index + 1, 0];
  }
  return segments;
}
