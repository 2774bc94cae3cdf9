/**
 * The network's errors at the pixels revealed last. Rows advance together, each REACH + 1 columns behind the one above it, so of
 * every row only the columns just behind its foremost pixel are ever asked for.
 */
import { REACH } from './diagonals.ts';
import { NEAR_OFFSETS } from './neighbourhood.ts';

/** Two rows up, the foremost pixel is 2 * (REACH + 1) columns ahead, and so many columns are kept: a power of two above that. */
const COLUMNS = 16;
const MASK = COLUMNS - 1;
/** Neighbours that tell the energy: those side by side with the pixel, also across a corner. */
const IS_ADJACENT = NEAR_OFFSETS.map(([row, column]) => Math.max(Math.abs(row), Math.abs(column)) === 1);

export interface RingSize {
  readonly height: number;
  readonly width: number;
  readonly planes: number;
}

export class ErrorRing {
  private readonly width: number;
  private readonly planes: number;
  /** [height, COLUMNS, planes] */
  private readonly errors: Float32Array;

  constructor({ height, width, planes }: RingSize) {
    this.width = width;
    this.planes = planes;
    this.errors = new Float32Array(height * COLUMNS * planes);
  }

  write(row: number, column: number, plane: number, error: number): void {
    this.errors[this.indexOf(row, column) + plane] = error;
  }

  /** Writes the errors of the near neighbours, all planes of each, from an index on; 0 outside of the image. */
  read(row: number, column: number, target: Float64Array, start: number): void {
    let at = start;
    for (let k = 0; k < NEAR_OFFSETS.length; k++) {
      const from = this.neighbour(row, column, k);
      for (let plane = 0; plane < this.planes; plane++) target[at++] = from < 0 ? 0 : this.errors[from + plane]!;
    }
  }

  /** Sum of the squares of a plane's errors at the adjacent neighbours. */
  energy(row: number, column: number, plane: number): number {
    let sum = 0;
    for (let k = 0; k < NEAR_OFFSETS.length; k++) {
      const from = IS_ADJACENT[k] ? this.neighbour(row, column, k) : -1;
      if (from >= 0) sum += this.errors[from + plane]! * this.errors[from + plane]!;
    }
    return sum;
  }

  /** Index of a neighbour's errors, or -1 outside of the image. */
  private neighbour(row: number, column: number, k: number): number {
    const [y, x] = [row + NEAR_OFFSETS[k]![0], column + NEAR_OFFSETS[k]![1]];
    return y >= 0 && x >= 0 && x < this.width ? this.indexOf(y, x) : -1;
  }

  private indexOf(row: number, column: number): number {
    return (row * COLUMNS + (column & MASK)) * this.planes;
  }
}

if (2 * (REACH + 1) >= COLUMNS) throw new Error('a ring must hold the columns between two rows');
