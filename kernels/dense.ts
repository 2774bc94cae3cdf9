/**
 * Fully connected layers in float32, for batches of positions.
 *
 * Every sum begins with its bias and takes the inputs in their order, one multiplication and one addition each, both rounded, so
 * that its bits depend neither on the batch nor on the machine: WebAssembly has no other result for them.
 */

/** Outputs of a panel: weights are [outputs / 8][inputs][8]. */
const PANEL: usize = 8;

const RECTIFY: usize = 1;
const ADD: usize = 2;
const RECTIFY_INPUT: usize = 3;

/** A layer of a program; the caller fills the 32-bit fields in this order. Strides are in bytes. */
@unmanaged
class Step {
  /** STORE, RECTIFY or ADD the sums, or RECTIFY_INPUT alone. */
  operation: usize;
  input: usize;
  inputStride: usize;
  /** Of no weights: columns. */
  inputs: usize;
  weights: usize;
  bias: usize;
  /** A multiple of 8. */
  outputs: usize;
  output: usize;
  outputStride: usize;
}

/** Layers one after the other, for a batch of rows, which know nothing of each other. */
@unmanaged
export class Program {
  steps: usize;
  stepCount: usize;
  rows: usize;
  /** Rows of a chunk. */
  rowsAtOnce: usize;

  @inline
  chunks(): i32 {
    return ((this.rows + this.rowsAtOnce - 1) / this.rowsAtOnce) as i32;
  }

  @inline
  runChunk(chunk: i32, _workspace: usize): void {
    const first = (chunk as usize) * this.rowsAtOnce;
    runRows(this, first, min<usize>(this.rowsAtOnce, this.rows - first));
  }
}

/** Computes all rows of a program. */
export function run(program: Program): void {
  for (let chunk = 0; chunk < program.chunks(); chunk++) program.runChunk(chunk, 0);
}

function runRows(program: Program, first: usize, count: usize): void {
  for (let i: usize = 0; i < program.stepCount; i++) {
    const step = changetype<Step>(program.steps + i * offsetof<Step>());
    const input = step.input + first * step.inputStride;
    const output = step.output + first * step.outputStride;
    if (step.operation == RECTIFY_INPUT) rectify(step, input, count, output);
    else dense(step, input, count, output);
  }
}

/** output[count, outputs] = input[count, inputs] * weights + bias */
function dense(step: Step, input: usize, count: usize, output: usize): void {
  const inputs = step.inputs;
  const inputStride = step.inputStride;
  const outputStride = step.outputStride;
  const mode = step.operation;
  for (let o: usize = 0; o < step.outputs; o += PANEL) {
    const panel = step.weights + o * inputs * 4;
    const bias = step.bias + o * 4;
    const to = output + o * 4;
    let row: usize = 0;
    for (; row + 4 <= count; row += 4) {
      const from = input + row * inputStride;
      fourRows(from, inputStride, panel, bias, inputs, to + row * outputStride, outputStride, mode);
    }
    for (; row < count; row++) {
      oneRow(input + row * inputStride, panel, bias, inputs, to + row * outputStride, mode);
    }
  }
}

/** 4 rows x 8 outputs: eight sums, two weights and an input fit the 16 vector registers of x86-64. */
// @ts-ignore: decorator
@inline
function fourRows(
  input: usize,
  stride: usize,
  panel: usize,
  bias: usize,
  inputs: usize,
  output: usize,
  outputStride: usize,
  mode: usize,
): void {
  let s00 = v128.load(bias);
  let s01 = v128.load(bias, 16);
  let s10 = s00;
  let s11 = s01;
  let s20 = s00;
  let s21 = s01;
  let s30 = s00;
  let s31 = s01;
  let x0 = input;
  let x1 = x0 + stride;
  let x2 = x1 + stride;
  let x3 = x2 + stride;
  const end = panel + inputs * 32;
  for (let at = panel; at < end; at += 32) {
    const w0 = v128.load(at);
    const w1 = v128.load(at, 16);
    let x = v128.load_splat<f32>(x0);
    s00 = f32x4.add(s00, f32x4.mul(x, w0));
    s01 = f32x4.add(s01, f32x4.mul(x, w1));
    x = v128.load_splat<f32>(x1);
    s10 = f32x4.add(s10, f32x4.mul(x, w0));
    s11 = f32x4.add(s11, f32x4.mul(x, w1));
    x = v128.load_splat<f32>(x2);
    s20 = f32x4.add(s20, f32x4.mul(x, w0));
    s21 = f32x4.add(s21, f32x4.mul(x, w1));
    x = v128.load_splat<f32>(x3);
    s30 = f32x4.add(s30, f32x4.mul(x, w0));
    s31 = f32x4.add(s31, f32x4.mul(x, w1));
    x0 += 4;
    x1 += 4;
    x2 += 4;
    x3 += 4;
  }
  finish(output, s00, s01, mode);
  finish(output + outputStride, s10, s11, mode);
  finish(output + 2 * outputStride, s20, s21, mode);
  finish(output + 3 * outputStride, s30, s31, mode);
}

// @ts-ignore: decorator
@inline
function oneRow(input: usize, panel: usize, bias: usize, inputs: usize, output: usize, mode: usize): void {
  let s0 = v128.load(bias);
  let s1 = v128.load(bias, 16);
  for (let i: usize = 0; i < inputs; i++) {
    const x = v128.load_splat<f32>(input + i * 4);
    s0 = f32x4.add(s0, f32x4.mul(x, v128.load(panel + i * 32)));
    s1 = f32x4.add(s1, f32x4.mul(x, v128.load(panel + i * 32, 16)));
  }
  finish(output, s0, s1, mode);
}

// @ts-ignore: decorator
@inline
function finish(output: usize, s0: v128, s1: v128, mode: usize): void {
  if (mode == RECTIFY) {
    s0 = f32x4.max(s0, f32x4.splat(0));
    s1 = f32x4.max(s1, f32x4.splat(0));
  } else if (mode == ADD) {
    s0 = f32x4.add(v128.load(output), s0);
    s1 = f32x4.add(v128.load(output, 16), s1);
  }
  v128.store(output, s0);
  v128.store(output, s1, 16);
}

/** What of the inputs is above 0. */
function rectify(step: Step, input: usize, count: usize, output: usize): void {
  for (let row: usize = 0; row < count; row++) {
    for (let i: usize = 0; i < step.inputs * 4; i += 16) {
      const value = v128.load(input + row * step.inputStride + i);
      v128.store(output + row * step.outputStride + i, f32x4.max(value, f32x4.splat(0)));
    }
  }
}
