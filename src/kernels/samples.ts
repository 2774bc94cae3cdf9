/** Wrapper of kernels/samples.ts: memory layout of a batch's samples; the arithmetic is in the binary. */
import type { KernelMemory } from './memory.ts';

/** 32-bit fields of Samples in the kernel. */
const FIELDS = 28;
/** Fields of the plane, and after it of their number and of whether windows are filled. */
const PLANE_FIELD = 3;
const COLOURS_FIELD = 26;
/** Numbers of a row of facts and of a window, as many as fill the fields of SampleRows. */
export const ROW_FACTS = 8;
export const ROW_WINDOW = 52;
/** Starts of a window, and of sums that they come from. */
const ROW_STARTS = ROW_WINDOW - 2;

/** What is known of the samples of a batch, in rows. Views are of use until something is added to the kernel or run. */
export interface SampleRows {
  /** [rows, 3] What to expect at first of the channels of a colour, in the order of coding. */
  readonly predictions: Int32Array;
  /** [rows] Where means are measured from, in what units, and units of the regressions. */
  readonly bases: Float64Array;
  readonly spreads: Float64Array;
  readonly units: Float64Array;
  /** [rows, 2, near, planes] Differences and errors of neighbours as they are. */
  readonly inputs: Float64Array;
  /** [rows, numbers of a sample] */
  readonly samples: Float64Array;
  /** [rows, planes] */
  readonly energies: Float64Array;
  /** [rows, components] Of mixtures: 16 times the means, scales, shares. */
  readonly means16: Float64Array;
  readonly scales: Float64Array;
  readonly shares: Float64Array;
  /** [rows, ROW_FACTS] */
  readonly facts: Float64Array;
  /** [rows, ROW_WINDOW] */
  readonly windows: Int32Array;
  /** [rows, ROW_WINDOW] Windows as weighed by colours, but for the first two numbers. */
  readonly weighed: Int32Array;
}

/** What an image has taught about a plane. */
export interface PlaneState {
  readonly plane: number;
  readonly planes: number;
  /** [numbers of a sample, 2] Weights of both regressions. */
  readonly weights: Float64Array;
  /** [3] */
  readonly trusts: Float64Array;
  /** [classes] */
  readonly classSteps: Int32Array;
}

/** Numbers that the kernel looks up. */
export interface SampleTables {
  readonly cdf: Int32Array;
  readonly steps: Float64Array;
  readonly sigmas: Float64Array;
  readonly thresholds: Float64Array;
  readonly roots: Float64Array;
}

export interface SampleSize {
  readonly rows: number;
  readonly components: number;
  readonly planes: number;
  /** Differences of neighbours in a sample, of each plane. */
  readonly near: number;
  readonly classes: number;
}

/** Outputs of the network that mixtures are made from. */
export interface OutputMap {
  readonly pointer: number;
  readonly width: number;
}

interface Place {
  readonly pointer: number;
  readonly length: number;
}

type RowName = keyof SampleRows;

/** The samples of one network, batch after batch. */
export class SampleKernel {
  /** Of Samples. */
  readonly pointer: number;
  private readonly rowPlaces: Readonly<Record<RowName, Place>>;
  private readonly weights: Place;
  private readonly trusts: Place;
  private readonly classSteps: Place;

  constructor(memory: KernelMemory, outputs: OutputMap, size: SampleSize, tables: SampleTables) {
    const { rows, components, planes, near, classes } = size;
    const float64 = (length: number): Place => ({ pointer: memory.allocate(length * 8), length });
    const int32 = (length: number): Place => ({ pointer: memory.allocate(length * 4), length });
    const numbers = (2 * near + 1) * planes;
    this.pointer = memory.allocate(FIELDS * 4);
    this.rowPlaces = {
      predictions: int32(rows * 3),
      bases: float64(rows),
      spreads: float64(rows),
      units: float64(rows),
      inputs: float64(rows * 2 * near * planes),
      samples: float64(rows * numbers),
      energies: float64(rows * planes),
      means16: float64(rows * components),
      scales: float64(rows * components),
      shares: float64(rows * components),
      facts: float64(rows * ROW_FACTS),
      windows: int32(rows * ROW_WINDOW),
      weighed: int32(rows * ROW_WINDOW),
    };
    this.weights = float64(2 * numbers);
    this.trusts = float64(3);
    this.classSteps = int32(classes);
    const { cdf, steps, sigmas, thresholds, roots } = tables;
    const table = int32(cdf.length);
    memory.int32(table.pointer, table.length).set(cdf);
    const doubles = [steps, sigmas, thresholds, roots].map((values) => {
      const place = float64(values.length);
      memory.float64(place.pointer, place.length).set(values);
      return place.pointer;
    });
    const at = this.rowPlaces;
    const before = [
      at.bases,
      at.spreads,
      at.units,
      at.inputs,
      at.samples,
      at.energies,
      this.weights,
      this.trusts,
      this.classSteps,
    ];
    const after = [at.means16, at.scales, at.shares, at.facts, at.windows];
    const sums = float64(rows * ROW_STARTS);
    const pointers = (places: readonly Place[]) => places.map(({ pointer }) => pointer);
    const fixed = [...pointers(before), table.pointer, ...doubles, ...pointers(after), 0, sums.pointer];
    const start = [outputs.pointer, outputs.width, components, 0, planes, 0, near];
    memory.int32(this.pointer, FIELDS).set([...start, ...fixed]);
  }

  /** Pointer to a number of all rows. */
  pointerTo(name: RowName): number {
    return this.rowPlaces[name].pointer;
  }

  rows(memory: KernelMemory): SampleRows {
    const { predictions, windows, weighed, ...rest } = this.rowPlaces;
    const view32 = ({ pointer, length }: Place) => memory.int32(pointer, length);
    const view = ({ pointer, length }: Place) => memory.float64(pointer, length);
    return {
      predictions: view32(predictions),
      bases: view(rest.bases),
      spreads: view(rest.spreads),
      units: view(rest.units),
      inputs: view(rest.inputs),
      samples: view(rest.samples),
      energies: view(rest.energies),
      means16: view(rest.means16),
      scales: view(rest.scales),
      shares: view(rest.shares),
      facts: view(rest.facts),
      windows: view32(windows),
      weighed: view32(weighed),
    };
  }

  /** Says by which colours windows are weighed from now on: a pointer, or 0 for none. */
  setColours(memory: KernelMemory, colours: number): void {
    memory.int32(this.pointer, FIELDS)[COLOURS_FIELD] = colours;
  }

  /** Says what the next run is to predict with, and whether it fills windows. */
  set(memory: KernelMemory, { plane, planes, weights, trusts, classSteps }: PlaneState, fills: boolean): void {
    memory.float64(this.weights.pointer, weights.length).set(weights);
    memory.float64(this.trusts.pointer, trusts.length).set(trusts);
    memory.int32(this.classSteps.pointer, classSteps.length).set(classSteps);
    memory.int32(this.pointer, FIELDS).set([plane, planes, fills ? 1 : 0], PLANE_FIELD);
  }
}
