/**
 * Wrapper of kernels/conv3x3.wasm: memory layout and the order of calls; the arithmetic is in the binary.
 *
 * A convolution runs over 4x4 tiles of its output, a few tiles at a time, so that the transformed input and the
 * products stay in the cache. Arrays in the kernel's memory have their channels padded to groups of 8.
 */
import type { Conv3x3Exports } from './load.ts';
import { KernelMemory } from './memory.ts';

const TILE = 4;
const POINTS = 36;
const SCRATCH_BYTES = 768;
/** A multiple of 4. Speed does not depend on it between 8 and 32. */
const TILES_AT_ONCE = 16;
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

export const padChannels = (channels: number): number => Math.ceil(channels / 8) * 8;

export function tileGrid(height: number, width: number): TileGrid {
  return { height, width, tileColumns: Math.ceil(width / TILE), tileRows: Math.ceil(height / TILE) };
}

export class Conv3x3 {
  readonly memory: KernelMemory;
  private readonly wasm: Conv3x3Exports;
  private readonly patches: number;
  private readonly products: number;
  private readonly scratch: number;

  /** @param maxChannels of any layer's input or output */
  constructor(wasm: Conv3x3Exports, maxChannels: number) {
    this.wasm = wasm;
    this.memory = new KernelMemory(wasm.memory);
    const channels = padChannels(maxChannels);
    this.patches = this.memory.allocate(TILES_AT_ONCE * POINTS * channels * 2);
    this.products = this.memory.allocate(TILES_AT_ONCE * POINTS * channels * 4);
    this.scratch = this.memory.allocate(SCRATCH_BYTES);
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
    const sizes = [conv.outChannels, conv.inChannels, filters, outChannels, inChannels];
    this.wasm.transformFilters(source, ...sizes, this.scratch);
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

  /** A zeroed map: int16 [4 * tileRows + 2, 4 * tileColumns + 2, channels]. */
  allocateMap(grid: TileGrid, channels: number): number {
    const length = (grid.tileRows * TILE + 2) * (grid.tileColumns * TILE + 2) * channels;
    const map = this.memory.allocate(length * 2);
    this.memory.int16(map, length).fill(0);
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
    const { outChannels, rounding } = layer;
    const { height, width, tileColumns } = grid;
    this.forTiles(layer, grid, maps.input, (first, tiles) => {
      const shape = [first, tiles, tileColumns, outChannels, height, width];
      this.wasm.finishWithFilm(this.products, ...shape, rounding, maps.film, maps.output, this.scratch);
    });
  }

  /** Adds the convolution of `input` to `stream`; the stream's activations go to `output`. */
  addConvolution(layer: Conv3x3Layer, grid: TileGrid, maps: { input: number; stream: number; output: number }): void {
    const { outChannels, rounding } = layer;
    const { height, width, tileColumns } = grid;
    this.forTiles(layer, grid, maps.input, (first, tiles) => {
      const shape = [first, tiles, tileColumns, outChannels, height, width];
      this.wasm.finishWithResidual(this.products, ...shape, rounding, maps.stream, maps.output, this.scratch);
    });
  }

  /** Makes the products of a few tiles at a time, and calls `finish` for them. */
  private forTiles(
    { inChannels, outChannels, filters }: Conv3x3Layer,
    { tileColumns, tileRows }: TileGrid,
    input: number,
    finish: (first: number, tiles: number) => void,
  ): void {
    const { wasm, patches, products, scratch } = this;
    const end = tileRows * tileColumns;
    for (let first = 0; first < end; first += TILES_AT_ONCE) {
      const tiles = Math.min(TILES_AT_ONCE, end - first);
      wasm.transformInput(input, tileColumns, inChannels, first, tiles, patches, scratch);
      wasm.multiply(patches, Math.ceil(tiles / 4), inChannels, filters, outChannels, products);
      finish(first, tiles);
    }
  }
}
