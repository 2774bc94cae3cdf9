/** The network on WebAssembly SIMD: 4x4 output tiles, weights resident, everything outside convolutions fused. */
import { Conv3x3, type Conv3x3Layer, padChannels, type TileGrid, tileGrid } from '../kernels/conv3x3.ts';
import { type Conv3x3Exports, loadConv3x3 } from '../kernels/load.ts';
import { assertAccumulatorBounds } from './bounds.ts';
import {
  type BlockWeights,
  DENOISER_OUTPUTS,
  DENOISER_PLANES,
  type Film,
  KNOWN_PLANES,
  type NetworkEngine,
  type NetworkWeights,
} from './network.ts';
import { assertDenoiseCall, assertTrunkCall } from './validate.ts';

interface BlockLayers {
  readonly conv1: Conv3x3Layer;
  readonly conv2: Conv3x3Layer;
}

/** Pointers to the buffers of one map size. */
interface Buffers {
  readonly grid: TileGrid;
  /** int8 planes as given, and the two maps they are widened into. */
  readonly planes: number;
  readonly knownMap: number;
  readonly planesMap: number;
  /** The residual stream and its activations. */
  readonly stream: number;
  readonly activations: number;
  /** Activations inside a block. */
  readonly hidden: number;
  readonly output: number;
  /** The kernel makes activations of the output too; nobody reads them. */
  readonly outputActivations: number;
}

/** @throws Error where WebAssembly SIMD is missing. */
export function createWasmEngine(weights: NetworkWeights): NetworkEngine {
  const wasm = loadConv3x3();
  if (wasm === undefined) throw new Error('WebAssembly SIMD is not available');
  return new WasmEngine(wasm, weights);
}

export class WasmEngine implements NetworkEngine {
  private readonly channels: number;
  private readonly conv: Conv3x3;
  private readonly trunkIn: Conv3x3Layer;
  private readonly trunkBlocks: readonly BlockLayers[];
  private readonly denoiserIn: Conv3x3Layer;
  private readonly denoiserBlocks: readonly BlockLayers[];
  private readonly denoiserOut: Conv3x3Layer;
  /** int32 [blocks, 2, channels] of the current call. */
  private readonly film: number;
  private readonly residentEnd: number;
  private buffers: Buffers | undefined;

  /** @param threads above 1 need the kernel for shared memory */
  constructor(wasm: Conv3x3Exports, weights: NetworkWeights, threads = 1) {
    assertAccumulatorBounds(weights);
    this.channels = weights.channels;
    this.conv = new Conv3x3(wasm, Math.max(weights.channels, DENOISER_PLANES), threads);
    this.trunkIn = this.conv.addLayer(weights.trunkIn);
    this.trunkBlocks = this.addBlocks(weights.trunkBlocks);
    this.denoiserIn = this.conv.addLayer(weights.denoiserIn);
    this.denoiserBlocks = this.addBlocks(weights.denoiserBlocks);
    this.denoiserOut = this.conv.addLayer(weights.denoiserOut);
    const maxBlocks = Math.max(this.trunkBlocks.length, this.denoiserBlocks.length);
    this.film = this.conv.memory.allocate(maxBlocks * 2 * this.channels * 4);
    this.residentEnd = this.conv.memory.mark();
  }

  trunk(known: Int8Array, height: number, width: number, film: Film): Int16Array {
    const { channels, trunkBlocks } = this;
    assertTrunkCall({ height, width, channels, blocks: trunkBlocks.length, film }, known);
    const buffers = this.buffersFor(height, width);
    this.stream(buffers).fill(0);
    this.addPlanes(buffers, known, { planes: KNOWN_PLANES, map: buffers.knownMap, layer: this.trunkIn });
    this.runBlocks(buffers, trunkBlocks, film);
    return this.stream(buffers).slice();
  }

  denoise(planes: Int8Array, context: Int16Array, height: number, width: number, film: Film): Int16Array {
    const { channels, denoiserBlocks } = this;
    assertDenoiseCall({ height, width, channels, blocks: denoiserBlocks.length, film }, planes, context);
    const buffers = this.buffersFor(height, width);
    this.stream(buffers).set(context);
    this.addPlanes(buffers, planes, { planes: DENOISER_PLANES, map: buffers.planesMap, layer: this.denoiserIn });
    this.runBlocks(buffers, denoiserBlocks, film);
    return this.denoiserOutput(buffers);
  }

  private addBlocks(blocks: readonly BlockWeights[]): BlockLayers[] {
    return blocks.map(({ conv1, conv2 }) => ({
      conv1: this.conv.addLayer(conv1),
      conv2: this.conv.addLayer(conv2),
    }));
  }

  /** Buffers are kept while the size stays; only the insides of maps are ever written, so borders stay zero. */
  private buffersFor(height: number, width: number): Buffers {
    const { grid } = this.buffers ?? {};
    if (grid?.height === height && grid.width === width) return this.buffers!;
    this.buffers = undefined;
    this.conv.memory.release(this.residentEnd);
    this.buffers = this.allocateBuffers(tileGrid(height, width));
    return this.buffers;
  }

  private allocateBuffers(grid: TileGrid): Buffers {
    const { conv, channels } = this;
    const positions = grid.height * grid.width;
    const outputs = padChannels(DENOISER_OUTPUTS);
    return {
      grid,
      planes: conv.allocatePlanes(grid, DENOISER_PLANES),
      knownMap: conv.allocateMap(grid, padChannels(KNOWN_PLANES)),
      planesMap: conv.allocateMap(grid, padChannels(DENOISER_PLANES)),
      stream: conv.memory.allocate(positions * channels * 2),
      activations: conv.allocateMap(grid, channels),
      hidden: conv.allocateMap(grid, channels),
      output: conv.memory.allocate(positions * outputs * 2),
      outputActivations: conv.allocateMap(grid, outputs),
    };
  }

  private stream({ grid, stream }: Buffers): Int16Array {
    return this.conv.memory.int16(stream, grid.height * grid.width * this.channels);
  }

  /** Adds the first convolution to the stream. */
  private addPlanes(
    { grid, planes: pointer, stream, activations }: Buffers,
    values: Int8Array,
    { planes, map, layer }: { planes: number; map: number; layer: Conv3x3Layer },
  ): void {
    this.conv.memory.int8(pointer, values.length).set(values);
    this.conv.widenPlanes(grid, planes, pointer, map);
    this.conv.addConvolution(layer, grid, { input: map, stream, output: activations });
  }

  private runBlocks({ grid, stream, activations, hidden }: Buffers, blocks: readonly BlockLayers[], film: Film): void {
    this.writeFilm(film, blocks.length);
    blocks.forEach(({ conv1, conv2 }, block) => {
      const filmRow = this.film + block * 2 * this.channels * 4;
      this.conv.convolveWithFilm(conv1, grid, { input: activations, film: filmRow, output: hidden });
      this.conv.addConvolution(conv2, grid, { input: hidden, stream, output: activations });
    });
  }

  private writeFilm({ multiplier, offset }: Film, blocks: number): void {
    const { channels } = this;
    const rows = this.conv.memory.int32(this.film, blocks * 2 * channels);
    for (let block = 0; block < blocks; block++) {
      const from = block * channels;
      rows.set(multiplier.subarray(from, from + channels), 2 * from);
      rows.set(offset.subarray(from, from + channels), 2 * from + channels);
    }
  }

  /** The last convolution, with the padding taken off its channels. */
  private denoiserOutput({ grid, activations, output, outputActivations }: Buffers): Int16Array {
    const padded = padChannels(DENOISER_OUTPUTS);
    const positions = grid.height * grid.width;
    const sums = this.conv.memory.int16(output, positions * padded);
    sums.fill(0);
    const maps = { input: activations, stream: output, output: outputActivations };
    this.conv.addConvolution(this.denoiserOut, grid, maps);
    return withoutPadding(sums, padded, DENOISER_OUTPUTS);
  }
}

/** Takes [positions, padded] to [positions, channels], both even numbers, two values at a time. */
function withoutPadding(values: Int16Array, padded: number, channels: number): Int16Array {
  const pairs = new Int32Array(values.buffer, values.byteOffset, values.length / 2);
  const result = new Int32Array((pairs.length / padded) * channels);
  for (let to = 0, from = 0; to < result.length; from += padded / 2) {
    for (let c = 0; c < channels / 2; c++) result[to++] = pairs[from + c]!;
  }
  return new Int16Array(result.buffer);
}
