/**
 * Fully connected layers in integers, for batches of positions: inputs and weights of 16 bits, sums of 32.
 *
 * Weights are so small that no sum overflows (src/model/pixel-bounds.ts), so sums are exact in any order.
 */
import { predictRows, Samples } from './samples';
import { lookAtRows, Surroundings } from './surroundings';

/** Outputs of a panel: weights are [outputs / 8][inputs / 2][8][2], inputs padded to an even number. */
const PANEL: usize = 8;

const STORE: usize = 0;
const RECTIFY: usize = 1;
const ADD: usize = 2;
const RECTIFY_INPUT: usize = 3;
const PREDICT: usize = 4;
const LOOK: usize = 5;

/** Largest activation. */
const MAX_ACTIVATION: i16 = 8191;

/** A layer of a program; the caller fills the 32-bit fields in this order. Strides are in bytes. */
@unmanaged
class Step {
  /**
   * STORE sums or ADD them to numbers of 32 bits, RECTIFY them to activations of 16, RECTIFY_INPUT of 32 bits alone; PREDICT samples
   * or LOOK at surroundings, to which input points.
   */
  operation: usize;
  input: usize;
  inputStride: usize;
  /** Pairs of inputs; without weights: groups of eight columns. */
  pairs: usize;
  weights: usize;
  bias: usize;
  /** A multiple of 8. */
  outputs: usize;
  output: usize;
  outputStride: usize;
  /** Sums are divided by 2^shift, at least 2, to the nearest, halves upward. */
  shift: i32;
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
    if (step.operation == PREDICT) predictRows(changetype<Samples>(step.input), first, count);
    else if (step.operation == LOOK) lookAtRows(changetype<Surroundings>(step.input), first, count);
    else if (step.operation == RECTIFY_INPUT) rectifyInput(step, input, count, output);
    else dense(step, input, count, output);
  }
}

/** output[count, outputs] = input[count, inputs] * weights + bias */
function dense(step: Step, input: usize, count: usize, output: usize): void {
  const pairs = step.pairs;
  const inputStride = step.inputStride;
  const outputStride = step.outputStride;
  const mode = step.operation;
  const shift = step.shift;
  const bytes: usize = mode == RECTIFY ? 2 : 4;
  for (let o: usize = 0; o < step.outputs; o += PANEL) {
    const panel = step.weights + o * pairs * 4;
    const bias = step.bias + o * 4;
    const to = output + o * bytes;
    let row: usize = 0;
    for (; row + 4 <= count; row += 4) {
      const from = input + row * inputStride;
      fourRows(from, inputStride, panel, bias, pairs, to + row * outputStride, outputStride, mode, shift);
    }
    for (; row < count; row++) {
      oneRow(input + row * inputStride, panel, bias, pairs, to + row * outputStride, mode, shift);
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
  pairs: usize,
  output: usize,
  outputStride: usize,
  mode: usize,
  shift: i32,
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
  const end = panel + pairs * 32;
  for (let at = panel; at < end; at += 32) {
    const w0 = v128.load(at);
    const w1 = v128.load(at, 16);
    let x = v128.load_splat<i32>(x0);
    s00 = i32x4.add(s00, i32x4.dot_i16x8_s(x, w0));
    s01 = i32x4.add(s01, i32x4.dot_i16x8_s(x, w1));
    x = v128.load_splat<i32>(x1);
    s10 = i32x4.add(s10, i32x4.dot_i16x8_s(x, w0));
    s11 = i32x4.add(s11, i32x4.dot_i16x8_s(x, w1));
    x = v128.load_splat<i32>(x2);
    s20 = i32x4.add(s20, i32x4.dot_i16x8_s(x, w0));
    s21 = i32x4.add(s21, i32x4.dot_i16x8_s(x, w1));
    x = v128.load_splat<i32>(x3);
    s30 = i32x4.add(s30, i32x4.dot_i16x8_s(x, w0));
    s31 = i32x4.add(s31, i32x4.dot_i16x8_s(x, w1));
    x0 += 4;
    x1 += 4;
    x2 += 4;
    x3 += 4;
  }
  finish(output, s00, s01, mode, shift);
  finish(output + outputStride, s10, s11, mode, shift);
  finish(output + 2 * outputStride, s20, s21, mode, shift);
  finish(output + 3 * outputStride, s30, s31, mode, shift);
}

// @ts-ignore: decorator
@inline
function oneRow(input: usize, panel: usize, bias: usize, pairs: usize, output: usize, mode: usize, shift: i32): void {
  let s0 = v128.load(bias);
  let s1 = v128.load(bias, 16);
  for (let i: usize = 0; i < pairs; i++) {
    const x = v128.load_splat<i32>(input + i * 4);
    s0 = i32x4.add(s0, i32x4.dot_i16x8_s(x, v128.load(panel + i * 32)));
    s1 = i32x4.add(s1, i32x4.dot_i16x8_s(x, v128.load(panel + i * 32, 16)));
  }
  finish(output, s0, s1, mode, shift);
}

// @ts-ignore: decorator
@inline
function finish(output: usize, s0: v128, s1: v128, mode: usize, shift: i32): void {
  s0 = shifted(s0, shift);
  s1 = shifted(s1, shift);
  if (mode == RECTIFY) {
    v128.store(output, activations(s0, s1));
    return;
  }
  if (mode == ADD) {
    s0 = i32x4.add(v128.load(output), s0);
    s1 = i32x4.add(v128.load(output, 16), s1);
  }
  v128.store(output, s0);
  v128.store(output, s1, 16);
}

/** value / 2^shift to the nearest, halves upward, where the sum with the half could overflow too. */
// @ts-ignore: decorator
@inline
function shifted(value: v128, shift: i32): v128 {
  const twice = i32x4.shr_s(value, shift - 1);
  return i32x4.shr_s(i32x4.add(twice, i32x4.splat(1)), 1);
}

// @ts-ignore: decorator
@inline
function activations(s0: v128, s1: v128): v128 {
  const positive = i16x8.max_s(i16x8.narrow_i32x4_s(s0, s1), i16x8.splat(0));
  return i16x8.min_s(positive, i16x8.splat(MAX_ACTIVATION));
}

/** Activations of numbers of 32 bits. */
function rectifyInput(step: Step, input: usize, count: usize, output: usize): void {
  const shift = step.shift;
  for (let row: usize = 0; row < count; row++) {
    const from = input + row * step.inputStride;
    const to = output + row * step.outputStride;
    for (let i: usize = 0; i < step.pairs * 32; i += 32) {
      const low = shifted(v128.load(from + i), shift);
      const high = shifted(v128.load(from + i, 16), shift);
      v128.store(to + i / 2, activations(low, high));
    }
  }
}
