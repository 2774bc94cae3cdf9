/**
 * How much of an image is a copy of another part, however far away, as in a tiled texture. A WebP that is encoded in a
 * hurry misses such copies, and diffusion knows nothing of them.
 */
import type { Image8 } from '../image/image.ts';

/** Pixels that are compared at once. */
const RUN = 16;
const FACTOR = 0x9e37_79b1;
/** FACTOR^RUN modulo 2^32: the weight of the pixel that leaves the run. */
const LAST = Array.from({ length: RUN }).reduce((power: number) => Math.imul(power, FACTOR), 1);

/** One run of so many is looked at, chosen by its hash, so that copies are chosen alike. */
const SAMPLE_MASK = 63;
/** Runs, at most: beyond that the share of the runs so far counts. */
const MAX_RUNS = 1 << 18;

/** The share, 0 to 1, of runs of pixels that stood in the image before; runs of one colour do not count. */
export function repeatShare({ channels, data }: Image8): number {
  const seen = new Set<number>();
  let [runs, repeats, hash, sameFor] = [0, 0, 0, 0];
  const pixels = data.length / channels;
  for (let i = 0; i < pixels && runs < MAX_RUNS; i++) {
    const pixel = pixelAt(data, i * channels, channels);
    const leaving = i < RUN ? 0 : pixelAt(data, (i - RUN) * channels, channels);
    hash = (Math.imul(hash, FACTOR) + pixel - Math.imul(leaving, LAST)) | 0;
    sameFor = i > 0 && pixel === pixelAt(data, (i - 1) * channels, channels) ? sameFor + 1 : 1;
    if (i < RUN - 1 || sameFor >= RUN || ((hash >>> 20) & SAMPLE_MASK) !== 0) continue;
    runs++;
    if (seen.has(hash)) repeats++;
    else seen.add(hash);
  }
  return runs === 0 ? 0 : repeats / runs;
}

/** The samples of a pixel as a number that is not 0. */
function pixelAt(data: Uint8Array, at: number, channels: number): number {
  let value = 1;
  for (let c = 0; c < channels; c++) value = Math.imul(value, 257) + data[at + c]!;
  return value;
}
