/**
 * A convolution in chunks: a few 4x4 tiles of the output at a time, so that the transformed input and the products
 * stay in the cache.
 *
 * Chunks write apart from each other and read nothing that another one writes, so neither their order nor the thread
 * that takes a chunk changes the result. conv3x3.ts has the shapes of the arrays.
 */
import { HALF_SCRATCH, POINTS, roundShift, transformColumns, transformPatch, transformRow } from './winograd';

/** What a convolution reads and writes; the caller fills the 32-bit fields in this order. */
@unmanaged
export class Job {
  input: usize;
  inChannels: usize;
  filters: usize;
  outChannels: usize;
  rounding: usize;
  height: usize;
  width: usize;
  tileColumns: usize;
  tiles: usize;
  /** Tiles of a chunk, a multiple of 4. */
  tilesAtOnce: usize;
  /** The map that the activations go to. */
  output: usize;
  /** 0 to add to the stream instead. */
  film: usize;
  stream: usize;

  @inline
  chunks(): i32 {
    return ((this.tiles + this.tilesAtOnce - 1) / this.tilesAtOnce) as i32;
  }

  @inline
  runChunk(chunk: i32, workspace: Workspace): void {
    convolveChunk(this, chunk, workspace);
  }
}

/** What a thread needs for itself, filled as the fields of Job are. */
@unmanaged
export class Workspace {
  patches: usize;
  products: usize;
  scratch: usize;
}

export function convolveChunk(job: Job, chunk: i32, workspace: Workspace): void {
  const first = (chunk as usize) * job.tilesAtOnce;
  const tiles = min<usize>(job.tilesAtOnce, job.tiles - first);
  const patches = workspace.patches;
  transformInput(job.input, job.tileColumns, job.inChannels, first, tiles, patches, workspace.scratch);
  multiply(patches, (tiles + 3) / 4, job.inChannels, job.filters, job.outChannels, workspace.products);
  if (job.film) finishWithFilm(job, first, tiles, workspace);
  else finishWithResidual(job, first, tiles, workspace);
}

/** Writes the patches of `tiles` tiles from tile number `first` on. */
function transformInput(
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
    for (let c: usize = 0; c < channels; c += 8) {
      transformPatch(from + c * 2, row, position, to + c * 8, plane, scratch);
    }
  }
}

/**
 * Sums patches times filters over the input channels, modulo 2^32, for 4 * groups tiles.
 *
 * 4 tiles x 8 output channels fill the 16 vector registers of x86-64; unrolling further spills.
 */
function multiply(
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

/** Ends a convolution with FiLM and ReLU and writes the activations into a map. */
function finishWithFilm(job: Job, first: usize, tiles: usize, workspace: Workspace): void {
  const tileColumns = job.tileColumns;
  const channels = job.outChannels;
  const height = job.height;
  const width = job.width;
  const rounding = job.rounding;
  const film = job.film;
  const map = job.output;
  const products = workspace.products;
  const scratch = workspace.scratch;
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
function finishWithResidual(job: Job, first: usize, tiles: usize, workspace: Workspace): void {
  const tileColumns = job.tileColumns;
  const channels = job.outChannels;
  const height = job.height;
  const width = job.width;
  const rounding = job.rounding;
  const stream = job.stream;
  const map = job.output;
  const products = workspace.products;
  const scratch = workspace.scratch;
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
