/**
 * Sums of products for least squares, and their decomposition (src/codec/sequential-regression.ts), in doubles: samples k, k + 4,
 * k + 8 ... are added up by themselves, and the four sums then as (0 + 1) + (2 + 3), all rounded as plain code in that order rounds
 * them.
 */

/**
 * products[i, j] = products[i, j] * decay[count] + sum over k of (recent[k, i] * decay[count - 1 - k]) * recent[k, j], for j <= i.
 *
 * @param weighted [count, size], overwritten
 * @param recent [count, size], and 8 bytes more
 * @param decay [count + 1]
 * @param count samples, a multiple of 4
 */
export function addProducts(
  products: usize,
  weighted: usize,
  recent: usize,
  decay: usize,
  size: usize,
  count: usize,
): void {
  for (let k: usize = 0; k < count; k++) {
    const weight = load<f64>(decay + (count - 1 - k) * 8);
    for (let i: usize = k * size; i < (k + 1) * size; i++) {
      store<f64>(weighted + i * 8, load<f64>(recent + i * 8) * weight);
    }
  }
  const kept = f64x2.splat(load<f64>(decay + count * 8));
  for (let i: usize = 0; i < size; i++) {
    const row = products + i * size * 8;
    const column = weighted + i * 8;
    let j: usize = 0;
    for (; j + 3 <= i; j += 4) addFour(row + j * 8, column, recent + j * 8, size * 8, count, kept);
    for (; j < i; j += 2) {
      const sum = sumOfTwo(column, recent + j * 8, size * 8, count);
      v128.store(row + j * 8, f64x2.add(f64x2.mul(v128.load(row + j * 8), kept), sum));
    }
    if (j > i) continue;
    const sum = f64x2.extract_lane(sumOfTwo(column, recent + j * 8, size * 8, count), 0);
    store<f64>(row + j * 8, load<f64>(row + j * 8) * f64x2.extract_lane(kept, 0) + sum);
  }
}

/** Adds to four products in a row. @param stride bytes from a sample to the next */
// @ts-ignore: decorator
@inline
function addFour(products: usize, column: usize, others: usize, stride: usize, count: usize, kept: v128): void {
  let a0 = f64x2.splat(0), a1 = f64x2.splat(0), a2 = f64x2.splat(0), a3 = f64x2.splat(0);
  let b0 = f64x2.splat(0), b1 = f64x2.splat(0), b2 = f64x2.splat(0), b3 = f64x2.splat(0);
  for (let k: usize = 0; k < count; k += 4) {
    const w0 = v128.load_splat<f64>(column);
    a0 = f64x2.add(a0, f64x2.mul(w0, v128.load(others)));
    b0 = f64x2.add(b0, f64x2.mul(w0, v128.load(others, 16)));
    const w1 = v128.load_splat<f64>(column + stride);
    a1 = f64x2.add(a1, f64x2.mul(w1, v128.load(others + stride)));
    b1 = f64x2.add(b1, f64x2.mul(w1, v128.load(others + stride, 16)));
    const w2 = v128.load_splat<f64>(column + 2 * stride);
    a2 = f64x2.add(a2, f64x2.mul(w2, v128.load(others + 2 * stride)));
    b2 = f64x2.add(b2, f64x2.mul(w2, v128.load(others + 2 * stride, 16)));
    const w3 = v128.load_splat<f64>(column + 3 * stride);
    a3 = f64x2.add(a3, f64x2.mul(w3, v128.load(others + 3 * stride)));
    b3 = f64x2.add(b3, f64x2.mul(w3, v128.load(others + 3 * stride, 16)));
    column += 4 * stride;
    others += 4 * stride;
  }
  const a = f64x2.add(f64x2.add(a0, a1), f64x2.add(a2, a3));
  const b = f64x2.add(f64x2.add(b0, b1), f64x2.add(b2, b3));
  v128.store(products, f64x2.add(f64x2.mul(v128.load(products), kept), a));
  v128.store(products, f64x2.add(f64x2.mul(v128.load(products, 16), kept), b), 16);
}

/** Sums for two products in a row. */
// @ts-ignore: decorator
@inline
function sumOfTwo(column: usize, others: usize, stride: usize, count: usize): v128 {
  let a0 = f64x2.splat(0), a1 = f64x2.splat(0), a2 = f64x2.splat(0), a3 = f64x2.splat(0);
  for (let k: usize = 0; k < count; k += 4) {
    a0 = f64x2.add(a0, f64x2.mul(v128.load_splat<f64>(column), v128.load(others)));
    a1 = f64x2.add(a1, f64x2.mul(v128.load_splat<f64>(column + stride), v128.load(others + stride)));
    a2 = f64x2.add(a2, f64x2.mul(v128.load_splat<f64>(column + 2 * stride), v128.load(others + 2 * stride)));
    a3 = f64x2.add(a3, f64x2.mul(v128.load_splat<f64>(column + 3 * stride), v128.load(others + 3 * stride)));
    column += 4 * stride;
    others += 4 * stride;
  }
  return f64x2.add(f64x2.add(a0, a1), f64x2.add(a2, a3));
}

/**
 * lower = L and D on its diagonal, where L D L^T is what lower was; column by column.
 *
 * @param lower [size, size], of which the lower triangle counts
 * @param column [size], overwritten
 * @returns 0 where a pivot is below the least one
 */
export function decompose(lower: usize, column: usize, size: usize, minPivot: f64): i32 {
  for (let k: usize = 0; k < size; k++) {
    const pivot = load<f64>(lower + (k * size + k) * 8);
    if (!(pivot >= minPivot)) return 0;
    for (let i = k + 1; i < size; i++) store<f64>(column + i * 8, load<f64>(lower + (i * size + k) * 8) / pivot);
    for (let i = k + 1; i < size; i++) {
      const row = lower + i * size * 8;
      const scaled = load<f64>(row + k * 8);
      const scaledTwice = f64x2.splat(scaled);
      let j = k + 1;
      for (; j < i; j += 2) {
        const product = f64x2.mul(v128.load(column + j * 8), scaledTwice);
        v128.store(row + j * 8, f64x2.sub(v128.load(row + j * 8), product));
      }
      if (j == i) store<f64>(row + j * 8, load<f64>(row + j * 8) - load<f64>(column + j * 8) * scaled);
      store<f64>(row + k * 8, load<f64>(column + i * 8));
    }
  }
  return 1;
}
