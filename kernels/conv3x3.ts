/**
 * 3x3 convolution of 8-bit activations with int8 weights, exact in int16 and int32 arithmetic.
 *
 * Winograd's F(4x4, 3x3) (Lavin and Gray, arXiv:1509.09308): 4x4 outputs are A^T [(G g G^T) . (B^T d B)] A, with
 * 36 products a channel instead of 144. The matrices are scaled to integers:
 *
 *          4  0 -5  0  1  0          6  0  0
 *          0 -4 -4  1  1  0         -4 -4 -4           1  1  1  1  1  0
 *    B^T = 0  4 -4 -1  1  0     G = -4  4 -4     A^T = 0  1 -1  2 -2  0
 *          0 -2 -1  2  1  0          1  2  4           0  1  1  4  4  0
 *          0  2 -1 -2  1  0          1 -2  4           0  1 -1  8 -8  2
 *          0  4  0 -5  0  1          0  0 12
 *
 * which gives 24 * 24 = 9 * 64 times the convolution. Bounds:
 *   - |B^T d B| <= 68 * 255 = 17340 for d in 0..255, and <= 100 * 128 for d in -128..127: int16;
 *   - |G g G^T| <= 144 * 128 = 18432: int16, and a pair of products stays below 2^31;
 *   - the rest is linear and taken modulo 2^32, where 9 has an inverse. So 64 times the sum comes out exactly
 *     if |sum + bias + half| < 2^25, and models promise |sum + bias| < 2^24.
 *
 * The caller lays out memory. Pointers are multiples of 16, channels multiples of 8, and arrays are
 *   - map: int16 [4 * tileRows + 2, 4 * tileColumns + 2, channels], zero outside [1..height, 1..width];
 *   - filters: int16 [outChannels / 8, 36, inChannels / 2, 8, 2];
 *   - patches, the transformed tiles of a map: int16 [tiles / 4, 36, inChannels / 2, 4, 2];
 *   - products: int32 [tiles, outChannels / 8, 36, 8];
 *   - rounding: int32 [2, outChannels], 64 * (bias + half) and 2^(26 - shift);
 *   - stream: int16 [height, width, channels];
 *   - scratch: 576 bytes.
 */

const POINTS: usize = 36;
/** 9 * INVERSE_OF_9 = 1 modulo 2^32. */
const INVERSE_OF_9: i32 = 954437177;

/** Transforms weights [outChannels, 3, 3, inChannels] at `source`; channels it lacks are zero in `filters`. */
export function transformFilters(
  source: usize,
  sourceOut: usize,
  sourceIn: usize,
  filters: usize,
  outChannels: usize,
  inChannels: usize,
): void {
  memory.fill(filters, 0, outChannels * POINTS * inChannels * 2);
  for (let o: usize = 0; o < sourceOut; o++) {
    for (let c: usize = 0; c < sourceIn; c++) {
      for (let point: usize = 0; point < POINTS; point++) {
        const value = transformedWeight(source + o * 9 * sourceIn + c, sourceIn, point / 6, point % 6);
        const panel = (o / 8) * POINTS + point;
        const at = ((panel * (inChannels / 2) + c / 2) * 8 + (o % 8)) * 2 + (c % 2);
        store<i16>(filters + at * 2, value as i16);
      }
    }
  }
}

/** Element [row, column] of G g G^T. */
function transformedWeight(filter: usize, stride: usize, row: usize, column: usize): i32 {
  let sum = 0;
  for (let y: usize = 0; y < 3; y++) {
    for (let x: usize = 0; x < 3; x++) {
      sum += filterFactor(row, y) * filterFactor(column, x) * load<i8>(filter + (y * 3 + x) * stride);
    }
  }
  return sum;
}

/** Element of G. */
function filterFactor(row: usize, column: usize): i32 {
  if (row == 0) return column == 0 ? 6 : 0;
  if (row == 1) return -4;
  if (row == 2) return column == 1 ? 4 : -4;
  if (row == 5) return column == 2 ? 12 : 0;
  const power = 1 << (column as i32);
  return row == 4 && column == 1 ? -power : power;
}

/**
 * Widens int8 planes [height, width, planes] into a map. Of the groups of 8 channels the last may take bytes from
 * beyond its position; the filters of those channels are zero.
 */
export function widenPlanes(
  source: usize,
  planes: usize,
  map: usize,
  mapWidth: usize,
  channels: usize,
  height: usize,
  width: usize,
): void {
  for (let y: usize = 0; y < height; y++) {
    let to = map + ((y + 1) * mapWidth + 1) * channels * 2;
    for (let x: usize = 0; x < width; x++) {
      for (let c: usize = 0; c < channels; c += 8) v128.store(to + c * 2, v128.load_ext<i8>(source + c));
      source += planes;
      to += channels * 2;
    }
  }
}

/** Writes the patches of `tiles` tiles from tile number `first` on. */
export function transformInput(
  map: usize,
  tileColumns: usize,
  channels: usize,
  first: usize,
  tiles: usize,
  patches: usize,
  scratch: usize,
): void {
  const position = channels * 2;
  const row = (tileColumns * 4 + 2) * position;
  const plane = channels * 8;
  for (let i: usize = 0; i < tiles; i++) {
    const tile = first + i;
    const from = map + (tile / tileColumns) * 4 * row + (tile % tileColumns) * 4 * position;
    const to = patches + (i / 4) * POINTS * plane + (i % 4) * 4;
    for (let c: usize = 0; c < channels; c += 8) transformPatch(from + c * 2, row, position, to + c * 8, plane, scratch);
  }
}

/** B^T d B of 8 channels: first down the columns into scratch [6, 6], then along the rows. */
// @ts-ignore: decorator
@inline
function transformPatch(from: usize, row: usize, position: usize, to: usize, plane: usize, scratch: usize): void {
  for (let x: usize = 0; x < 6; x++) {
    const column = from + x * position;
    const d0 = v128.load(column);
    const d1 = v128.load(column + row);
    const d2 = v128.load(column + row * 2);
    const d3 = v128.load(column + row * 3);
    const d4 = v128.load(column + row * 4);
    const d5 = v128.load(column + row * 5);
    const at = scratch + x * 16;
    v128.store(at, input0(d0, d2, d4));
    v128.store(at, input1(d1, d2, d3, d4), 96);
    v128.store(at, input2(d1, d2, d3, d4), 192);
    v128.store(at, input3(d1, d2, d3, d4), 288);
    v128.store(at, input4(d1, d2, d3, d4), 384);
    v128.store(at, input0(d1, d3, d5), 480);
  }
  for (let y: usize = 0; y < 6; y++) {
    const at = scratch + y * 96;
    const d0 = v128.load(at);
    const d1 = v128.load(at, 16);
    const d2 = v128.load(at, 32);
    const d3 = v128.load(at, 48);
    const d4 = v128.load(at, 64);
    const d5 = v128.load(at, 80);
    const out = to + y * 6 * plane;
    storePairs(out, input0(d0, d2, d4));
    storePairs(out + plane, input1(d1, d2, d3, d4));
    storePairs(out + plane * 2, input2(d1, d2, d3, d4));
    storePairs(out + plane * 3, input3(d1, d2, d3, d4));
    storePairs(out + plane * 4, input4(d1, d2, d3, d4));
    storePairs(out + plane * 5, input0(d1, d3, d5));
  }
}

/** 4 a - 5 b + c */
// @ts-ignore: decorator
@inline
function input0(a: v128, b: v128, c: v128): v128 {
  return i16x8.sub(i16x8.add(i16x8.shl(i16x8.sub(a, b), 2), c), b);
}

/** (d4 - 4 d2) + (d3 - 4 d1) */
// @ts-ignore: decorator
@inline
function input1(d1: v128, d2: v128, d3: v128, d4: v128): v128 {
  return i16x8.add(i16x8.sub(d4, i16x8.shl(d2, 2)), i16x8.sub(d3, i16x8.shl(d1, 2)));
}

/** (d4 - 4 d2) - (d3 - 4 d1) */
// @ts-ignore: decorator
@inline
function input2(d1: v128, d2: v128, d3: v128, d4: v128): v128 {
  return i16x8.sub(i16x8.sub(d4, i16x8.shl(d2, 2)), i16x8.sub(d3, i16x8.shl(d1, 2)));
}

/** (d4 - d2) + 2 (d3 - d1) */
// @ts-ignore: decorator
@inline
function input3(d1: v128, d2: v128, d3: v128, d4: v128): v128 {
  return i16x8.add(i16x8.sub(d4, d2), i16x8.shl(i16x8.sub(d3, d1), 1));
}

/** (d4 - d2) - 2 (d3 - d1) */
// @ts-ignore: decorator
@inline
function input4(d1: v128, d2: v128, d3: v128, d4: v128): v128 {
  return i16x8.sub(i16x8.sub(d4, d2), i16x8.shl(i16x8.sub(d3, d1), 1));
}

/** Stores four pairs of channels, each among the same pair of the other three tiles. */
// @ts-ignore: decorator
@inline
function storePairs(to: usize, pairs: v128): void {
  v128.store_lane<i32>(to, pairs, 0);
  v128.store_lane<i32>(to, pairs, 1, 16);
  v128.store_lane<i32>(to, pairs, 2, 32);
  v128.store_lane<i32>(to, pairs, 3, 48);
}

/**
 * Sums patches times filters over the input channels, modulo 2^32, for 4 * groups tiles.
 *
 * 4 tiles x 8 output channels fill the 16 vector registers of x86-64; unrolling further spills.
 */
export function multiply(
  patches: usize,
  groups: usize,
  inChannels: usize,
  filters: usize,
  outChannels: usize,
  products: usize,
): void {
  const plane = inChannels * 8;
  const tileSize = outChannels * POINTS * 4;
  for (let panel: usize = 0; panel < (outChannels / 8) * POINTS; panel++) {
    const panelFilters = filters + panel * inChannels * 16;
    const point = panel % POINTS;
    for (let group: usize = 0; group < groups; group++) {
      const from = patches + (group * POINTS + point) * plane;
      multiplyPanel(from, plane, panelFilters, products + group * 4 * tileSize + panel * 32, tileSize);
    }
  }
}

// @ts-ignore: decorator
@inline
function multiplyPanel(from: usize, plane: usize, filters: usize, to: usize, tileSize: usize): void {
  let s00 = i32x4.splat(0);
  let s01 = i32x4.splat(0);
  let s10 = i32x4.splat(0);
  let s11 = i32x4.splat(0);
  let s20 = i32x4.splat(0);
  let s21 = i32x4.splat(0);
  let s30 = i32x4.splat(0);
  let s31 = i32x4.splat(0);
  const end = from + plane;
  while (from < end) {
    const w0 = v128.load(filters);
    const w1 = v128.load(filters, 16);
    const p0 = v128.load_splat<i32>(from);
    s00 = i32x4.add(s00, i32x4.dot_i16x8_s(p0, w0));
    s01 = i32x4.add(s01, i32x4.dot_i16x8_s(p0, w1));
    const p1 = v128.load_splat<i32>(from, 4);
    s10 = i32x4.add(s10, i32x4.dot_i16x8_s(p1, w0));
    s11 = i32x4.add(s11, i32x4.dot_i16x8_s(p1, w1));
    const p2 = v128.load_splat<i32>(from, 8);
    s20 = i32x4.add(s20, i32x4.dot_i16x8_s(p2, w0));
    s21 = i32x4.add(s21, i32x4.dot_i16x8_s(p2, w1));
    const p3 = v128.load_splat<i32>(from, 12);
    s30 = i32x4.add(s30, i32x4.dot_i16x8_s(p3, w0));
    s31 = i32x4.add(s31, i32x4.dot_i16x8_s(p3, w1));
    from += 16;
    filters += 32;
  }
  storePair(to, s00, s01);
  storePair(to + tileSize, s10, s11);
  storePair(to + tileSize * 2, s20, s21);
  storePair(to + tileSize * 3, s30, s31);
}

// @ts-ignore: decorator
@inline
function storePair(to: usize, low: v128, high: v128): void {
  v128.store(to, low);
  v128.store(to, high, 16);
}

/**
 * Ends a convolution with FiLM and ReLU and writes the activations into a map.
 *
 * @param film int32 [2, channels]: multiplier and offset
 */
export function finishWithFilm(
  products: usize,
  first: usize,
  tiles: usize,
  tileColumns: usize,
  channels: usize,
  height: usize,
  width: usize,
  rounding: usize,
  film: usize,
  map: usize,
  scratch: usize,
): void {
  const mapRow = (tileColumns * 4 + 2) * channels * 2;
  for (let i: usize = 0; i < tiles; i++) {
    const y = ((first + i) / tileColumns) * 4;
    const x = ((first + i) % tileColumns) * 4;
    const rows = min<usize>(height - y, 4);
    const columns = min<usize>(width - x, 4);
    const mapAt = map + (y + 1) * mapRow + (x + 1) * channels * 2;
    for (let c: usize = 0; c < channels; c += 4) {
      transformColumns(productsAt(products, i, channels, c), scratch);
      const roundingOffset = v128.load(rounding + c * 4);
      const roundingScale = v128.load(rounding + (channels + c) * 4);
      const multiplier = v128.load(film + c * 4);
      const offset = i32x4.add(v128.load(film + (channels + c) * 4), i32x4.splat(1024));
      for (let r: usize = 0; r < rows; r++) {
        transformRow(scratch + r * 96);
        let to = mapAt + r * mapRow + c * 2;
        for (let k: usize = 0; k < columns; k++) {
          const rounded = roundShift(v128.load(scratch + r * 96 + k * 16), roundingOffset, roundingScale);
          const t = i32x4.min_s(i32x4.max_s(rounded, i32x4.splat(-4096)), i32x4.splat(4095));
          // |t * multiplier + offset| < 2^12 * 2^10 + 2^22 + 2^10
          const modulated = i32x4.shr_s(i32x4.add(i32x4.mul(t, multiplier), offset), 11);
          storeActivations(to, i16x8.narrow_i32x4_s(modulated, modulated));
          to += channels * 2;
        }
      }
    }
  }
}

/** Ends a convolution by adding it to the stream, and writes the stream's activations into a map. */
export function finishWithResidual(
  products: usize,
  first: usize,
  tiles: usize,
  tileColumns: usize,
  channels: usize,
  height: usize,
  width: usize,
  rounding: usize,
  stream: usize,
  map: usize,
  scratch: usize,
): void {
  const mapRow = (tileColumns * 4 + 2) * channels * 2;
  for (let i: usize = 0; i < tiles; i++) {
    const y = ((first + i) / tileColumns) * 4;
    const x = ((first + i) % tileColumns) * 4;
    const rows = min<usize>(height - y, 4);
    const columns = min<usize>(width - x, 4);
    const mapAt = map + (y + 1) * mapRow + (x + 1) * channels * 2;
    const streamAt = stream + (y * width + x) * channels * 2;
    for (let c: usize = 0; c < channels; c += 4) {
      transformColumns(productsAt(products, i, channels, c), scratch);
      const roundingOffset = v128.load(rounding + c * 4);
      const roundingScale = v128.load(rounding + (channels + c) * 4);
      for (let r: usize = 0; r < rows; r++) {
        transformRow(scratch + r * 96);
        let to = mapAt + r * mapRow + c * 2;
        let at = streamAt + r * width * channels * 2 + c * 2;
        for (let k: usize = 0; k < columns; k++) {
          const rounded = roundShift(v128.load(scratch + r * 96 + k * 16), roundingOffset, roundingScale);
          // Added as int32, because the change alone may exceed int16.
          const sum = i32x4.add(v128.load_ext<i16>(at), rounded);
          const saturated = i16x8.narrow_i32x4_s(sum, sum);
          v128.store_lane<i64>(at, saturated, 0);
          // Saturation does not matter: from 2040 on all activations are 255.
          storeActivations(to, i16x8.shr_s(i16x8.add_sat_s(saturated, i16x8.splat(4)), 3));
          to += channels * 2;
          at += channels * 2;
        }
      }
    }
  }
}

// @ts-ignore: decorator
@inline
function productsAt(products: usize, tile: usize, channels: usize, c: usize): usize {
  return products + (tile * (channels / 8) + c / 8) * POINTS * 32 + (c % 8) * 4;
}

/** A^T m of 4 channels, from products [36, 8] into scratch [4, 6]. */
// @ts-ignore: decorator
@inline
function transformColumns(products: usize, scratch: usize): void {
  for (let x: usize = 0; x < 6; x++) {
    const from = products + x * 32;
    const m0 = v128.load(from);
    const m1 = v128.load(from, 192);
    const m2 = v128.load(from, 384);
    const m3 = v128.load(from, 576);
    const m4 = v128.load(from, 768);
    const m5 = v128.load(from, 960);
    const at = scratch + x * 16;
    v128.store(at, output0(m0, m1, m2, m3, m4));
    v128.store(at, output1(m1, m2, m3, m4), 96);
    v128.store(at, output2(m1, m2, m3, m4), 192);
    v128.store(at, output3(m1, m2, m3, m4, m5), 288);
  }
}

/** m A of one row of scratch, 6 vectors into the first 4. */
// @ts-ignore: decorator
@inline
function transformRow(at: usize): void {
  const m0 = v128.load(at);
  const m1 = v128.load(at, 16);
  const m2 = v128.load(at, 32);
  const m3 = v128.load(at, 48);
  const m4 = v128.load(at, 64);
  const m5 = v128.load(at, 80);
  v128.store(at, output0(m0, m1, m2, m3, m4));
  v128.store(at, output1(m1, m2, m3, m4), 16);
  v128.store(at, output2(m1, m2, m3, m4), 32);
  v128.store(at, output3(m1, m2, m3, m4, m5), 48);
}

// @ts-ignore: decorator
@inline
function output0(m0: v128, m1: v128, m2: v128, m3: v128, m4: v128): v128 {
  return i32x4.add(m0, i32x4.add(i32x4.add(m1, m2), i32x4.add(m3, m4)));
}

// @ts-ignore: decorator
@inline
function output1(m1: v128, m2: v128, m3: v128, m4: v128): v128 {
  return i32x4.add(i32x4.sub(m1, m2), i32x4.shl(i32x4.sub(m3, m4), 1));
}

// @ts-ignore: decorator
@inline
function output2(m1: v128, m2: v128, m3: v128, m4: v128): v128 {
  return i32x4.add(i32x4.add(m1, m2), i32x4.shl(i32x4.add(m3, m4), 2));
}

// @ts-ignore: decorator
@inline
function output3(m1: v128, m2: v128, m3: v128, m4: v128, m5: v128): v128 {
  const tail = i32x4.add(i32x4.shl(i32x4.sub(m3, m4), 2), m5);
  return i32x4.add(i32x4.sub(m1, m2), i32x4.shl(tail, 1));
}

/**
 * From 576 times the sum to roundShift(sum + bias, shift): the product is (sum + bias + half) * 2^(32 - shift),
 * so its upper half is the shifted value. This shifts each lane by its own amount, which WASM cannot do directly.
 */
// @ts-ignore: decorator
@inline
function roundShift(scaledSum: v128, offset: v128, scale: v128): v128 {
  const value = i32x4.add(i32x4.mul(scaledSum, i32x4.splat(INVERSE_OF_9)), offset);
  const low = i64x2.extmul_low_i32x4_s(value, scale);
  const high = i64x2.extmul_high_i32x4_s(value, scale);
  return v128.shuffle<i32>(low, high, 1, 3, 5, 7);
}

/** Clamps the lower four lanes to 0..255 and stores them. */
// @ts-ignore: decorator
@inline
function storeActivations(to: usize, values: v128): void {
  const clamped = i16x8.min_s(i16x8.max_s(values, i16x8.splat(0)), i16x8.splat(255));
  v128.store_lane<i64>(to, clamped, 0);
}
