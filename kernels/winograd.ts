/**
 * Transforms of a 3x3 convolution of 8-bit activations with int8 weights, exact in int16 and int32 arithmetic.
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
 */
export const POINTS: usize = 36;
/** Bytes of [4, 6] vectors. */
export const HALF_SCRATCH: usize = 384;
/** 9 * INVERSE_OF_9 = 1 modulo 2^32. */
const INVERSE_OF_9: i32 = 954437177;

/** G g G^T of one input and output channel: first down the columns into scratch [6, 3], then along the rows. */
// @ts-ignore: decorator
@inline
export function transformFilter(filter: usize, position: usize, to: usize, plane: usize, scratch: usize): void {
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

/** B^T d B of 8 channels: first down the columns into scratch [6, 6], then along the rows. */
// @ts-ignore: decorator
@inline
export function transformPatch(
  from: usize,
  row: usize,
  position: usize,
  to: usize,
  plane: usize,
  scratch: usize,
): void {
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

/** A^T m of 4 channels, from products [36, 8] into scratch [4, 6]. */
// @ts-ignore: decorator
@inline
export function transformColumns(products: usize, scratch: usize): void {
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
export function transformRow(at: usize): void {
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
export function roundShift(scaledSum: usize, offset: usize, scale: usize): v128 {
  const sum = i32x4.mul(v128.load(scaledSum), i32x4.splat(INVERSE_OF_9));
  const value = i32x4.add(sum, v128.load(offset));
  const factor = v128.load(scale);
  const low = i64x2.extmul_low_i32x4_s(value, factor);
  const high = i64x2.extmul_high_i32x4_s(value, factor);
  return v128.shuffle<i32>(low, high, 1, 3, 5, 7);
}
