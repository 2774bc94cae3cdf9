/** What the regression of a pass sees at a position (regressed-details.ts), in deviations as the network has them. */
import { NUM_COEFFICIENTS, NUM_PLANES } from '../diffusion/dimensions.ts';
import { NUM_PASSES, PASS_OF } from '../diffusion/passes.ts';
import type { Block } from '../pyramid/block-details.ts';
import { halfSize } from '../pyramid/haar.ts';
import { CODING_ORDERS } from '../pyramid/rounding-shifts.ts';
import type { KnownStage } from '../pyramid/stages.ts';
import type { Gaussians } from './gaussians.ts';
import { DEVIATIONS16 } from './neighbour-residuals.ts';

/** Rows and columns from a position to its neighbours: decoded ones, and those of the low image. */
const NEIGHBOURS = [
  [0, -1],
  [-1, 0],
  [-1, -1],
  [-1, 1],
] as const;
const LOW_NEIGHBOURS = [
  [-1, 0],
  [0, -1],
  [0, 1],
  [1, 0],
] as const;
/** Numbers of the regression are within this many deviations. */
const MAX_DEVIATIONS = 6;
/** Differences of the low image are in units of so many deviations. */
const LOW_UNITS = 4;

/** A pass over the positions of a tile: its coefficients, and those whose values its regression sees. */
export interface Pass {
  readonly index: number;
  /** In coding order, as the others. */
  readonly targets: readonly number[];
  /** Coefficients of earlier passes. */
  readonly earlier: readonly number[];
  /** Of the neighbours: all that are known in the planes of the targets. */
  readonly nearby: readonly number[];
  readonly numInputs: number;
  /** Inputs, then targets. */
  readonly sample: Float64Array;
}

/** The passes that have something to code. */
export function passesOf(planes: 1 | 3): Pass[] {
  const order = CODING_ORDERS[planes];
  return Array.from({ length: NUM_PASSES }, (_, index) => {
    const targets = order.filter((c) => PASS_OF[c] === index);
    const earlier = order.filter((c) => PASS_OF[c]! < index);
    const isInPlane = (c: number): boolean => targets.some((target) => (target - c) % NUM_PLANES === 0);
    const nearby = [...earlier, ...targets].filter(isInPlane);
    const ofNeighbours = NEIGHBOURS.length * (nearby.length + targets.length);
    const numInputs = ofNeighbours + 2 * earlier.length + targets.length + LOW_NEIGHBOURS.length * planes;
    return { index, targets, earlier, nearby, numInputs, sample: new Float64Array(numInputs + targets.length) };
  }).filter(({ targets }) => targets.length > 0);
}

/** What is known of the tile at hand; arrays are [height, width, 9]. */
export interface TileState {
  readonly u: Int32Array;
  readonly gaussians: Gaussians;
  /** 16 times the details with what was rounded away. */
  readonly exact16: Int32Array;
  /** Squares of errors in deviations. */
  readonly squares: Float64Array;
}

export class RegressionInputs {
  /** Positions in the tile of left, above, above left and above right, -1 for those outside. */
  readonly neighbours = new Int32Array(NEIGHBOURS.length);
  private readonly low: Int16Array;
  private readonly lowHeight: number;
  private readonly lowWidth: number;
  private readonly planes: 1 | 3;
  /** [9]: 1 over 16 deviations of the position at hand. */
  private readonly inverses = new Float64Array(NUM_COEFFICIENTS);

  constructor(stage: KnownStage, planes: 1 | 3) {
    const { height, width } = halfSize(stage);
    this.low = stage.low;
    this.lowHeight = height;
    this.lowWidth = width;
    this.planes = planes;
  }

  findNeighbours(position: number, width: number): void {
    const column = position % width;
    for (let n = 0; n < NEIGHBOURS.length; n++) {
      const [rows, columns] = NEIGHBOURS[n]!;
      const isInside = position + rows * width >= 0 && column + columns >= 0 && column + columns < width;
      this.neighbours[n] = isInside ? position + rows * width + columns : -1;
    }
  }

  /** Sets the inputs of a pass; its neighbours are to be found. */
  gather(
    { gaussians, exact16 }: TileState,
    { sample, targets, earlier, nearby }: Pass,
    { base, lowBase }: Block,
  ): void {
    const { inverses, neighbours } = this;
    const { mean16, scale } = gaussians;
    for (const c of earlier) inverses[c] = 1 / DEVIATIONS16[scale[base + c]!]!;
    for (const c of targets) inverses[c] = 1 / DEVIATIONS16[scale[base + c]!]!;
    let count = 0;
    for (let n = 0; n < neighbours.length; n++) {
      const from = neighbours[n]! * NUM_COEFFICIENTS;
      for (const c of nearby) sample[count++] = from < 0 ? 0 : inDeviations(exact16[from + c]! * inverses[c]!);
      for (const c of targets) sample[count++] = from < 0 ? 0 : inDeviations(mean16[from + c]! * inverses[c]!);
    }
    for (const c of earlier) sample[count++] = inDeviations(mean16[base + c]! * inverses[c]!);
    for (const c of targets) sample[count++] = inDeviations(mean16[base + c]! * inverses[c]!);
    for (const c of earlier) sample[count++] = inDeviations((exact16[base + c]! - mean16[base + c]!) * inverses[c]!);
    this.gatherLow(sample, count, lowBase, (16 / LOW_UNITS) * inverses[targets[0]!]!);
  }

  /** Differences of the low image around a block, those at its ends repeated. */
  private gatherLow(sample: Float64Array, start: number, lowBase: number, factor: number): void {
    const { planes, low, lowHeight, lowWidth } = this;
    const column = (lowBase / planes) % lowWidth;
    const row = (lowBase / planes - column) / lowWidth;
    let count = start;
    for (let n = 0; n < LOW_NEIGHBOURS.length; n++) {
      const [rows, columns] = LOW_NEIGHBOURS[n]!;
      const otherRow = Math.min(Math.max(row + rows, 0), lowHeight - 1);
      const otherColumn = Math.min(Math.max(column + columns, 0), lowWidth - 1);
      const other = (otherRow * lowWidth + otherColumn) * planes;
      for (let plane = 0; plane < planes; plane++) {
        sample[count++] = inDeviations((low[other + plane]! - low[lowBase + plane]!) * factor);
      }
    }
  }
}

export const inDeviations = (value: number): number => Math.min(Math.max(value, -MAX_DEVIATIONS), MAX_DEVIATIONS);
