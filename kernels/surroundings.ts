/**
 * What surrounds pixels of an image, for batches: what the network sees of them (src/absorbing/neighbourhood.ts), and the differences
 * and errors of near neighbours that regressions see (src/absorbing/surroundings.ts).
 *
 * Of each row only the columns just behind its foremost pixel are ever asked for. Rows advance together, so the last columns of some
 * rows are all that is kept.
 *
 * Doubles with + - * / and floor, each with the one result that it has there.
 */

const CHANNELS: usize = 3;
/** Columns that each row lies behind the one above it. */
export const SLOPE: i32 = 5;
const ROW_MASK: i32 = 16383;
/** Columns that are kept of pixels, twice in a row so that neighbours follow each other, and of errors. */
const PIXEL_MASK: i32 = 31;
const PIXEL_ROW_BYTES: usize = 192;
const ERROR_MASK: i32 = 15;
const ERROR_ROW_BYTES: usize = 192;

/** Rows above that are seen, and columns to the left and right. */
const ROWS_UP: i32 = 4;
const REACH: i32 = 4;
const FIRST_PREDICTION: i32 = 128;
const LEAST_SUM: i32 = 8;
const NUM_NEAR: i32 = 6;
const NUM_DIFFERENCES: usize = 90;
/** Inputs and what pads them. */
const NUM_INPUTS: usize = 128;
const EDGE: i32 = 4;
const NUM_SPREADS: i32 = 10;
const UNIT: i32 = 256;
const MAX_DIVIDED: f64 = 1536;
const END: i32 = 16;
/** Its sum with a small integer has that as its last 32 bits. */
const INTEGER_MAGIC: f64 = 6755399441055744;

/** Pointers to what is kept of an image and to rows of a batch; the caller fills the 32-bit fields in this order. */
@unmanaged
export class Surroundings {
  /** [16384, 2, 32, 3] uint8: samples by row and column, modulo. */
  pixels: usize;
  /** [16384, 16, planes] f32, rows padded to 192 bytes. */
  errors: usize;
  /** Uppermost pixel of the batch; the next ones lie a row below and SLOPE columns to the left. */
  row: i32;
  column: i32;
  width: i32;
  planes: usize;
  /** [rows, 128] int16, written as all that follows. */
  inputs: usize;
  /** [rows] f64 */
  spreads: usize;
  bases: usize;
  /** [rows, 3] int32, green, red, blue. */
  predictions: usize;
  /** [rows, 2, 6, planes] f64: differences and errors of near neighbours. */
  near: usize;
  /** [rows, planes] f64 */
  energies: usize;
}

export function lookAtRows(s: Surroundings, first: usize, count: usize): void {
  for (let row = first; row < first + count; row++) lookAt(s, row);
}

function lookAt(s: Surroundings, i: usize): void {
  const row = s.row + (i as i32);
  const column = s.column - SLOPE * (i as i32);
  const red = predict(s, row, column, 0);
  const green = predict(s, row, column, 1);
  const blue = predict(s, row, column, 2);
  const predictions = s.predictions + i * 12;
  store<i32>(predictions, green);
  store<i32>(predictions, red, 4);
  store<i32>(predictions, blue, 8);
  store<f64>(s.bases + i * 8, green as f64);

  const inputs = s.inputs + i * NUM_INPUTS * 2;
  const isInner = row >= ROWS_UP && column >= REACH && column < s.width - REACH;
  if (isInner) writeInner(s, row, column, red, green, blue, inputs);
  else writeBorder(s, row, column, red, green, blue, inputs);
  const sum = LEAST_SUM + writeNear(s, i, row, column, inputs);
  const spread = (sum as f64) / ((CHANNELS * NUM_NEAR) as f64);
  store<f64>(s.spreads + i * 8, spread);
  divide(inputs, (UNIT as f64) / spread);
  writeOthers(s, row, column, sum, spread, red, green, blue, inputs);
}

/** Pointer to the samples of a pixel, red, green, blue. */
// @ts-ignore: decorator
@inline
export function pixelAt(s: Surroundings, row: i32, column: i32): usize {
  return s.pixels + ((row & ROW_MASK) as usize) * PIXEL_ROW_BYTES + ((column & PIXEL_MASK) as usize) * CHANNELS;
}

function predict(s: Surroundings, row: i32, column: i32, channel: usize): i32 {
  if (row == 0 && column == 0) return FIRST_PREDICTION;
  const left = load<u8>(pixelAt(s, row, column - 1) + channel) as i32;
  if (row == 0) return left;
  const above = load<u8>(pixelAt(s, row - 1, column) + channel) as i32;
  if (column == 0) return above;
  const corner = load<u8>(pixelAt(s, row - 1, column - 1) + channel) as i32;
  const least = min<i32>(left, above);
  const most = max<i32>(left, above);
  if (corner >= most) return least;
  return corner <= least ? most : left + above - corner;
}

/**
 * Writes the differences of all neighbours, row by row from above. What is written beyond the end of a row's the next row overwrites,
 * and the other inputs what is beyond all of them.
 */
function writeInner(s: Surroundings, row: i32, column: i32, red: i32, green: i32, blue: i32, inputs: usize): void {
  const colour = i16x8(red as i16, green as i16, blue as i16, 0, 0, 0, 0, 0);
  const first = v128.shuffle<i16>(colour, colour, 0, 1, 2, 0, 1, 2, 0, 1);
  const second = v128.shuffle<i16>(colour, colour, 2, 0, 1, 2, 0, 1, 2, 0);
  const third = v128.shuffle<i16>(colour, colour, 1, 2, 0, 1, 2, 0, 1, 2);
  let from = pixelAt(s, row - 4, column - 1);
  subtract(from, first, inputs);
  subtract(from + 8, second, inputs + 16);
  from = pixelAt(s, row - 3, column - 3);
  subtract(from, first, inputs + 18);
  subtract(from + 8, second, inputs + 34);
  subtract(from + 16, third, inputs + 50);
  from = pixelAt(s, row - 2, column - 3);
  subtract(from, first, inputs + 60);
  subtract(from + 8, second, inputs + 76);
  subtract(from + 16, third, inputs + 92);
  from = pixelAt(s, row - 1, column - 4);
  subtract(from, first, inputs + 102);
  subtract(from + 8, second, inputs + 118);
  subtract(from + 16, third, inputs + 134);
  subtract(from + 24, first, inputs + 150);
  from = pixelAt(s, row, column - 4);
  subtract(from, first, inputs + 156);
  subtract(from + 8, second, inputs + 172);
}

// @ts-ignore: decorator
@inline
function subtract(from: usize, prediction: v128, to: usize): void {
  v128.store(to, i16x8.sub(v128.load8x8_u(from), prediction));
}

/** The same where some neighbours are outside of the image: their differences are 0. */
function writeBorder(s: Surroundings, row: i32, column: i32, red: i32, green: i32, blue: i32, inputs: usize): void {
  let to = inputs;
  for (let up = ROWS_UP; up >= 0; up--) {
    const reach = up == 4 ? 1 : up >= 2 ? 3 : REACH;
    const last = up == 0 ? -1 : reach;
    for (let d = -reach; d <= last; d++) {
      const isInside = row >= up && column + d >= 0 && column + d < s.width;
      const from = pixelAt(s, row - up, column + d);
      store<i16>(to, isInside ? (load<u8>(from) as i32) - red : 0);
      store<i16>(to, isInside ? (load<u8>(from, 1) as i32) - green : 0, 2);
      store<i16>(to, isInside ? (load<u8>(from, 2) as i32) - blue : 0, 4);
      to += 6;
    }
  }
}

/** Writes what regressions see of the near neighbours; returns the sum of the magnitudes of their differences. */
function writeNear(s: Surroundings, i: usize, row: i32, column: i32, inputs: usize): i32 {
  const planes = s.planes;
  const energies = s.energies + i * planes * 8;
  for (let plane: usize = 0; plane < planes; plane++) store<f64>(energies + plane * 8, 0);
  const near = s.near + i * 2 * (NUM_NEAR as usize) * planes * 8;
  const errors = near + (NUM_NEAR as usize) * planes * 8;
  let sum = 0;
  // By index among all neighbours: two rows up, one row up, and to the left.
  sum += writeNeighbour(s, row - 2, column, inputs + 13 * 6, near, errors, 0, 0);
  sum += writeNeighbour(s, row - 1, column - 1, inputs + 20 * 6, near, errors, 1, energies);
  sum += writeNeighbour(s, row - 1, column, inputs + 21 * 6, near, errors, 2, energies);
  sum += writeNeighbour(s, row - 1, column + 1, inputs + 22 * 6, near, errors, 3, energies);
  sum += writeNeighbour(s, row, column - 2, inputs + 28 * 6, near, errors, 4, 0);
  sum += writeNeighbour(s, row, column - 1, inputs + 29 * 6, near, errors, 5, energies);
  return sum;
}

/** @param energies to which squares of the errors are added, or 0 */
function writeNeighbour(
  s: Surroundings,
  row: i32,
  column: i32,
  differences: usize,
  near: usize,
  errors: usize,
  index: usize,
  energies: usize,
): i32 {
  const planes = s.planes;
  const isInside = row >= 0 && column >= 0 && column < s.width;
  const from = s.errors + ((row & ROW_MASK) as usize) * ERROR_ROW_BYTES + ((column & ERROR_MASK) as usize) * planes * 4;
  const at = index * planes * 8;
  for (let plane: usize = 0; plane < planes; plane++) {
    const error = isInside ? (load<f32>(from + plane * 4) as f64) : 0;
    store<f64>(near + at + plane * 8, load<i16>(differences + plane * 2) as f64);
    store<f64>(errors + at + plane * 8, error);
    if (energies != 0) store<f64>(energies + plane * 8, load<f64>(energies + plane * 8) + error * error);
  }
  return (
    abs<i32>(load<i16>(differences) as i32) +
    abs<i32>(load<i16>(differences, 2) as i32) +
    abs<i32>(load<i16>(differences, 4) as i32)
  );
}

/** Brings differences, and some numbers after them, to units of the spread. */
function divide(inputs: usize, scale: f64): void {
  const scales = f64x2.splat(scale);
  for (let at: usize = 0; at < NUM_DIFFERENCES * 2; at += 16) {
    const eight = v128.load(inputs + at);
    const low = dividedBy(i32x4.extend_low_i16x8_s(eight), scales);
    const high = dividedBy(i32x4.extend_high_i16x8_s(eight), scales);
    v128.store(inputs + at, i16x8.narrow_i32x4_s(low, high));
  }
}

// @ts-ignore: decorator
@inline
function dividedBy(four: v128, scales: v128): v128 {
  const upper = v128.shuffle<i32>(four, four, 2, 3, 2, 3);
  const low = rounded(f64x2.mul(f64x2.convert_low_i32x4_s(four), scales));
  const high = rounded(f64x2.mul(f64x2.convert_low_i32x4_s(upper), scales));
  return v128.shuffle<i32>(low, high, 0, 2, 4, 6);
}

/** The nearest integers, halves upward, and as near to 0 as they are to be, in the lower halves of the lanes. */
// @ts-ignore: decorator
@inline
function rounded(value: v128): v128 {
  const nearest = f64x2.floor(f64x2.add(value, f64x2.splat(0.5)));
  const within = f64x2.pmin(f64x2.pmax(nearest, f64x2.splat(-MAX_DIVIDED)), f64x2.splat(MAX_DIVIDED));
  return f64x2.add(within, f64x2.splat(INTEGER_MAGIC));
}

/** All inputs but the differences. */
function writeOthers(
  s: Surroundings,
  row: i32,
  column: i32,
  sum: i32,
  spread: f64,
  red: i32,
  green: i32,
  blue: i32,
  inputs: usize,
): void {
  const others = inputs + NUM_DIFFERENCES * 2;
  memory.fill(others, 0, (NUM_INPUTS - NUM_DIFFERENCES) * 2);
  let to = others;
  to = writeOneHot(to, EDGE + 1, min<i32>(column, EDGE));
  to = writeOneHot(to, EDGE + 1, min<i32>(row, EDGE));
  to = writeOneHot(to, EDGE + 1, min<i32>(s.width - 1 - column, EDGE));
  to = writeOneHot(to, NUM_SPREADS, min<i32>(28 - clz<i32>(sum), NUM_SPREADS - 1));
  writePrediction(to, red);
  writePrediction(to + 2, green);
  writePrediction(to + 4, blue);
  store<i16>(to, min<i32>(Math.floor(spread * ((UNIT / 32) as f64) + 0.5) as i32, 2 * UNIT), 18);
}

// @ts-ignore: decorator
@inline
function writeOneHot(to: usize, length: i32, index: i32): usize {
  store<i16>(to + ((index as usize) << 1), UNIT);
  return to + ((length as usize) << 1);
}

// @ts-ignore: decorator
@inline
function writePrediction(to: usize, value: i32): void {
  store<i16>(to, (value - 128) * (UNIT / 128));
  store<i16>(to, min<i32>(value, END) * (UNIT / END), 6);
  store<i16>(to, min<i32>(255 - value, END) * (UNIT / END), 12);
}
