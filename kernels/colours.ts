/**
 * Windows of values weighed by the colours that an image has shown so far, for batches: src/absorbing/colour-weights.ts says how.
 *
 * Counts and their sums are integers, which doubles hold exactly; all else are + - * / and floor in the order written there.
 */
import { pixelAt, SLOPE, Surroundings } from './surroundings';

const SIZE: i32 = 256;
/** Values to each side that a count is compared with, and with itself how many. */
const RADIUS: i32 = 3;
const LENGTH: f64 = 7;
const CHANNEL_KAPPA: f64 = 8;
const PAIR_KAPPA: f64 = 0.25;
const COLOUR_KAPPA: f64 = 0.125;
const PAIR_SUM_KAPPA: f64 = 64;
const COLOUR_SUM_KAPPA: f64 = 16;
const DIFFERENCES: i32 = 512;
const SUM_ROW: i32 = 128;
const COLOUR_BLOCK_BITS: usize = 8;
const SUM_BLOCK_BITS: usize = 7;
/** Bytes of a row of windows, and of one of numbers for each value of a window and those around it. */
const WINDOW_BYTES: usize = 208;
const SCORE_BYTES: usize = 480;

/** Pointers to counts and to rows of a batch; the caller fills the 32-bit fields in this order. */
@unmanaged
export class Colours {
  surroundings: usize;
  /** [3, 256] int32 */
  channels: usize;
  /** [512, 512] int32: red - green, blue - green. */
  pairs: usize;
  pairSums: usize;
  /** uint16, at the sum of what the axes have for green, red and blue, as the places of blocks of 256 say. */
  colours: usize;
  colourPlaces: usize;
  /** uint32, at the sum of what the axes have for green, the row and red, as the places of blocks of 128 say. */
  colourSums: usize;
  sumPlaces: usize;
  /** [256] int32 */
  colourGreens: usize;
  colourReds: usize;
  colourBlues: usize;
  sumGreens: usize;
  /** [384] int32 */
  sumRows: usize;
  sumReds: usize;
  /** [rows, 60] f64 */
  scores: usize;
  pairScores: usize;
  weights: usize;
  /** [rows, 52] int32, as windows. */
  weighed: usize;
}

/** Weighs the window of a row. @param window first value, count, starts */
export function weighRow(c: Colours, row: usize, plane: usize, window: usize): void {
  const first = load<i32>(window);
  const count = load<i32>(window, 4);
  const scores = c.scores + row * SCORE_BYTES;
  const pairScores = c.pairScores + row * SCORE_BYTES;
  const weights = c.weights + row * SCORE_BYTES;
  for (let i = 0; i < count; i++) store<f64>(at(weights, i), 1);
  readCounts(c.channels + plane * 1024, scores, first, count);
  weigh(scores, weights, count, CHANNEL_KAPPA, false);
  if (plane > 0) {
    const s = changetype<Surroundings>(c.surroundings);
    const pixel = pixelAt(s, s.row + (row as i32), s.column - SLOPE * (row as i32));
    const red = load<u8>(pixel) as i32;
    const green = load<u8>(pixel, 1) as i32;
    if (plane == 1) {
      readSums(c, scores, pairScores, first, count, green, blueOffset(s, row, green));
      weigh(pairScores, weights, count, PAIR_SUM_KAPPA, false);
      weigh(scores, weights, count, COLOUR_SUM_KAPPA, true);
    } else {
      const pairs = c.pairs + ((((red - green + SIZE) * DIFFERENCES + SIZE - green) as usize) << 2);
      readCounts(pairs, scores, first, count);
      weigh(scores, weights, count, PAIR_KAPPA, false);
      readColours(c, scores, first, count, green, red);
      weigh(scores, weights, count, COLOUR_KAPPA, true);
    }
  }
  dealOut(weights, window + 8, c.weighed + row * WINDOW_BYTES + 8, count);
}

// @ts-ignore: decorator
@inline
function at(numbers: usize, i: i32): usize {
  return numbers + ((i as usize) << 3);
}

/** Twice the blue to expect with a red, less that red. */
function blueOffset(s: Surroundings, row: usize, green: i32): i32 {
  const predictions = s.predictions + row * 12;
  return 2 * load<i32>(predictions, 8) + green - load<i32>(predictions) - load<i32>(predictions, 4);
}

/** Counts of a window and the RADIUS values to each side, 0 outside of 0..255. @param counts int32, from value 0 on */
function readCounts(counts: usize, scores: usize, first: i32, count: i32): void {
  for (let i = 0, value = first - RADIUS; i < count + 2 * RADIUS; i++, value++) {
    const isValue = value >= 0 && value < SIZE;
    store<f64>(at(scores, i), isValue ? (load<i32>(counts + ((value as usize) << 2)) as f64) : 0);
  }
}

function readColours(c: Colours, scores: usize, first: i32, count: i32, green: i32, red: i32): void {
  const start = offset(c.colourGreens, green) + offset(c.colourReds, red);
  for (let i = 0, blue = first - RADIUS; i < count + 2 * RADIUS; i++, blue++) {
    let score: f64 = 0;
    if (blue >= 0 && blue < SIZE) {
      const index = placed(c.colourPlaces, COLOUR_BLOCK_BITS, start + offset(c.colourBlues, blue));
      score = load<u16>(c.colours + (index << 1)) as f64;
    }
    store<f64>(at(scores, i), score);
  }
}

/** Sums for each red around the window over the blues that are near with it: (blueOffset + red) / 2. */
function readSums(
  c: Colours,
  scores: usize,
  pairScores: usize,
  first: i32,
  count: i32,
  green: i32,
  blueOffset: i32,
): void {
  const start = offset(c.sumGreens, green);
  for (let i = 0, red = first - RADIUS; i < count + 2 * RADIUS; i++, red++) {
    const blue = (blueOffset + red + 1) >> 1;
    let score: f64 = 0;
    let pairScore: f64 = 0;
    if (red >= 0 && red < SIZE && blue >= 0 && blue < SIZE) {
      const sum = start + offset(c.sumRows, blue - (red >> 1) + SUM_ROW) + offset(c.sumReds, red);
      const pair = (red - green + SIZE) * DIFFERENCES + blue - green + SIZE;
      score = load<u32>(c.colourSums + (placed(c.sumPlaces, SUM_BLOCK_BITS, sum) << 2)) as f64;
      pairScore = load<i32>(c.pairSums + ((pair as usize) << 2)) as f64;
    }
    store<f64>(at(scores, i), score);
    store<f64>(at(pairScores, i), pairScore);
  }
}

/** Index among the cells that are kept (src/absorbing/sparse-blocks.ts). */
// @ts-ignore: decorator
@inline
function placed(places: usize, bits: usize, index: usize): usize {
  const place = load<i32>(places + ((index >> bits) << 2)) as usize;
  return (place << bits) + (index & ((1 << bits) - 1));
}

// @ts-ignore: decorator
@inline
function offset(axis: usize, coordinate: i32): usize {
  return load<i32>(axis + ((coordinate as usize) << 2)) as usize;
}

/**
 * Weighs by scores, two values at once: times what they say, or taking the weights so far for what to expect of each. A number after
 * the last may become anything.
 */
// @ts-ignore: decorator
@inline
function weigh(scores: usize, weights: usize, count: i32, kappa: f64, expects: bool): void {
  let sum: f64 = 0;
  for (let i = 0; i < 2 * RADIUS; i++) sum += load<f64>(at(scores, i));
  let sums = f64x2.splat(sum);
  const kappas = f64x2.splat(kappa);
  const lengths = f64x2.splat(LENGTH);
  const nothing = f64x2.splat(0);
  for (let i = 0; i < count; i += 2) {
    const from = at(scores, i);
    // Of seven scores from i, and of seven from i + 1: integers, in any order.
    const seventh = v128.load(from, 48);
    const first = v128.load(from);
    const later = f64x2.sub(v128.load(from, 56), first);
    sums = f64x2.add(sums, v128.shuffle<f64>(seventh, seventh, 0, 0));
    sums = f64x2.add(sums, v128.shuffle<f64>(nothing, later, 0, 2));
    const means = f64x2.add(f64x2.div(sums, lengths), kappas);
    const score = v128.load(from, 24);
    const to = at(weights, i);
    const expected = v128.load(to);
    const weighed = expects
      ? f64x2.add(score, f64x2.mul(kappas, expected))
      : f64x2.mul(expected, f64x2.add(score, kappas));
    v128.store(to, f64x2.div(weighed, means));
    // Of the six that both of the next begin with.
    const next = f64x2.extract_lane(sums, 1) - load<f64>(from, 8);
    sums = f64x2.splat(next);
  }
}

/** Deals a window out anew (src/rans/intervals.ts), by the product of weights and what the values have of it. */
function dealOut(weights: usize, starts: usize, weighed: usize, count: i32): void {
  const bytes = (count as usize) << 2;
  let total: f64 = 0;
  for (let i = 0; i < count; i++) {
    const start = starts + ((i as usize) << 2);
    const part = load<f64>(at(weights, i)) * ((load<i32>(start, 4) - load<i32>(start)) as f64);
    store<f64>(at(weights, i), part);
    total += part;
  }
  const first = load<i32>(starts);
  const end = load<i32>(starts + bytes);
  store<i32>(weighed, first);
  store<i32>(weighed + bytes, end);
  const factor = ((end - first - count) as f64) / total;
  let sum = load<f64>(weights);
  for (let i = 1; i < count; i++) {
    store<i32>(weighed + ((i as usize) << 2), first + (Math.floor(sum * factor) as i32) + i);
    sum += load<f64>(at(weights, i));
  }
}
