/** Stages of one size as the network is given them. */
import { NUM_COEFFICIENTS, NUM_PLANES } from '../diffusion/dimensions.ts';
import { knownPlanes } from '../network/features.ts';
import { contrastClasses } from '../network/local-contrast.ts';
import { KNOWN_PLANES } from '../network/network.ts';
import { analyse } from '../pyramid/haar.ts';
import { CODING_ORDERS, RoundingShifts } from '../pyramid/rounding-shifts.ts';
import { ACTIVATION_UNIT } from './fake-quantize.ts';

export interface Batch {
  readonly size: number;
  /** In positions: half the pixels of the stage's image. */
  readonly height: number;
  readonly width: number;
  /** [size] */
  readonly condition: Int32Array;
  /** [size, height, width, 9] integers */
  readonly detail: Float32Array;
  /** [size, height, width, 9]: what the integer transforms rounded away from the details (src/pyramid/rounding-shifts.ts) */
  readonly shift: Float32Array;
  /** [size, height, width, KNOWN_PLANES] in real units */
  readonly known: Float32Array;
  /** [size, height, width, 3] classes of local contrast (src/network/local-contrast.ts) */
  readonly classes: Uint8Array;
  /** [size, 9]: 0 where a gray example has no coefficient. */
  readonly mask: Float32Array;
}

/** Index in a table [NUM_CLASSES, 9] of coefficient j of a batch's details. @param classes as in Batch */
export function classRow(classes: Uint8Array, j: number): number {
  const c = j % NUM_COEFFICIENTS;
  return classes[((j - c) / NUM_COEFFICIENTS) * NUM_PLANES + (c % NUM_PLANES)]! * NUM_COEFFICIENTS + c;
}

/** Examples in a batch of small images, at most. */
const MAX_EXAMPLES = 256;

/** Examples of `side` pixels a side that make a batch of so many positions. */
export const examplesOf = (side: number, batchPositions: number): number =>
  Math.min(MAX_EXAMPLES, Math.max(1, Math.round(batchPositions / (side / 2) ** 2)));

/** @param side in pixels */
export function emptyBatch(size: number, side: number): Batch {
  const positions = (side / 2) ** 2;
  return {
    size,
    height: side / 2,
    width: side / 2,
    condition: new Int32Array(size),
    detail: new Float32Array(size * positions * NUM_COEFFICIENTS),
    shift: new Float32Array(size * positions * NUM_COEFFICIENTS),
    known: new Float32Array(size * positions * KNOWN_PLANES),
    classes: new Uint8Array(size * positions * 3),
    mask: new Float32Array(size * NUM_COEFFICIENTS).fill(1),
  };
}

/** The image of a stage, or a part of it. */
export interface StageImage {
  /** YCoCg planes [2 * height, 2 * width, 3] */
  readonly patch: Int16Array;
  /** The pixels are those of the image itself, and no means of others. */
  readonly isFinest: boolean;
}

/** Takes the image of a stage apart. */
export function fillExample(batch: Batch, i: number, { patch, isFinest }: StageImage): void {
  const { low, detail } = analyse(patch, 2 * batch.height, 2 * batch.width, NUM_PLANES);
  batch.detail.set(detail, i * detail.length);
  const shifts = new RoundingShifts(isFinest);
  const order = CODING_ORDERS[NUM_PLANES];
  const u = Int32Array.from(detail);
  for (let base = 0, lowBase = 0; base < u.length; base += NUM_COEFFICIENTS, lowBase += NUM_PLANES) {
    const block = { low, lowBase, u, base };
    for (const c of order) batch.shift[i * u.length + base + c] = shifts.shift16(c, block) / 16;
  }
  const map = { height: batch.height, width: batch.width, planes: NUM_PLANES, data: low } as const;
  const known = knownPlanes(map);
  for (let j = 0; j < known.length; j++) batch.known[i * known.length + j] = known[j]! * ACTIVATION_UNIT;
  const classes = contrastClasses(map);
  batch.classes.set(classes, i * classes.length);
}
