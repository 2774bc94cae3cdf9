/** Programs of fully connected layers, whatever runs them. */

/** Outputs of a layer are padded to panels of so many. */
export const PANEL = 8;

/** A fully connected layer. */
export interface DenseWeights {
  readonly inputs: number;
  readonly outputs: number;
  /** [inputs, outputs] */
  readonly weights: Float32Array;
  /** [outputs] */
  readonly bias: Float32Array;
}

/**
 * A step of a program, on the first columns of each row: sums of a layer, stored, rectified or added to what is there; or what of
 * the inputs is above 0.
 */
export type DenseStep<Layer, DenseMap> = { readonly from: DenseMap; readonly to: DenseMap } & (
  | { readonly operation: 'store' | 'rectify' | 'add'; readonly layer: Layer }
  | { readonly operation: 'rectify-input'; readonly columns: number }
);

/** What runs fully connected layers, all with the same bits. Maps are floats [rows, width], widths multiples of 4. */
export interface DenseBackend<Layer, DenseMap, Program> {
  /** Takes a layer over, for as long as the backend lives. */
  addLayer(weights: DenseWeights): Layer;
  /** Room for this many rows, all 0. */
  addMap(rows: number, width: number): DenseMap;
  /**
   * Steps to run one after the other, each row by itself. Sums fill rows up to padOutputs(outputs), with 0. A program that is run
   * again gives the same: none begins with 'add', and none writes to what it began with.
   */
  addProgram(steps: readonly DenseStep<Layer, DenseMap>[]): Program;
  /** The first rows of a map, of use until something is added or run. */
  rows(map: DenseMap, count: number): Float32Array;
  /** Runs a program on the first rows of its maps. */
  run(program: Program, count: number): void;
}

export const padOutputs = (outputs: number): number => Math.ceil(outputs / PANEL) * PANEL;
