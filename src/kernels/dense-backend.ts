/** Programs of fully connected layers in integers, whatever runs them. */

/** Outputs of a layer are padded to panels of so many. */
export const PANEL = 8;
/** Largest activation; inputs are between it and its negative. */
export const MAX_ACTIVATION = 8191;
/** Sums of a layer are divided by a power of two, with an exponent within these. */
export const SHIFTS = { least: 2, most: 20 } as const;

/** A fully connected layer. */
export interface DenseWeights {
  readonly inputs: number;
  readonly outputs: number;
  /** [inputs, outputs] */
  readonly weights: Int16Array;
  /** [outputs] */
  readonly bias: Int32Array;
  /** [1] Sums are divided by 2^shift, to the nearest integer, halves upward. */
  readonly shift: Uint8Array;
}

/** Columns of a map: 16 bits for what goes into layers, 32 for what comes out. */
export type DenseColumns = Int16Array | Int32Array;

/**
 * A step of a program, on the first columns of each row. `store` writes a layer's sums, `add` adds them to what is there; `rectify` makes
 * activations of them, 0..MAX_ACTIVATION, and `rectify-input` does so with what is there.
 */
export type DenseStep<Layer, Map16, Map32> =
  | { readonly operation: 'store' | 'add'; readonly layer: Layer; readonly from: Map16; readonly to: Map32 }
  | { readonly operation: 'rectify'; readonly layer: Layer; readonly from: Map16; readonly to: Map16 }
  | {
      readonly operation: 'rectify-input';
      /** A multiple of PANEL. */
      readonly columns: number;
      readonly shift: number;
      readonly from: Map32;
      readonly to: Map16;
    };

/** What runs fully connected layers. Maps are integers [rows, width], widths multiples of PANEL. */
export interface DenseBackend<Layer, Map16, Map32, Program> {
  /** Takes a layer over, for as long as the backend lives. Weights are so small that no sum overflows. */
  addLayer(weights: DenseWeights): Layer;
  /** Room for this many rows, all 0. */
  addMap16(rows: number, width: number): Map16;
  addMap32(rows: number, width: number): Map32;
  /**
   * Steps to run one after the other, each row by itself. Sums fill rows up to padOutputs(outputs), with 0. A program that is run
   * again gives the same: none begins with 'add', and none writes to what it began with.
   */
  addProgram(steps: readonly DenseStep<Layer, Map16, Map32>[]): Program;
  /** The first rows of a map, of use until something is added or finished. */
  rows16(map: Map16, count: number): Int16Array;
  rows32(map: Map32, count: number): Int32Array;
  /**
   * Begins to run a program on the first rows of its maps, which are its own until it is finished, and finishes what was begun before.
   * Threads may do it beside the caller.
   */
  begin(program: Program, count: number): void;
  /** Finishes what was begun last, if it is not finished yet. */
  finish(): void;
}

export const padOutputs = (outputs: number): number => Math.ceil(outputs / PANEL) * PANEL;
