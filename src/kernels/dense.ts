/** Wrapper of kernels/dense.wasm: memory layout; the arithmetic is in the binary. */
import { type DenseBackend, type DenseStep, type DenseWeights, PANEL, padOutputs } from './dense-backend.ts';
import { type DenseExports, loadDense, type SharedDense } from './load.ts';
import { KernelMemory } from './memory.ts';
import { HelperLostError, Team } from './team.ts';

const FLOAT_BYTES = 4;
/** 32-bit fields of Step and Program in kernels/dense.ts. */
const STEP_FIELDS = 9;
const PROGRAM_FIELDS = 4;
/** Operations of a step by their numbers in the kernel. */
const OPERATIONS = { store: 0, rectify: 1, add: 2, 'rectify-input': 3 } as const;
/** Rows of a chunk: a multiple of 4, as many as the cache holds beside a panel of weights. */
const ROWS_AT_ONCE = 16;
/** Rows of a batch that threads share: of fewer, starting them costs more than they save. */
const MIN_SHARED = 2 * ROWS_AT_ONCE;

/** A layer whose weights are in the kernel's memory. */
interface DenseLayer {
  readonly inputs: number;
  /** Padded to panels. */
  readonly outputs: number;
  readonly weights: number;
  readonly bias: number;
}

interface DenseMap {
  readonly pointer: number;
  readonly width: number;
}

interface DenseProgram {
  readonly steps: number;
  readonly count: number;
}

export class DenseKernel implements DenseBackend<DenseLayer, DenseMap, DenseProgram> {
  private wasm: DenseExports;
  private memory: KernelMemory;
  private team: Team | undefined;
  /** The program that is run. */
  private readonly job: number;

  /** @param threads above 1, rows of large batches are shared with helpers, if the kernel's memory can be */
  constructor(wasm: DenseExports | SharedDense, threads = 1) {
    this.wasm = wasm;
    this.memory = new KernelMemory(wasm.memory);
    this.job = this.memory.allocate(PROGRAM_FIELDS * 4);
    if (threads > 1 && 'lead' in wasm) {
      const helpers = Array.from({ length: threads - 1 }, () => 0);
      this.team = new Team(wasm, this.memory, this.job, helpers);
    }
  }

  /** Weights are [outputs / 8][inputs][8] in the kernel's memory, with zeros in the padding. */
  addLayer({ inputs, outputs, weights, bias }: DenseWeights): DenseLayer {
    const padded = padOutputs(outputs);
    const [panelsPointer, biasPointer] = [this.allocate(inputs * padded), this.allocate(padded)];
    const panels = this.memory.float32(panelsPointer, inputs * padded);
    for (let output = 0; output < outputs; output++) {
      const panel = (output - (output % PANEL)) * inputs + (output % PANEL);
      for (let input = 0; input < inputs; input++) panels[panel + input * PANEL] = weights[input * outputs + output]!;
    }
    this.memory.float32(biasPointer, outputs).set(bias);
    return { inputs, outputs: padded, weights: panelsPointer, bias: biasPointer };
  }

  addMap(rows: number, width: number): DenseMap {
    return { pointer: this.allocate(rows * width), width };
  }

  addProgram(steps: readonly DenseStep<DenseLayer, DenseMap>[]): DenseProgram {
    const pointer = this.memory.allocate(steps.length * STEP_FIELDS * 4);
    this.memory.int32(pointer, steps.length * STEP_FIELDS).set(steps.flatMap(fieldsOf));
    return { steps: pointer, count: steps.length };
  }

  rows({ pointer, width }: DenseMap, count: number): Float32Array {
    return this.memory.float32(pointer, count * width);
  }

  run({ steps, count }: DenseProgram, rows: number): void {
    this.memory.int32(this.job, PROGRAM_FIELDS).set([steps, count, rows, ROWS_AT_ONCE]);
    if (!this.runTogether(rows)) this.wasm.run(this.job);
  }

  /** Returns false where nobody helps, or a helper was lost. */
  private runTogether(rows: number): boolean {
    if (this.team === undefined || rows < MIN_SHARED) return false;
    try {
      this.team.lead(0);
      return true;
    } catch (error) {
      if (!(error instanceof HelperLostError)) throw error;
      this.leaveTeam();
      return false;
    }
  }

  /** Goes on alone, in a copy of the memory: the lost thread may yet write into the old one. */
  private leaveTeam(): void {
    const alone = loadDense()!;
    const pages = (this.wasm.memory.buffer.byteLength - alone.memory.buffer.byteLength) / 65536;
    alone.memory.grow(pages);
    new Uint8Array(alone.memory.buffer).set(new Uint8Array(this.wasm.memory.buffer));
    this.memory = this.memory.movedTo(alone.memory);
    this.wasm = alone;
    this.team = undefined;
  }

  /** Pointer to this many floats, all 0. */
  private allocate(floats: number): number {
    const pointer = this.memory.allocate(floats * FLOAT_BYTES);
    this.memory.float32(pointer, floats).fill(0);
    return pointer;
  }
}

function fieldsOf(step: DenseStep<DenseLayer, DenseMap>): number[] {
  const [from, to] = [step.from, step.to].map(({ pointer, width }) => [pointer, width * FLOAT_BYTES]) as [
    number[],
    number[],
  ];
  const operation = OPERATIONS[step.operation];
  if (step.operation === 'rectify-input') return [operation, ...from, step.columns, 0, 0, 0, ...to];
  const { inputs, weights, bias, outputs } = step.layer;
  return [operation, ...from, inputs, weights, bias, outputs, ...to];
}
