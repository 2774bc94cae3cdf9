/** Fully connected layers in plain TypeScript, with the integers of kernels/dense.ts: for machines without SIMD, and to check it. */
import {
  type DenseBackend,
  type DenseColumns,
  type DenseStep,
  type DenseWeights,
  MAX_ACTIVATION,
  padOutputs,
} from '../kernels/dense-backend.ts';

interface PlainMap<Columns> {
  readonly values: Columns;
  readonly width: number;
}

type Map16 = PlainMap<Int16Array>;
type Map32 = PlainMap<Int32Array>;
type PlainStep = DenseStep<DenseWeights, Map16, Map32>;

export class PlainDense implements DenseBackend<DenseWeights, Map16, Map32, readonly PlainStep[]> {
  addLayer(layer: DenseWeights): DenseWeights {
    return layer;
  }

  addMap16(rows: number, width: number): Map16 {
    return { values: new Int16Array(rows * width), width };
  }

  addMap32(rows: number, width: number): Map32 {
    return { values: new Int32Array(rows * width), width };
  }

  addProgram(steps: readonly PlainStep[]): readonly PlainStep[] {
    return steps;
  }

  rows16({ values, width }: Map16, count: number): Int16Array {
    return values.subarray(0, count * width);
  }

  rows32({ values, width }: Map32, count: number): Int32Array {
    return values.subarray(0, count * width);
  }

  begin(steps: readonly PlainStep[], count: number): void {
    for (const step of steps) {
      for (let row = 0; row < count; row++) runStep(step, rowOf(step.from, row), rowOf(step.to, row));
    }
  }

  finish(): void {}
}

const rowOf = ({ values, width }: Map16 | Map32, row: number): DenseColumns =>
  values.subarray(row * width, (row + 1) * width);

function runStep(step: PlainStep, from: DenseColumns, to: DenseColumns): void {
  if (step.operation === 'rectify-input') {
    for (let i = 0; i < step.columns; i++) to[i] = activation(rounded(from[i]!, step.shift));
    return;
  }
  const { outputs, shift } = step.layer;
  for (let output = 0; output < outputs; output++) {
    const sum = rounded(sumOf(step.layer, from, output), shift[0]!);
    if (step.operation === 'add') to[output] = to[output]! + sum;
    else to[output] = step.operation === 'rectify' ? activation(sum) : sum;
  }
  if (step.operation !== 'add') to.fill(0, outputs, padOutputs(outputs));
}

const activation = (value: number): number => Math.min(Math.max(value, 0), MAX_ACTIVATION);

/** value / 2^shift to the nearest, halves upward. */
const rounded = (value: number, shift: number): number => ((value >> (shift - 1)) + 1) >> 1;

function sumOf({ inputs, outputs, weights, bias }: DenseWeights, from: DenseColumns, output: number): number {
  let sum = bias[output]!;
  for (let i = 0; i < inputs; i++) sum += from[i]! * weights[i * outputs + output]!;
  return sum;
}
