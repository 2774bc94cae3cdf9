/**
 * Input planes of the network, int8 in units of 2^-5.
 *
 * Noisy coefficients enter as a high and a low part, so that small noise levels keep their precision, and as
 * Fourier features (VDM, arXiv:2107.00630, section 5.1): latents are integers, so sin and cos are exact tables.
 */
import { type KnownMap, NUM_CLASSES, writeContrast } from './local-contrast.ts';
import { DENOISER_PLANES, KNOWN_PLANES } from './network.ts';

const COEFFICIENTS = 9;
const ALL: readonly number[] = Array.from({ length: COEFFICIENTS }, () => 1);
const MAX_COEFFICIENT = 4095;
const MAX_SCALED = 2047;

/** round(32 * sin(2 pi k / 8)) */
export const SIN_8 = Int8Array.of(0, 23, 32, 23, 0, -23, -32, -23);
/** round(32 * sin(2 pi k / 32)) */
// biome-ignore format: one quarter of the period a row
export const SIN_32 = Int8Array.of(
  0, 6, 12, 18, 23, 27, 30, 31,
  32, 31, 30, 27, 23, 18, 12, 6,
  0, -6, -12, -18, -23, -27, -30, -31,
  -32, -31, -30, -27, -23, -18, -12, -6,
);

/**
 * Planes of noisy coefficients: 9 high parts, 9 low parts, sin and cos of 2 pi y / 8, sin and cos of 2 pi y / 32.
 *
 * @param y [height, width, 9]
 * @param inScale [NUM_CLASSES, 9], 0..2^18: the scaled value is y * inScale / 2^10
 * @param classes [height, width, 3]
 * @param seen [9]: 0 for coefficients whose planes are to be 0; default: all are seen
 * @returns [height, width, DENOISER_PLANES]
 */
export function denoiserPlanes(
  y: Int32Array | Int16Array,
  { inScale, classes, seen = ALL }: { inScale: Int32Array; classes: Uint8Array; seen?: readonly number[] },
): Int8Array {
  const positions = y.length / COEFFICIENTS;
  if (!Number.isInteger(positions)) throw new RangeError(`"y" must have 9 values a position, got ${y.length}`);
  if (inScale.length !== NUM_CLASSES * COEFFICIENTS) {
    throw new RangeError(`"inScale" must have ${NUM_CLASSES * COEFFICIENTS} values, got ${inScale.length}`);
  }
  if (classes.length !== 3 * positions) throw new RangeError(`"classes" must have 3 values a position`);
  const planes = new Int8Array(positions * DENOISER_PLANES);
  for (let position = 0; position < positions; position++) {
    for (let c = 0; c < COEFFICIENTS; c++) {
      if (seen[c] === 0) continue;
      const value = clamp(y[position * COEFFICIENTS + c]!, -MAX_COEFFICIENT, MAX_COEFFICIENT);
      const row = classes[position * 3 + (c % 3)]! * COEFFICIENTS;
      writeCoefficient(planes, position * DENOISER_PLANES + c, value, inScale[row + c]!);
    }
  }
  return planes;
}

function writeCoefficient(planes: Int8Array, at: number, y: number, inScale: number): void {
  // |y * inScale| < 2^12 * 2^18, so the sum is an int32.
  const scaled = clamp((y * inScale + 512) >> 10, -MAX_SCALED, MAX_SCALED);
  const high = (scaled + 8) >> 4;
  planes[at] = clamp(high, -128, 127);
  planes[at + 9] = scaled - 16 * high; // -8..7
  // Masking a negative number takes it modulo the period too.
  planes[at + 18] = SIN_8[y & 7]!;
  planes[at + 27] = SIN_8[(y + 2) & 7]!;
  planes[at + 36] = SIN_32[y & 31]!;
  planes[at + 45] = SIN_32[(y + 8) & 31]!;
}

/**
 * Planes of the known image: luma around 0, chroma, what of the chroma does not fit 8 bits, and the local contrast.
 *
 * @param map Y, Co, Cg, or Y alone, whose chroma is 0
 * @returns [height, width, KNOWN_PLANES]
 */
export function knownPlanes(map: KnownMap): Int8Array {
  const { height, width, planes, data } = map;
  const positions = height * width;
  if (data.length !== positions * planes) {
    throw new RangeError(`"data" must have ${positions * planes} values, got ${data.length}`);
  }
  const known = new Int8Array(positions * KNOWN_PLANES);
  for (let position = 0; position < positions; position++) {
    const from = position * planes;
    const to = position * KNOWN_PLANES;
    known[to] = clamp(data[from]! - 128, -128, 127);
    if (planes === 3) writeChroma(known, to + 1, data[from + 1]!, data[from + 2]!);
  }
  writeContrast(map, known, { first: FIRST_CONTRAST, stride: KNOWN_PLANES });
  return known;
}

/** Planes of the samples themselves come before. */
const FIRST_CONTRAST = 5;

function writeChroma(known: Int8Array, at: number, co: number, cg: number): void {
  const coClamped = clamp(co, -127, 127);
  const cgClamped = clamp(cg, -127, 127);
  known[at] = coClamped;
  known[at + 1] = cgClamped;
  known[at + 2] = clamp(co - coClamped, -128, 127);
  known[at + 3] = clamp(cg - cgClamped, -128, 127);
}

const clamp = (value: number, min: number, max: number): number => Math.min(Math.max(value, min), max);
