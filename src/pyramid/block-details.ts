/**
 * The nine details of a 2x2 block: of each plane a horizontal one H, a vertical one V and a diagonal one D
 * (src/pyramid/haar.ts).
 *
 * V gives the low values of both rows: lower = low - (V >> 1), upper = V + lower. H and D give the differences
 * left - right of both rows: lower = H - (D >> 1), upper = D + lower. A row's pixels follow from its low value l and
 * difference d: right = l - (d >> 1), left = l + (d + 1 >> 1).
 */
import { BAND_DIAGONAL, BAND_HORIZONTAL, BAND_VERTICAL } from './haar.ts';
import { NUM_YCOCG_PLANES } from './ycocg.ts';

/** Offset of a band's coefficients among the nine. */
export const H = BAND_HORIZONTAL * NUM_YCOCG_PLANES;
export const V = BAND_VERTICAL * NUM_YCOCG_PLANES;
export const D = BAND_DIAGONAL * NUM_YCOCG_PLANES;
/** The three of them by the number of their band. */
export const BANDS = [H, V, D] as const;

/** The known low values of a block and its details: read by an encoder, written by a decoder. */
export interface Block {
  /** [planes] from `lowBase` on */
  readonly low: Int16Array;
  readonly lowBase: number;
  /** [9] from `base` on */
  readonly u: Int32Array;
  readonly base: number;
}

/** A block whose details are only read. */
export interface KnownBlock extends Omit<Block, 'u'> {
  readonly u: Int32Array | Int16Array;
}

/** Sets a plane's details; `index` is that of its H. */
export function setDetails(
  u: Int32Array,
  index: number,
  { vertical, upper, lower }: { vertical: number; upper: number; lower: number },
): void {
  const diagonal = upper - lower;
  u[index + H] = lower + (diagonal >> 1);
  u[index + V] = vertical;
  u[index + D] = diagonal;
}

/** The four pixels of a plane: upper left, upper right, lower left, lower right. */
export function planePixels({ low, lowBase, u, base }: KnownBlock, plane: number, out: Int32Array): void {
  const vertical = u[base + V + plane]!;
  const diagonal = u[base + D + plane]!;
  const lowerLow = low[lowBase + plane]! - (vertical >> 1);
  const lower = u[base + H + plane]! - (diagonal >> 1);
  const upperLow = vertical + lowerLow;
  const upper = diagonal + lower;
  out[0] = upperLow + ((upper + 1) >> 1);
  out[1] = upperLow - (upper >> 1);
  out[2] = lowerLow + ((lower + 1) >> 1);
  out[3] = lowerLow - (lower >> 1);
}
