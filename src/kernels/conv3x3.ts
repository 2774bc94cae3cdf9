/**
 * Wrapper of kernels/conv3x3.wasm: memory layout and the order of calls; the arithmetic is in the binary.
 *
 * A convolution runs over 4x4 tiles of its output, a chunk of tiles at a time, so that the transformed input and the
 * products stay in the cache; threads share the chunks. Arrays in the kernel's memory have their channels padded to groups of 8.
 */
import type { Conv3x3Exports, SharedConv3x3 } from './load.ts';
import { KernelMemory } from './memory.ts';
import { Team } from './team.ts';

const TILE = 4;
const POINTS = 36;
const SCRATCH_BYTES = 768;
/** A multiple of 4. Speed does not depend on it between 8 and 32. */
const TILES_AT_ONCE = 16;
/** Tiles of the smallest chunk. */
const TILE_GROUP = 4;
/** Chunks that each thread should get, so that none waits long for the last one. */
const CHUNKS_A_THREAD = 4;
/** Positions of the smallest map that is shared: below, starting the helpers costs more than they save. */
const MIN_SHARED = 2048;
/** 32-bit fields of Job and Workspace in kernels/chunk.ts. */
const JOB_FIELDS = 13;
const WORKSPACE_FIELDS = 3;
/** Vector loads of input planes may reach this far beyond the last one. */
const PLANE_SLACK = 8;

/** [outChannels, 3, 3, inChannels] weights with bias and right shift per output channel. */
export interface Conv3x3Weights {
  readonly inChannels: number;
  readonly outChannels: number;
  readonly weights: Int8Array;
  readonly bias: Int32Array;
  readonly shift: Uint8Array;
}

/** A convolution whose weights are in the kernel's memory. */
export interface Conv3x3Layer {
  /** Padded. */
  readonly inChannels: number;
  /** Padded. */
  readonly outChannels: number;
  readonly filters: number;
  readonly rounding: number;
}

/** The tiles that cover an output. */
export interface TileGrid {
  readonly height: number;
  readonly width: number;
  readonly tileColumns: number;
  readonly tileRows: number;
}

/** Pointers to what a convolution writes: activations to `output`, and a sum to `stream` unless `film` is given. */
interface Targets {
  readonly input: number;
  readonly output: number;
  readonly film?: number;
  readonly stream?: number;
}

export const padChannels = (channels: number): number => Math.ceil(channels / 8) * 8;

export function tileGrid(height: number, width: number): TileGrid {
  return { height, width, tileColumns: Math.ceil(width / TILE), tileRows: Math.ceil(height / TILE) };
}

/** A multiple of TILE_GROUP up to TILES_AT_ONCE. */
function tilesOfChunk(tiles: number, threads: number): number {
  const groups = Math.ceil(tiles / (threads * CHUNKS_A_THREAD * TILE_GROUP));
  return Math.min(groups * TILE_GROUP, TILES_AT_ONCE);
}

export class Conv3x3 {
  readonly memory: KernelMemory;
  private readonly wasm: Conv3x3Exports;
  private readonly channels: number;
  private readonly job: number;
  private readonly workspace: number;
  private readonly team: Team | undefined;

  /**
   * @param maxChannels of any layer's input or output
   * @param threads above 1, convolutions of large maps are shared with helpers, if the kernel's memory can be
   */
  constructor(wasm: Conv3x3Exports | SharedConv3x3, maxChannels: number, threads = 1) {
    this.wasm = wasm;
    this.memory = new KernelMemory(wasm.memory);
    this.channels = padChannels(maxChannels);
    this.job = this.memory.allocate(JOB_FIELDS * 4);
    this.workspace = this.allocateWorkspace();
    if (threads > 1 && 'begin' in wasm) {
      const workspaces = Array.from({ length: threads - 1 }, () => this.allocateWorkspace());
      this.team = new Team(wasm, this.memory, this.job, workspaces);
    }
  }

  /** Room for a thread's patches, products and scratch, and the pointers to them. */
  private allocateWorkspace(): number {
    const workspace = this.memory.allocate(WORKSPACE_FIELDS * 4);
    const patches = this.memory.allocate(TILES_AT_ONCE * POINTS * this.channels * 2);
    const products = this.memory.allocate(TILES_AT_ONCE * POINTS * this.channels * 4);
    const scratch = this.memory.allocate(SCRATCH_BYTES);
    this.memory.int32(workspace, WORKSPACE_FIELDS).set([patches, products, scratch]);
    return workspace;
  }

  /** Copies a layer into the kernel's memory, where it stays. */
  addLayer(conv: Conv3x3Weights): Conv3x3Layer {
    const inChannels = padChannels(conv.inChannels);
    const outChannels = padChannels(conv.outChannels);
    const filters = this.memory.allocate(POINTS * inChannels * outChannels * 2);
    const rounding = this.memory.allocate(outChannels * 8);
    this.writeRounding(this.memory.int32(rounding, outChannels * 2), conv);
    const mark = this.memory.mark();
    const source = this.memory.allocate(conv.weights.length);
    this.memory.int8(source, conv.weights.length).set(conv.weights);
    const scratch = this.memory.allocate(SCRATCH_BYTES);
    const sizes = [conv.outChannels, conv.inChannels, filters, outChannels, inChannels];
    this.wasm.transformFilters(source, ...sizes, scratch);
    this.memory.release(mark);
    return { inChannels, outChannels, filters, rounding };
  }

  /** rounding: [2, outChannels], 64 * (bias + half) and 2^(26 - shift), zero in the padding. */
  private writeRounding(rounding: Int32Array, { outChannels, bias, shift }: Conv3x3Weights): void {
    rounding.fill(0);
    for (let o = 0; o < outChannels; o++) {
      const half = (1 << shift[o]!) >> 1;
      // |bias + half| < 2^24 + 2^19
      rounding[o] = 64 * (bias[o]! + half);
      rounding[rounding.length / 2 + o] = 1 << (26 - shift[o]!);
    }
  }

  /** A map whose border is zero: int16 [4 * tileRows + 2, 4 * tileColumns + 2, channels]. */
  allocateMap(grid: TileGrid, channels: number): number {
    const rowLength = (grid.tileColumns * TILE + 2) * channels;
    const length = (grid.tileRows * TILE + 2) * rowLength;
    const map = this.memory.allocate(length * 2);
    const values = this.memory.int16(map, length);
    // From the end of one row's inside to the beginning of the next one's.
    let from = 0;
    for (let row = 1; row <= grid.height; row++) {
      values.fill(0, from, row * rowLength + channels);
      from = row * rowLength + (1 + grid.width) * channels;
    }
    values.fill(0, from);
    return map;
  }

  /** Room for the int8 planes that widenPlanes reads. */
  allocatePlanes(grid: TileGrid, planes: number): number {
    return this.memory.allocate(grid.height * grid.width * planes + PLANE_SLACK);
  }

  /** Copies int8 planes [height, width, planes] into a map of padChannels(planes) channels. */
  widenPlanes(grid: TileGrid, planes: number, source: number, map: number): void {
    const mapWidth = grid.tileColumns * TILE + 2;
    this.wasm.widenPlanes(source, planes, map, mapWidth, padChannels(planes), grid.height, grid.width);
  }

  /** Convolution of `input`, FiLM with int32 [2, channels] at `film`, ReLU; the activations go to `output`. */
  convolveWithFilm(layer: Conv3x3Layer, grid: TileGrid, maps: { input: number; film: number; output: number }): void {
    this.convolve(layer, grid, maps);
  }

  /** Adds the convolution of `input` to `stream`; the stream's activations go to `output`. */
  addConvolution(layer: Conv3x3Layer, grid: TileGrid, maps: { input: number; stream: number; output: number }): void {
    this.convolve(layer, grid, maps);
  }

  private convolve(layer: Conv3x3Layer, grid: TileGrid, maps: Targets): void {
    const { inChannels, filters, outChannels, rounding } = layer;
    const { height, width, tileColumns, tileRows } = grid;
    const { input, output, film = 0, stream = 0 } = maps;
    const team = height * width < MIN_SHARED ? undefined : this.team;
    const tiles = tileColumns * tileRows;
    const tilesAtOnce = team === undefined ? TILES_AT_ONCE : tilesOfChunk(tiles, team.size);
    const shape = [height, width, tileColumns, tiles, tilesAtOnce];
    const fields = [input, inChannels, filters, outChannels, rounding, ...shape, output, film, stream];
    this.memory.int32(this.job, JOB_FIELDS).set(fields);
    if (team === undefined) {
      this.wasm.convolve(this.job, this.workspace);
      return;
    }
    team.begin();
    team.finish(this.workspace);
  }
}
