/**
 * Sums of products for least squares (src/codec/sequential-regression.ts), in doubles: samples k, k + 4, k + 8 ... are added up by
 * themselves, and the four sums then as (0 + 1) + (2 + 3), all rounded as plain code in that order rounds them.
 */

/**
 * products[i, j] = products[i, j] * decay + sum over k of weighted[i, k] * recent[j, k], for j <= i.
 *
 * @param weighted [size, interval], as recent
 * @param count samples, a multiple of 4
 */
export function addProducts(
  products: usize,
  weighted: usize,
  recent: usize,
  size: usize,
  interval: usize,
  count: usize,
  decay: f64,
): void {
  for (let i: usize = 0; i < size; i++) {
    const row = weighted + i * interval * 8;
    for (let j: usize = 0; j <= i; j++) {
      const other = recent + j * interval * 8;
      let first = f64x2.splat(0);
      let second = f64x2.splat(0);
      for (let k: usize = 0; k < count * 8; k += 32) {
        first = f64x2.add(first, f64x2.mul(v128.load(row + k), v128.load(other + k)));
        second = f64x2.add(second, f64x2.mul(v128.load(row + k, 16), v128.load(other + k, 16)));
      }
      const sum =
        f64x2.extract_lane(first, 0) +
        f64x2.extract_lane(first, 1) +
        (f64x2.extract_lane(second, 0) + f64x2.extract_lane(second, 1));
      const at = products + (i * size + j) * 8;
      store<f64>(at, load<f64>(at) * decay + sum);
    }
  }
}
