/**
 * The five scanline filters of PNG (W3C PNG, third edition, section 9).
 *
 * Each predicts a byte from its left, upper and upper left neighbours; neighbours outside the image are 0.
 */
type Predictor = (left: number, up: number, upLeft: number) => number;

/** The neighbour nearest to left + up - upLeft, ties in the order left, up, upLeft. */
export function paeth(left: number, up: number, upLeft: number): number {
  const toLeft = Math.abs(up - upLeft);
  const toUp = Math.abs(left - upLeft);
  const toUpLeft = Math.abs(left + up - 2 * upLeft);
  if (toLeft <= toUp && toLeft <= toUpLeft) return left;
  return toUp <= toUpLeft ? up : upLeft;
}

/** By filter type: none, sub, up, average, Paeth. */
const PREDICTORS: readonly Predictor[] = [
  () => 0,
  (left) => left,
  (_left, up) => up,
  (left, up) => (left + up) >> 1,
  paeth,
];

/** Filter types run from 0 to here, exclusive. */
export const FILTER_COUNT = PREDICTORS.length;
export const FILTER_NONE = 0;
export const FILTER_PAETH = 4;

/** Two neighbouring lines of the same length; above is all 0 over the first line. */
export interface LinePair {
  readonly line: Uint8Array;
  readonly above: Uint8Array;
}

/** Writes the residuals of a line to out. @param step bytes from a byte to its left neighbour. */
export function filterLine(filter: number, { line, above }: LinePair, step: number, out: Uint8Array): void {
  const predict = PREDICTORS[filter]!;
  for (let i = 0; i < line.length; i++) {
    const inside = i >= step;
    out[i] = line[i]! - predict(inside ? line[i - step]! : 0, above[i]!, inside ? above[i - step]! : 0);
  }
}

/** Turns the residuals in line back into bytes, in place: undoes filterLine. */
export function unfilterLine(filter: number, { line, above }: LinePair, step: number): void {
  const predict = PREDICTORS[filter]!;
  for (let i = 0; i < line.length; i++) {
    const inside = i >= step;
    line[i] = line[i]! + predict(inside ? line[i - step]! : 0, above[i]!, inside ? above[i - step]! : 0);
  }
}
