/**
 * What samples of absorbing diffusion are coded by, for batches: mixtures from the network's outputs (src/absorbing/pixel-mixture.ts),
 * moved as the image so far says (src/absorbing/adaptation.ts), and where they are asked for the starts of the values around the mean.
 *
 * Doubles with + - * /, square root and floor, each with the one result that it has there.
 */

import { Colours, weighRow } from './colours';

/** Table of the standard normal distribution: entries, and the one of 0. */
const LAST_INDEX: i32 = 24576;
const ZERO_INDEX: f64 = 12288;
const NUM_SCALES: i32 = 256;
const TOTAL: i32 = 1 << 20;
const NUM_VALUES: i32 = 256;
const SHARE: f64 = (1048576.0 - 256.0) / 1048576.0;
const ROUNDING_VARIANCE: f64 = 1.0 / 12.0;
const MAX_MEAN16: f64 = 131072;
/** Steps below the heaviest component, at most. */
const LEAST_WEIGHT: i32 = 320;

const ADDED_VARIANCE: f64 = 1;
const DIFFERENCE_SHARE: f64 = 0.3;
const MAX_INPUT: f64 = 12;
const NUM_DEVIATIONS: i32 = 6;
const LEAST_DEVIATION: f64 = 0.25;
const NUM_ENERGIES: i32 = 4;
const DEVIATIONS: f64 = 2.5;
const MAX_HALF: f64 = 24;
/** Starts of a row: of a window's values and of the one after it, in pairs. */
const ROW_STARTS: usize = 50;
/** 2^52 */
const INTEGER_UNIT: f64 = 4503599627370496;

/** Pointers to rows of a batch and to tables; the caller fills the 32-bit fields in this order. */
@unmanaged
export class Samples {
  /** [rows, outputWidth] int32, of which 3 * components count. */
  outputs: usize;
  outputWidth: usize;
  components: usize;
  /** Channel in the order of coding, and how many there are. */
  plane: usize;
  planes: usize;
  /** 1 where windows are wanted with the starts of their values, 0 where they are not read. */
  fills: usize;
  /** A sample has so many differences and errors of each plane, and its planes. */
  near: usize;
  /** [rows] f64 */
  bases: usize;
  spreads: usize;
  units: usize;
  /** [rows, 2 * near * planes] f64: differences and errors as they are. */
  inputs: usize;
  /** [rows, size] f64: the inputs in units, written with the first plane, and the errors of the planes. */
  samples: usize;
  /** [rows, planes] f64 */
  energies: usize;
  /** [size, 2] f64: of the plane, of both regressions. */
  weights: usize;
  /** [3] f64: of the plane's experts. */
  trusts: usize;
  /** [classes] int32: steps of the plane's classes. */
  classSteps: usize;
  /** [24577] int32; [256] f64, [256] f64, [255] f64, [16] f64. */
  cdf: usize;
  tableSteps: usize;
  sigmas: usize;
  thresholds: usize;
  roots: usize;
  /** [rows, components] f64: means times 16, scales and weights. */
  means16: usize;
  scales: usize;
  shares: usize;
  /** [rows, 8] f64: mean, deviation, shifts of both regressions, step and class; and the moves of mean and scale. */
  facts: usize;
  /** [rows, 52] int32: first value, count, starts. */
  windows: usize;
  /** Colours that weigh windows, or 0. */
  colours: usize;
  /** [rows, 50] f64: what starts come from. */
  sums: usize;
}

export function predictRows(s: Samples, first: usize, count: usize): void {
  for (let row = first; row < first + count; row++) predictRow(s, row);
}

function predictRow(s: Samples, row: usize): void {
  const facts = s.facts + row * 64;
  setMixture(s, row, facts);
  const deviation = load<f64>(facts, 8);
  if (s.plane == 0) measure(s, row, deviation);
  adapt(s, row, facts, deviation);
  if (s.fills == 0) return;
  setWindow(s, row, facts, deviation);
  if (s.colours != 0) weighRow(changetype<Colours>(s.colours), row, s.plane, s.windows + row * 208);
}

// @ts-ignore: decorator
@inline
function toSteps(output: i32): i32 {
  return Math.floor((output as f64) / 256.0 + 0.5) as i32;
}

function setMixture(s: Samples, row: usize, facts: usize): void {
  const components = s.components;
  const outputs = s.outputs + row * s.outputWidth * 4;
  const octaves = outputs + components * 4;
  const logits = octaves + components * 4;
  const means16 = s.means16 + row * components * 8;
  const scales = s.scales + row * components * 8;
  const shares = s.shares + row * components * 8;
  let most = i32.MIN_VALUE;
  for (let k: usize = 0; k < components; k++) most = max<i32>(most, toSteps(load<i32>(logits + k * 4)));
  let total: f64 = 0;
  for (let k: usize = 0; k < components; k++) {
    const share = octaveFraction(s, min<i32>(most - toSteps(load<i32>(logits + k * 4)), LEAST_WEIGHT));
    store<f64>(shares + k * 8, share);
    total += share;
  }
  const spread = load<f64>(s.spreads + row * 8);
  const base = 16.0 * load<f64>(s.bases + row * 8);
  const spreadScale = scaleIndexForVariance(s, spread * spread);
  let sum: f64 = 0;
  for (let k: usize = 0; k < components; k++) {
    const offset = load<i32>(outputs + k * 4) as f64;
    const mean16 = Math.floor(base + (spread * offset) / 256.0 + 0.5);
    const scale = spreadScale + toSteps(load<i32>(octaves + k * 4));
    const share = load<f64>(shares + k * 8) / total;
    const clamped = min<f64>(max<f64>(mean16, -MAX_MEAN16), MAX_MEAN16);
    store<f64>(means16 + k * 8, clamped);
    store<f64>(scales + k * 8, min<i32>(max<i32>(scale, 0), NUM_SCALES - 1) as f64);
    store<f64>(shares + k * 8, share);
    sum += share * clamped;
  }
  const mean = sum / 16.0;
  let variance = ROUNDING_VARIANCE;
  for (let k: usize = 0; k < components; k++) {
    const sigma = load<f64>(s.sigmas + ((load<f64>(scales + k * 8) as usize) << 3));
    const distance = load<f64>(means16 + k * 8) / 16.0 - mean;
    variance += load<f64>(shares + k * 8) * (sigma * sigma + distance * distance);
  }
  store<f64>(facts, mean);
  store<f64>(facts, Math.sqrt(variance), 8);
}

/** 2^(-sixteenths / 16). */
// @ts-ignore: decorator
@inline
function octaveFraction(s: Samples, sixteenths: i32): f64 {
  const root = load<f64>(s.roots + ((((-sixteenths) & 15) as usize) << 3));
  return root / ((1 << ((sixteenths + 15) >> 4)) as f64);
}

function scaleIndexForVariance(s: Samples, variance: f64): i32 {
  let scale = 0;
  for (let stride = NUM_SCALES / 2; stride >= 1; stride >>= 1) {
    if (variance >= load<f64>(s.thresholds + (((scale + stride - 1) as usize) << 3))) scale += stride;
  }
  return scale;
}

// @ts-ignore: decorator
@inline
function within(value: f64, limit: f64): f64 {
  return min<f64>(max<f64>(value, -limit), limit);
}

/** Writes the inputs of a sample in units. */
function measure(s: Samples, row: usize, deviation: f64): void {
  const planes = s.planes;
  const half: usize = s.near * planes;
  const inputs = s.inputs + row * 2 * half * 8;
  const sample = s.samples + row * (2 * half + planes) * 8;
  const unit = Math.sqrt(deviation * deviation + ADDED_VARIANCE);
  store<f64>(s.units + row * 8, unit);
  for (let k: usize = 0; k < half; k++) {
    const difference = load<f64>(inputs + k * 8);
    store<f64>(sample + k * 8, within((DIFFERENCE_SHARE * difference) / unit, MAX_INPUT));
  }
  for (let k: usize = half; k < 2 * half; k++) {
    store<f64>(sample + k * 8, within(load<f64>(inputs + k * 8) / unit, MAX_INPUT));
  }
}

function adapt(s: Samples, row: usize, facts: usize, deviation: f64): void {
  const planes = s.planes;
  const size: usize = 2 * s.near * planes + planes;
  const energy = load<f64>(s.energies + (row * planes + s.plane) * 8) / (deviation * deviation);
  const index = classOf(deviation, energy);
  const step = load<i32>(s.classSteps + ((index as usize) << 2));
  const sample = s.samples + row * size * 8;
  const weights = s.weights;
  const count: usize = size - planes + s.plane;
  let sums = f64x2.splat(0);
  for (let i: usize = 0; i < count; i++) {
    sums = f64x2.add(sums, f64x2.mul(v128.load(weights + i * 16), v128.load_splat<f64>(sample + i * 8)));
  }
  const unit = load<f64>(s.units + row * 8);
  const long = Math.floor(16.0 * within(f64x2.extract_lane(sums, 0) * unit, deviation) + 0.5);
  const short = Math.floor(16.0 * within(f64x2.extract_lane(sums, 1) * unit, deviation) + 0.5);
  const trust1 = load<f64>(s.trusts, 8);
  const trust2 = load<f64>(s.trusts, 16);
  store<f64>(facts, long, 16);
  store<f64>(facts, short, 24);
  store<f64>(facts, step as f64, 32);
  store<f64>(facts, index as f64, 40);
  store<f64>(facts, Math.floor(trust1 * long + trust2 * short + 0.5), 48);
  store<f64>(facts, Math.floor(trust1 * (step as f64) + trust2 * (step as f64) + 0.5), 56);
}

/** A class among those of a plane. */
function classOf(deviation: f64, energy: f64): i32 {
  let octave = 0;
  for (let end = 2 * LEAST_DEVIATION; octave < NUM_DEVIATIONS - 1 && deviation >= end; end *= 2) octave++;
  const level = (energy >= 1.0 ? 1 : 0) + (energy >= 3.0 ? 1 : 0) + (energy >= 7.0 ? 1 : 0);
  return octave * NUM_ENERGIES + level;
}

/** The window around the moved mean, and the starts of its values. */
function setWindow(s: Samples, row: usize, facts: usize, deviation: f64): void {
  const components = s.components;
  const shift16 = load<f64>(facts, 48);
  const step = load<f64>(facts, 56) as i32;
  const half = min<f64>(Math.ceil(DEVIATIONS * deviation) + 1, MAX_HALF) as i32;
  const rounded = Math.floor(load<f64>(facts) + shift16 / 16.0 + 0.5);
  const centre = min<f64>(max<f64>(rounded, 0), NUM_VALUES - 1) as i32;
  const first = max<i32>(centre - half, 0);
  const count = min<i32>(centre + half, NUM_VALUES - 1) - first + 1;
  const window = s.windows + row * (ROW_STARTS + 2) * 4;
  store<i32>(window, first);
  store<i32>(window, count, 4);
  const starts = window + 8;
  const means16 = s.means16 + row * components * 8;
  const scales = s.scales + row * components * 8;
  const shares = s.shares + row * components * 8;
  const sums = s.sums + row * ROW_STARTS * 8;
  const edges = f64x2.replace_lane(f64x2.splat((16 * first - 8) as f64), 1, (16 * first + 8) as f64);
  for (let k: usize = 0; k < components; k++) {
    const scale = min<i32>(max<i32>((load<f64>(scales + k * 8) as i32) + step, 0), NUM_SCALES - 1);
    const mean = f64x2.splat(load<f64>(means16 + k * 8) + shift16);
    const tableSteps = v128.load_splat<f64>(s.tableSteps + ((scale as usize) << 3));
    addComponent(s.cdf, sums, count, edges, mean, tableSteps, v128.load_splat<f64>(shares + k * 8), k == 0);
  }
  writeStarts(sums, starts, first, count);
}

/** Adds what lies below the edges of a window, in pairs, by one component times its share. */
// @ts-ignore: decorator
@inline
function addComponent(
  cdf: usize,
  sums: usize,
  count: i32,
  firstEdges: v128,
  mean: v128,
  tableSteps: v128,
  share: v128,
  isFirst: bool,
): void {
  const zero = f64x2.splat(ZERO_INDEX + 0.5);
  const least = f64x2.splat(0);
  const most = f64x2.splat(LAST_INDEX as f64);
  const unit = f64x2.splat(INTEGER_UNIT);
  const next = f64x2.splat(32);
  let edges = firstEdges;
  for (let i = 0; i <= count; i += 2) {
    const place = f64x2.add(f64x2.mul(f64x2.sub(edges, mean), tableSteps), zero);
    // Whole numbers of this size are the low bits of the double.
    const index = f64x2.add(f64x2.floor(f64x2.pmin(f64x2.pmax(place, least), most)), unit);
    const low = v128.load32_zero(cdf + ((i32x4.extract_lane(index, 0) as usize) << 2));
    const both = v128.load_lane<i32>(cdf + ((i32x4.extract_lane(index, 2) as usize) << 2), low, 1);
    const part = f64x2.mul(share, f64x2.convert_low_i32x4_s(both));
    const at = sums + ((i as usize) << 3);
    v128.store(at, isFirst ? part : f64x2.add(v128.load(at), part));
    edges = f64x2.add(edges, next);
  }
}

/** From sums to starts of 2^20, each value's own 1 counted, in pairs. */
// @ts-ignore: decorator
@inline
function writeStarts(sums: usize, starts: usize, first: i32, count: i32): void {
  const total = f64x2.splat(TOTAL as f64);
  const share = f64x2.splat(SHARE);
  let values = i32x4(first, first + 1, 0, 0);
  for (let i = 0; i <= count; i += 2) {
    const parts = f64x2.mul(f64x2.pmin(v128.load(sums + ((i as usize) << 3)), total), share);
    const pair = i32x4.add(i32x4.trunc_sat_f64x2_s_zero(parts), values);
    v128.store_lane<i64>(starts + ((i as usize) << 2), pair, 0);
    values = i32x4.add(values, i32x4.splat(2));
  }
  if (first == 0) store<i32>(starts, 0);
  if (first + count == NUM_VALUES) store<i32>(starts + ((count as usize) << 2), TOTAL);
}
