/** Fully connected layers in plain TypeScript, with the bits of kernels/dense.ts: for machines without SIMD, and to check it. */
import { type DenseBackend, type DenseStep, type DenseWeights, padOutputs } from '../kernels/dense-backend.ts';

interface PlainMap {
  readonly values: Float32Array;
  readonly width: number;
}

type PlainStep = DenseStep<DenseWeights, PlainMap>;

export class PlainDense implements DenseBackend<DenseWeights, PlainMap, readonly PlainStep[]> {
  addLayer(layer: DenseWeights): DenseWeights {
    return layer;
  }

  addMap(rows: number, width: number): PlainMap {
    return { values: new Float32Array(rows * width), width };
  }

  addProgram(steps: readonly PlainStep[]): readonly PlainStep[] {
    return steps;
  }

  rows({ values, width }: PlainMap, count: number): Float32Array {
    return values.subarray(0, count * width);
  }

  run(steps: readonly PlainStep[], count: number): void {
    for (const step of steps) {
      for (let row = 0; row < count; row++) {
        const [from, to] = [step.from, step.to].map(({ values, width }) => values.subarray(row * width));
        runStep(step, from!, to!);
      }
    }
  }
}

function runStep(step: PlainStep, from: Float32Array, to: Float32Array): void {
  if (step.operation === 'rectify-input') {
    for (let i = 0; i < step.columns; i++) to[i] = Math.max(from[i]!, 0);
    return;
  }
  const { outputs } = step.layer;
  for (let output = 0; output < outputs; output++) {
    const sum = sumOf(step.layer, from, output);
    if (step.operation === 'add') to[output] = to[output]! + sum;
    else to[output] = step.operation === 'rectify' ? Math.max(sum, 0) : sum;
  }
  if (step.operation !== 'add') to.fill(0, outputs, padOutputs(outputs));
}

/** Bias first, then the inputs in their order; every product and every sum is rounded to float32. */
function sumOf({ inputs, outputs, weights, bias }: DenseWeights, from: Float32Array, output: number): number {
  let sum = bias[output]!;
  for (let i = 0; i < inputs; i++) sum = Math.fround(sum + Math.fround(from[i]! * weights[i * outputs + output]!));
  return sum;
}
