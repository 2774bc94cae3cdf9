/** Classes of details by what is expected of them: the network's deviation, and errors nearby. Learned variances go by them. */
import { NUM_COEFFICIENTS, NUM_PLANES } from '../diffusion/dimensions.ts';
import { PASS_OF } from '../diffusion/passes.ts';
import { BAND_COUNT } from '../pyramid/haar.ts';
import { DEVIATIONS16 } from './neighbour-residuals.ts';

/** How much the errors of neighbours count: left, above, above left, above right. */
const NEIGHBOUR_WEIGHTS = [2, 2, 1, 1];
/** The same of details of the position itself, in the same plane and in others. */
const OWN_PLANE_WEIGHT = 1.5;
const OTHER_PLANE_WEIGHT = 0.7;

/** Mean squares of errors from which the next class begins: half an octave each. */
const ERROR_BOUNDS = [0.105, 0.149, 0.21, 0.297, 0.42, 0.595, 0.841, 1.19, 1.68, 2.38, 3.36, 4.76, 6.73];
/** Scale indices from which the next class begins: deviations, with what rounding adds, of 1/2, 1 and 2. */
const SCALE_BOUNDS = [59, 79, 96];
/** The most that an error counts, in squared deviations. */
export const MAX_SQUARE = 25;
export const NUM_ERROR_CLASSES = ERROR_BOUNDS.length + 1;
export const NUM_SCALE_CLASSES = SCALE_BOUNDS.length + 1;

/** Details around one that is to be coded. */
export interface Surroundings {
  /** [height, width, 9]: squares of errors in deviations. */
  readonly squares: Float64Array;
  /** [4]: positions, -1 for those outside. */
  readonly neighbours: Int32Array;
  /** Coefficients in the order in which they are coded. */
  readonly order: readonly number[];
}

/** The square of an error in the network's deviations, as far as it counts. @param error16 16 times the error @param scale the network's */
export function errorSquare(error16: number, scale: number): number {
  const error = error16 / DEVIATIONS16[scale]!;
  return Math.min(error * error, MAX_SQUARE);
}

/** The class of a detail's scale, as the network has it: 0..NUM_SCALE_CLASSES - 1. */
export const scaleClass = (scale: number): number => reached(SCALE_BOUNDS, scale);

/** The class of errors near a detail. @param base index of the position's first detail @returns 0..NUM_ERROR_CLASSES - 1 */
export function errorClass(c: number, base: number, around: Surroundings): number {
  return reached(ERROR_BOUNDS, meanSquare(c, base, around));
}

/** Of errors in the detail's plane at the neighbours, as far as its pass knows them, and of all before it at the position. */
function meanSquare(c: number, base: number, { squares, neighbours, order }: Surroundings): number {
  const plane = c % NUM_PLANES;
  const pass = PASS_OF[c]!;
  let [sum, total] = [0, 0];
  for (let n = 0; n < neighbours.length; n++) {
    if (neighbours[n]! < 0) continue;
    const from = neighbours[n]! * NUM_COEFFICIENTS;
    const weightOfOthers = NEIGHBOUR_WEIGHTS[n]! / BAND_COUNT;
    for (let other = plane; other < NUM_COEFFICIENTS; other += NUM_PLANES) {
      if (PASS_OF[other]! > pass) continue;
      const weight = other === c ? NEIGHBOUR_WEIGHTS[n]! : weightOfOthers;
      sum += weight * squares[from + other]!;
      total += weight;
    }
  }
  for (let i = 0; order[i] !== c; i++) {
    const other = order[i]!;
    const weight = other % NUM_PLANES === plane ? OWN_PLANE_WEIGHT : OTHER_PLANE_WEIGHT;
    sum += weight * squares[base + other]!;
    total += weight;
  }
  return total > 0 ? sum / total : 1;
}

/** Number of bounds that a value has reached. */
function reached(bounds: readonly number[], value: number): number {
  let index = 0;
  while (index < bounds.length && value >= bounds[index]!) index++;
  return index;
}
