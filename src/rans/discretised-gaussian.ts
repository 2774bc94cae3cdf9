/**
 * Integers coded by a rounded Gaussian: an integer cdf of total 2^20 for a mean on the grid Z / 16 and one of
 * 256 standard deviations sigma_i = 2^(i/16 - 5).
 *
 * With mean16 = 16 centre + fraction, fraction in -8..7, a value falls in bin = value - centre, and
 *
 *     cdf(bin) = floor(PHI[index] * (2^20 - numBins) / 2^20) + bin + W,   W = ceil(6 sigma) + 2, numBins = 2W + 1,
 *
 * index the table entry nearest (16 bin - 8 - fraction) / (16 sigma). It rises by at least 1 a bin from
 * cdf(-W) = 0 to cdf(W + 1) = 2^20. Bins -W and W are escapes for values there and beyond: the distance from
 * the escape bin follows in Elias-gamma code.
 *
 * Only IEEE + - * / and floor lead from (mean16, scale) to a frequency, so it is the same on every machine.
 */
import type { AnsStack } from './ans-stack.ts';
import { STANDARD_NORMAL_CDF, STEPS_PER_UNIT, ZERO_INDEX } from './standard-normal.ts';
import { popUniform, pushUniform } from './uniform.ts';

/** Frequencies are out of 2^CDF_PRECISION. */
export const CDF_PRECISION = 20;
/** Scale indices are 0..NUM_SCALES - 1. */
export const NUM_SCALES = 256;
/** An escaped value lies less than 2^MAX_EXCESS_BITS - 1 beyond the escape bin. */
export const MAX_EXCESS_BITS = 17;

const TOTAL = 0x10_0000; // 2^20
const LAST_INDEX = 2 * ZERO_INDEX;
/** 2^(k/16). */
// biome-ignore format: four to a row
const ROOTS = [
  1, 1.0442737824274138, 1.0905077326652577, 1.1387886347566916,
  1.189207115002721, 1.241857812073484, 1.2968395546510096, 1.3542555469368927,
  // biome-ignore lint/suspicious/noApproximativeNumericConstant: one of sixteen literals that define the format
  1.4142135623730951, 1.4768261459394993, 1.5422108254079407, 1.6104903319492543,
  1.681792830507429, 1.7562521603732995, 1.8340080864093424, 1.9152065613971474,
];

const SIGMAS = Float64Array.from({ length: NUM_SCALES }, (_, i) => (ROOTS[i & 15]! * (1 << (i >> 4))) / 32);
/** W of each scale: 3..11770, so numBins stays below 2^15. */
const HALF_WIDTHS = Int32Array.from(SIGMAS, (sigma) => Math.ceil(6 * sigma) + 2);
/** Part of the total left after each bin has its 1: exact, and so is its product with a table entry (< 2^40). */
const SHARES = Float64Array.from(HALF_WIDTHS, (halfWidth) => (TOTAL - (2 * halfWidth + 1)) / TOTAL);
/** Table steps per 1/16. */
const STEPS = Float64Array.from(SIGMAS, (sigma) => STEPS_PER_UNIT / (16 * sigma));
/** Variances half-way, in log terms, between neighbouring scales. */
const VARIANCE_THRESHOLDS = SIGMAS.slice(1).map((sigma, i) => sigma * SIGMAS[i]!);

/** Bins per table step; only for guesses, so its rounding does not matter. */
const BINS_PER_STEP = STEPS.map((steps) => 1 / (16 * steps));
const HINT_SHIFT = 8;
const HINTS = tabulateHints();

/** What normalCdf and its scales come from, for kernels that compute the same. */
export const NORMAL_TABLES = {
  cdf: STANDARD_NORMAL_CDF,
  steps: STEPS,
  sigmas: SIGMAS,
  thresholds: VARIANCE_THRESHOLDS,
  roots: Float64Array.from(ROOTS),
} as const;

/** Standard deviation of a scale index. */
export function scaleSigma(scale: number): number {
  return SIGMAS[scale]!;
}

/** 2^(-sixteenths / 16), to the last bit that of the grid of scales. @param sixteenths an integer in 0..480 */
export const octaveFraction = (sixteenths: number): number =>
  ROOTS[-sixteenths & 15]! / (1 << ((sixteenths + 15) >> 4));

/** The scale whose variance is nearest in log terms; the end of the grid for variances beyond it. */
export function scaleIndexForVariance(variance: number): number {
  let scale = 0;
  for (let stride = NUM_SCALES / 2; stride >= 1; stride /= 2) {
    if (variance >= VARIANCE_THRESHOLDS[scale + stride - 1]!) scale += stride;
  }
  return scale;
}

/**
 * Adds a value; the cost is 20 - log2(gaussianFreq) bits.
 * @param mean16 integer, 16 times the mean, magnitude below 2^31 - 8
 * @param scale 0..255
 * @throws RangeError when the value lies 2^MAX_EXCESS_BITS - 1 or more beyond the escape bin.
 */
export function pushGaussian(stack: AnsStack, value: number, mean16: number, scale: number): void {
  const centre = (mean16 + 8) >> 4;
  const fraction = mean16 - (centre << 4);
  const halfWidth = HALF_WIDTHS[scale]!;
  let bin = value - centre;
  if (bin >= halfWidth || bin <= -halfWidth) {
    pushExcess(stack, Math.abs(bin) - halfWidth);
    bin = bin < 0 ? -halfWidth : halfWidth;
  }
  const start = cdf(bin, fraction, scale);
  stack.push(start, cdf(bin + 1, fraction, scale) - start, CDF_PRECISION);
}

/**
 * Takes a value off: the exact inverse of pushGaussian, for every content of the stack.
 * @throws CodecError 'truncated' when the stack has too few bits.
 */
export function popGaussian(stack: AnsStack, mean16: number, scale: number): number {
  const centre = (mean16 + 8) >> 4;
  const fraction = mean16 - (centre << 4);
  const halfWidth = HALF_WIDTHS[scale]!;
  const slot = stack.peek(CDF_PRECISION);
  let bin = guessBin(slot, fraction, scale);
  let start = cdf(bin, fraction, scale);
  let end = cdf(bin + 1, fraction, scale);
  if (slot < start || slot >= end) {
    bin = searchBin(slot, fraction, scale);
    start = cdf(bin, fraction, scale);
    end = cdf(bin + 1, fraction, scale);
  }
  stack.pop(start, end - start, CDF_PRECISION);
  if (bin === halfWidth) bin += popExcess(stack);
  else if (bin === -halfWidth) bin -= popExcess(stack);
  return centre + bin;
}

/**
 * The value's share of 2^20: an integer, times a negative power of two for the Elias-gamma bits of an escaped
 * value, so that 20 - log2 of it is always the cost in bits. For reports; pushGaussian does not use it.
 */
export function gaussianFreq(value: number, mean16: number, scale: number): number {
  const centre = (mean16 + 8) >> 4;
  const fraction = mean16 - (centre << 4);
  const halfWidth = HALF_WIDTHS[scale]!;
  const distance = Math.abs(value - centre);
  if (distance < halfWidth) return binFreq(value - centre, fraction, scale);
  return binFreq(value < centre ? -halfWidth : halfWidth, fraction, scale) * excessShare(distance - halfWidth);
}

function binFreq(bin: number, fraction: number, scale: number): number {
  return cdf(bin + 1, fraction, scale) - cdf(bin, fraction, scale);
}

/** Start of a bin in -W..W + 1. */
function cdf(bin: number, fraction: number, scale: number): number {
  return ((normalCdf(bin, fraction, scale) * SHARES[scale]!) | 0) + bin + HALF_WIDTHS[scale]!;
}

/** 2^20 times the probability of what is below a bin, before each bin has its 1. */
export function normalCdf(bin: number, fraction: number, scale: number): number {
  // Below 2^31 in magnitude, in mixtures too, and otherwise below 2^19. Truncation equals floor where it is not clamped.
  let index = ((16 * bin - 8 - fraction) * STEPS[scale]! + (ZERO_INDEX + 0.5)) | 0;
  if (index < 0) index = 0;
  else if (index > LAST_INDEX) index = LAST_INDEX;
  return STANDARD_NORMAL_CDF[index]!;
}

/** W of a scale: bins are -W..W. */
export const halfWidthOf = (scale: number): number => HALF_WIDTHS[scale]!;

/** A bin in -W..W, most often the one that holds the slot. Right or wrong, it does not influence the result. */
function guessBin(slot: number, fraction: number, scale: number): number {
  const halfWidth = HALF_WIDTHS[scale]!;
  const bin = Math.floor(HINTS[slot >> HINT_SHIFT]! * BINS_PER_STEP[scale]! + (8 + fraction) / 16);
  return Math.max(-halfWidth, Math.min(halfWidth, bin));
}

/** The bin that holds the slot, by bisection: at most 15 rounds. */
function searchBin(slot: number, fraction: number, scale: number): number {
  let low = -HALF_WIDTHS[scale]!;
  let high = 1 - low;
  // cdf(low) <= slot < cdf(high) throughout.
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (cdf(middle, fraction, scale) <= slot) low = middle;
    else high = middle;
  }
  return low;
}

/** For each group of 2^HINT_SHIFT slots, the table step (x = 0 is 0) where Phi reaches its middle. */
function tabulateHints(): Int16Array {
  const hints = new Int16Array(TOTAL >> HINT_SHIFT);
  let index = 0;
  for (let i = 0; i < hints.length; i++) {
    const middle = (i + 0.5) * (1 << HINT_SHIFT);
    while (STANDARD_NORMAL_CDF[index]! < middle) index++;
    hints[i] = index - ZERO_INDEX;
  }
  return hints;
}

/**
 * Elias-gamma code of excess + 1 in an order that pops from its head: one 0 for each bit after the leading one,
 * a 1, then those bits. After MAX_EXCESS_BITS - 1 zeros the 1 is left out: every string of bits is then a code
 * word, and popping from arbitrary bits, as bits-back coding does, cannot fail.
 */
function pushExcess(stack: AnsStack, excess: number): void {
  if (!(excess + 1 < 1 << MAX_EXCESS_BITS)) {
    throw new RangeError(`"value" is ${excess} beyond the escape bin, must be below ${(1 << MAX_EXCESS_BITS) - 1}`);
  }
  const numZeros = 31 - Math.clz32(excess + 1);
  if (numZeros > 0) pushUniform(stack, excess + 1 - (1 << numZeros), numZeros);
  if (numZeros < MAX_EXCESS_BITS - 1) pushUniform(stack, 1, 1);
  for (let i = 0; i < numZeros; i++) pushUniform(stack, 0, 1);
}

function popExcess(stack: AnsStack): number {
  let numZeros = 0;
  while (numZeros < MAX_EXCESS_BITS - 1 && popUniform(stack, 1) === 0) numZeros++;
  const low = numZeros > 0 ? popUniform(stack, numZeros) : 0;
  return (1 << numZeros) + low - 1;
}

/** 2^-n for a code word of n bits. */
function excessShare(excess: number): number {
  const numZeros = 31 - Math.clz32(excess + 1);
  const numOnes = numZeros < MAX_EXCESS_BITS - 1 ? 1 : 0;
  return 1 / (1 << numZeros) / (1 << (numZeros + numOnes));
}
