/** Wrapper of kernels/dense.wasm: memory layout; the arithmetic is in the binary. */
import { type ColourArrays, ColourKernel, type ColourSize } from './colours.ts';
import { type DenseBackend, type DenseStep, type DenseWeights, PANEL, padOutputs } from './dense-backend.ts';
import { type DenseExports, loadDense, type SharedDense } from './load.ts';
import { KernelMemory } from './memory.ts';
import { type PlaneState, SampleKernel, type SampleRows, type SampleSize, type SampleTables } from './samples.ts';
import { type BatchPlace, type RevealedRings, SurroundingsKernel } from './surroundings.ts';
import { HelperLostError, Team } from './team.ts';

/** Columns of maps and weights. */
const SHORT_BYTES = 2;
const INT_BYTES = 4;
/** 32-bit fields of Step and Program in kernels/dense.ts. */
const STEP_FIELDS = 10;
const PROGRAM_FIELDS = 4;
/** Operations of a step by their numbers in the kernel. */
const OPERATIONS = { store: 0, rectify: 1, add: 2, 'rectify-input': 3 } as const;
const PREDICT = 4;
const LOOK = 5;
/** Rows of a chunk: a multiple of 4, as many as the cache holds beside a panel of weights. */
const ROWS_AT_ONCE = 8;
/** Rows of a batch that threads share: of fewer, starting them costs more than they save. */
const MIN_SHARED = 4 * ROWS_AT_ONCE;

/** A layer whose weights are in the kernel's memory. */
interface DenseLayer {
  /** Of inputs, the last of them padded. */
  readonly pairs: number;
  /** Padded to panels. */
  readonly outputs: number;
  readonly weights: number;
  readonly bias: number;
  readonly shift: number;
}

interface DenseMap<Bytes extends number> {
  readonly pointer: number;
  readonly width: number;
  /** Of a column. */
  readonly bytes: Bytes;
}

type Map16 = DenseMap<typeof SHORT_BYTES>;
type Map32 = DenseMap<typeof INT_BYTES>;

/** Samples that are predicted from outputs. */
export type DenseSamples = SampleKernel;
/** What weighs their windows. */
export type DenseColours = ColourKernel;
/** What they are predicted from. */
export type DenseSurroundings = SurroundingsKernel;

export interface DenseProgram {
  readonly steps: number;
  readonly count: number;
}

export class DenseKernel implements DenseBackend<DenseLayer, Map16, Map32, DenseProgram> {
  private wasm: DenseExports;
  private memory: KernelMemory;
  private team: Team | undefined;
  /** The program that is run. */
  private readonly job: number;
  /** Whether helpers may be at it. */
  private isUnderWay = false;

  /** @param threads above 1, rows of large batches are shared with helpers, if the kernel's memory can be */
  constructor(wasm: DenseExports | SharedDense, threads = 1) {
    this.wasm = wasm;
    this.memory = new KernelMemory(wasm.memory);
    this.job = this.memory.allocate(PROGRAM_FIELDS * 4);
    if (threads > 1 && 'begin' in wasm) {
      const helpers = Array.from({ length: threads - 1 }, () => 0);
      this.team = new Team(wasm, this.memory, this.job, helpers);
    }
  }

  /** Weights are [outputs / 8][inputs / 2][8][2] in the kernel's memory, with zeros in the padding. */
  addLayer({ inputs, outputs, weights, bias, shift }: DenseWeights): DenseLayer {
    const [padded, pairs] = [padOutputs(outputs), Math.ceil(inputs / 2)];
    const [panelsPointer, biasPointer] = [
      this.allocate(2 * pairs * padded * SHORT_BYTES),
      this.allocate(padded * INT_BYTES),
    ];
    const panels = this.memory.int16(panelsPointer, 2 * pairs * padded);
    for (let output = 0; output < outputs; output++) {
      const panel = 2 * ((output - (output % PANEL)) * pairs + (output % PANEL));
      for (let input = 0; input < inputs; input++) {
        panels[panel + (input >> 1) * 2 * PANEL + (input & 1)] = weights[input * outputs + output]!;
      }
    }
    this.memory.int32(biasPointer, outputs).set(bias);
    return { pairs, outputs: padded, weights: panelsPointer, bias: biasPointer, shift: shift[0]! };
  }

  addMap16(rows: number, width: number): Map16 {
    return { pointer: this.allocate(rows * width * SHORT_BYTES), width, bytes: SHORT_BYTES };
  }

  addMap32(rows: number, width: number): Map32 {
    return { pointer: this.allocate(rows * width * INT_BYTES), width, bytes: INT_BYTES };
  }

  addProgram(steps: readonly DenseStep<DenseLayer, Map16, Map32>[]): DenseProgram {
    return this.storeSteps(steps.flatMap(fieldsOf));
  }

  /** Samples that are predicted from outputs of programs. */
  addSamples(outputs: Map32, size: SampleSize, tables: SampleTables): DenseSamples {
    return new SampleKernel(this.memory, outputs, size, tables);
  }

  /** What is kept of the image whose samples are predicted, and looked at for a network's inputs. */
  addSurroundings(inputs: Map16, samples: DenseSamples): DenseSurroundings {
    return new SurroundingsKernel(this.memory, inputs.pointer, samples);
  }

  /** Counts of colours that weigh the windows of samples; all are 0. */
  addColours(samples: DenseSamples, surroundings: DenseSurroundings, size: ColourSize): DenseColours {
    const mark = this.memory.mark();
    try {
      return new ColourKernel(this.memory, samples, surroundings, size);
    } catch (error) {
      this.memory.release(mark);
      throw error;
    }
  }

  /** Says by which colours windows of samples are weighed from now on, if they are. */
  setColours(samples: DenseSamples, colours: DenseColours | undefined): void {
    samples.setColours(this.memory, colours?.pointer ?? 0);
  }

  colourCounts(colours: DenseColours): ColourArrays {
    return colours.arrays(this.memory);
  }

  /** A program that begins with a look. */
  withLook(program: DenseProgram, { pointer }: DenseSurroundings): DenseProgram {
    return this.storeSteps([LOOK, pointer, 0, 0, 0, 0, 0, 0, 0, 0, ...this.stepsOf(program)]);
  }

  /** A program that predicts samples from what programs gave. */
  addPrediction({ pointer }: DenseSamples): DenseProgram {
    return this.storeSteps([PREDICT, pointer, 0, 0, 0, 0, 0, 0, 0, 0]);
  }

  /** @param fields STEP_FIELDS of each step */
  private storeSteps(fields: readonly number[]): DenseProgram {
    const steps = this.memory.allocate(fields.length * 4);
    this.memory.int32(steps, fields.length).set(fields);
    return { steps, count: fields.length / STEP_FIELDS };
  }

  private stepsOf({ steps, count }: DenseProgram): Int32Array {
    return this.memory.int32(steps, count * STEP_FIELDS);
  }

  sampleRows(samples: DenseSamples): SampleRows {
    return samples.rows(this.memory);
  }

  /** Says what a program is to predict samples with, and whether it fills their windows. */
  setPlane(samples: DenseSamples, state: PlaneState, fills: boolean): void {
    samples.set(this.memory, state, fills);
  }

  /** Says where the next batch is. */
  setBatch(surroundings: DenseSurroundings, batch: BatchPlace): void {
    surroundings.set(this.memory, batch);
  }

  revealed(surroundings: DenseSurroundings): RevealedRings {
    return surroundings.rings(this.memory);
  }

  rows16({ pointer, width }: Map16, count: number): Int16Array {
    return this.memory.int16(pointer, count * width);
  }

  rows32({ pointer, width }: Map32, count: number): Int32Array {
    return this.memory.int32(pointer, count * width);
  }

  /** Where nobody helps, all is done at once. */
  begin({ steps, count }: DenseProgram, rows: number): void {
    this.finish();
    this.memory.int32(this.job, PROGRAM_FIELDS).set([steps, count, rows, ROWS_AT_ONCE]);
    this.isUnderWay = this.team !== undefined && rows >= MIN_SHARED;
    if (this.isUnderWay) this.team!.begin();
    else this.wasm.run(this.job);
  }

  /** Does it all again where a helper was lost. */
  finish(): void {
    if (!this.isUnderWay) return;
    this.isUnderWay = false;
    try {
      this.team!.finish(0);
    } catch (error) {
      if (!(error instanceof HelperLostError)) throw error;
      this.leaveTeam();
      this.wasm.run(this.job);
    }
  }

  /** Goes on alone, in a copy of the memory: the lost thread may yet write into the old one. */
  private leaveTeam(): void {
    const alone = loadDense()!;
    const pages = (this.wasm.memory.buffer.byteLength - alone.memory.buffer.byteLength) / 65536;
    alone.memory.grow(pages);
    copyWritten(new Uint8Array(this.wasm.memory.buffer), new Uint8Array(alone.memory.buffer));
    this.memory = this.memory.movedTo(alone.memory);
    this.wasm = alone;
    this.team = undefined;
  }

  /** Pointer to this many bytes, all 0. */
  private allocate(bytes: number): number {
    const pointer = this.memory.allocate(bytes);
    this.memory.int8(pointer, bytes).fill(0);
    return pointer;
  }
}

const COPIED_BYTES = 4096;

/** Copies to memory that is 0 what is not, so that pages that were never written stay so. */
function copyWritten(from: Uint8Array, to: Uint8Array): void {
  for (let at = 0; at < from.length; at += COPIED_BYTES) {
    const part = from.subarray(at, at + COPIED_BYTES);
    if (part.some((byte) => byte !== 0)) to.set(part, at);
  }
}

function fieldsOf(step: DenseStep<DenseLayer, Map16, Map32>): number[] {
  const place = ({ pointer, width, bytes }: Map16 | Map32) => [pointer, width * bytes] as const;
  const [operation, from, to] = [OPERATIONS[step.operation], place(step.from), place(step.to)];
  if (step.operation === 'rectify-input') return [operation, ...from, step.columns / PANEL, 0, 0, 0, ...to, step.shift];
  const { pairs, weights, bias, outputs, shift } = step.layer;
  return [operation, ...from, pairs, weights, bias, outputs, ...to, shift];
}
