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
 *   - scratch: 768 bytes.
 */

const POINTS: usize = 36;
/** Bytes of [4, 6] vectors. */
const HALF_SCRATCH: usize = 384;
/** 9 * INVERSE_OF_9 = 1 modulo 2^32. */
const INVERSE_OF_9: i32 = 954437177;

/** Transforms weights [sourceOut, 3, 3, sourceIn] at `source`; filters of channels they lack become zero. */
export function transformFilters(
  source: usize,
  sourceOut: usize,
  sourceIn: usize,
  filters: usize,
  outChannels: usize,
  inChannels: usize,
  scratch: usize,
): void {
  const plane = inChannels * 16;
  memory.fill(filters, 0, (outChannels / 8) * POINTS * plane);
  for (let o: usize = 0; o < sourceOut; o++) {
    const to = filters + (o / 8) * POINTS * plane + (o % 8) * 4;
    for (let c: usize = 0; c < sourceIn; c++) {
      transformFilter(source + o * 9 * sourceIn + c, sourceIn, to + (c / 2) * 32 + (c % 2) * 2, plane, scratch);
    }
  }
}

/** G g G^T of one input and output channel: first down the columns into scratch [6, 3], then along the rows. */
// @ts-ignore: decorator
@inline
function transformFilter(filter: usize, position: usize, to: usize, plane: usize, scratch: usize): void {
  for (let x: usize = 0; x < 3; x++) {
    const column = filter + x * position;
    const g0 = load<i8>(column) as i32;
    const g1 = load<i8>(column + position * 3) as i32;
    const g2 = load<i8>(column + position * 6) as i32;
    storeFilter<i32>(scratch + x * 4, 12, g0, g1, g2);
  }
  for (let y: usize = 0; y < 6; y++) {
    const row = scratch + y * 12;
    storeFilter<i16>(to + y * 6 * plane, plane, load<i32>(row), load<i32>(row, 4), load<i32>(row, 8));
  }
}

/** G times a column of three numbers, stored `step` bytes apart. */
// @ts-ignore: decorator
@inline
function storeFilter<T>(to: usize, step: usize, g0: i32, g1: i32, g2: i32): void {
  store<T>(to, (g0 * 6) as T);
  store<T>(to + step, ((g0 + g1 + g2) * -4) as T);
  store<T>(to + step * 2, ((g1 - g0 - g2) * 4) as T);
  store<T>(to + step * 3, (g0 + g1 * 2 + g2 * 4) as T);
  store<T>(to + step * 4, (g0 - g1 * 2 + g2 * 4) as T);
  store<T>(to + step * 5, (g2 * 12) as T);
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
    const top = ((first + i) / tileColumns) * 4;
    const left = ((first + i) % tileColumns) * 4;
    const rows = min<usize>(height - top, 4);
    const columns = min<usize>(width - left, 4);
    const mapAt = map + (top + 1) * mapRow + (left + 1) * channels * 2;
    for (let c: usize = 0; c < channels; c += 8) {
      const from = products + (i * channels + c) * POINTS * 4;
      transformColumns(from, scratch);
      transformColumns(from + 16, scratch + HALF_SCRATCH);
      const offsets = rounding + c * 4;
      const scales = offsets + channels * 4;
      const multipliers = film + c * 4;
      const filmOffsets = multipliers + channels * 4;
      for (let r: usize = 0; r < rows; r++) {
        transformRow(scratch + r * 96);
        transformRow(scratch + r * 96 + HALF_SCRATCH);
        let to = mapAt + r * mapRow + c * 2;
        for (let k: usize = 0; k < columns; k++) {
          const at = scratch + r * 96 + k * 16;
          const low = modulate(roundShift(at, offsets, scales), multipliers, filmOffsets);
          const high = modulate(
            roundShift(at + HALF_SCRATCH, offsets + 16, scales + 16),
            multipliers + 16,
            filmOffsets + 16,
          );
          storeActivations(to, i16x8.narrow_i32x4_s(low, high));
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
    const top = ((first + i) / tileColumns) * 4;
    const left = ((first + i) % tileColumns) * 4;
    const rows = min<usize>(height - top, 4);
    const columns = min<usize>(width - left, 4);
    const mapAt = map + (top + 1) * mapRow + (left + 1) * channels * 2;
    const streamAt = stream + (top * width + left) * channels * 2;
    for (let c: usize = 0; c < channels; c += 8) {
      const from = products + (i * channels + c) * POINTS * 4;
      transformColumns(from, scratch);
      transformColumns(from + 16, scratch + HALF_SCRATCH);
      const offsets = rounding + c * 4;
      const scales = offsets + channels * 4;
      for (let r: usize = 0; r < rows; r++) {
        transformRow(scratch + r * 96);
        transformRow(scratch + r * 96 + HALF_SCRATCH);
        let to = mapAt + r * mapRow + c * 2;
        let x = streamAt + r * width * channels * 2 + c * 2;
        for (let k: usize = 0; k < columns; k++) {
          const at = scratch + r * 96 + k * 16;
          // Added as int32, because the change alone may exceed int16.
          const low = i32x4.add(v128.load_ext<i16>(x), roundShift(at, offsets, scales));
          const change = roundShift(at + HALF_SCRATCH, offsets + 16, scales + 16);
          const high = i32x4.add(v128.load_ext<i16>(x, 8), change);
          const sum = i16x8.narrow_i32x4_s(low, high);
          v128.store(x, sum);
          // Saturation does not matter: from 2040 on all activations are 255.
          storeActivations(to, i16x8.shr_s(i16x8.add_sat_s(sum, i16x8.splat(4)), 3));
          to += channels * 2;
          x += channels * 2;
        }
      }
    }
  }
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
function roundShift(scaledSum: usize, offset: usize, scale: usize): v128 {
  const sum = i32x4.mul(v128.load(scaledSum), i32x4.splat(INVERSE_OF_9));
  const value = i32x4.add(sum, v128.load(offset));
  const factor = v128.load(scale);
  const low = i64x2.extmul_low_i32x4_s(value, factor);
  const high = i64x2.extmul_high_i32x4_s(value, factor);
  return v128.shuffle<i32>(low, high, 1, 3, 5, 7);
}

/** roundShift(clamp(value, -4096, 4095) * multiplier + offset, 11) */
// @ts-ignore: decorator
@inline
function modulate(value: v128, multiplier: usize, offset: usize): v128 {
  const t = i32x4.min_s(i32x4.max_s(value, i32x4.splat(-4096)), i32x4.splat(4095));
  // |t * multiplier| < 2^22, |offset + half| <= 2^22 + 2^10
  const sum = i32x4.add(i32x4.mul(t, v128.load(multiplier)), v128.load(offset));
  return i32x4.shr_s(i32x4.add(sum, i32x4.splat(1024)), 11);
}

/** Clamps eight values to 0..255 and stores them. */
// @ts-ignore: decorator
@inline
function storeActivations(to: usize, values: v128): void {
  v128.store(to, i16x8.min_s(i16x8.max_s(values, i16x8.splat(0)), i16x8.splat(255)));
}
