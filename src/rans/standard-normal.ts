/**
 * Table of the standard normal distribution function Phi, the same integers on every machine.
 *
 * Computed from the Maclaurin series (Abramowitz and Stegun 26.2.10) with + - * / alone. The largest term at
 * x = 6 is below 2^24, so cancellation costs less than 2^24 * 2^-52 * 80 terms: far under one unit of 2^-20.
 */

/** Entries per unit of x. */
export const STEPS_PER_UNIT = 2048;
/** The table covers x in [-MAX_X, MAX_X]; beyond, Phi rounds to 0 or 1. */
export const MAX_X = 6;
/** Index of x = 0. */
export const ZERO_INDEX = MAX_X * STEPS_PER_UNIT;

const ONE = 0x10_0000; // 2^20
const INVERSE_SQRT_TWO_PI = 0.3989422804014327;
const NEGLIGIBLE_TERM = 1e-12;

/** [2 * ZERO_INDEX + 1], entry i is Phi((i - ZERO_INDEX) / STEPS_PER_UNIT) * 2^20 to the nearest integer. */
export const STANDARD_NORMAL_CDF: Int32Array = tabulate();

function tabulate(): Int32Array {
  const cdf = new Int32Array(2 * ZERO_INDEX + 1);
  for (let i = 0; i <= ZERO_INDEX; i++) {
    const upper = Math.floor(standardNormalCdf(i / STEPS_PER_UNIT) * ONE + 0.5);
    cdf[ZERO_INDEX - i] = ONE - upper;
    cdf[ZERO_INDEX + i] = upper;
  }
  return cdf;
}

/** Phi(x) = 1/2 + 1/sqrt(2 pi) * sum over k of (-1)^k x^(2k+1) / (2^k k! (2k+1)), for x in [0, MAX_X]. */
function standardNormalCdf(x: number): number {
  let term = x;
  let sum = x;
  // The terms rise until k = x^2 / 2 and then fall for good, so a small one ends the series.
  for (let k = 1; Math.abs(term) > NEGLIGIBLE_TERM; k++) {
    term *= (-x * x) / (2 * k);
    sum += term / (2 * k + 1);
  }
  return 0.5 + INVERSE_SQRT_TWO_PI * sum;
}
