/**
 * 3x3 convolution of 8-bit activations with int8 weights, with what follows it in the network: rounding, FiLM and
 * ReLU, or the addition to the residual stream. chunk.ts computes it, winograd.ts has the method and its bounds.
 *
 * The caller lays out memory. Pointers are multiples of 16, channels multiples of 8, and arrays are
 *   - map: int16 [4 * tileRows + 2, 4 * tileColumns + 2, channels], zero outside [1..height, 1..width];
 *   - filters: int16 [outChannels / 8, 36, inChannels / 2, 8, 2];
 *   - rounding: int32 [2, outChannels], 64 * (bias + half) and 2^(26 - shift);
 *   - film: int32 [2, channels], multiplier and offset;
 *   - stream: int16 [height, width, channels];
 *   - patches, the transformed tiles of a map: int16 [tiles / 4, 36, inChannels / 2, 4, 2];
 *   - products: int32 [tiles, outChannels / 8, 36, 8];
 *   - scratch: 768 bytes.
 */
import { convolveChunk, Job, Workspace } from './chunk';
import { POINTS, transformFilter } from './winograd';

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

/** Computes a whole convolution. */
export function convolve(job: Job, workspace: Workspace): void {
  const chunks = job.chunks();
  for (let chunk = 0; chunk < chunks; chunk++) convolveChunk(job, chunk, workspace);
}
