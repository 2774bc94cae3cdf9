/** Wrapper of kernels/surroundings.ts: memory layout of what is kept of an image; the arithmetic is in the binary. */
import type { KernelMemory } from './memory.ts';
import type { SampleKernel } from './samples.ts';

/** 32-bit fields of Surroundings in the kernel. */
const FIELDS = 12;
/** Fields of the batch. */
const BATCH_FIELD = 2;

/** Rows, a power of two, of which the last columns are kept: a row that ends is needed no more when so many rows later one begins. */
export const RING_ROWS = 1 << 14;
const PIXEL_COLUMNS = 32;
const PIXEL_ROW = 2 * PIXEL_COLUMNS * 3;
const ERROR_COLUMNS = 16;
/** Of up to three planes. */
const ERROR_ROW = ERROR_COLUMNS * 3;

/** Where a batch is in an image. */
export interface BatchPlace {
  /** Of the uppermost pixel; the next ones lie a row below and SLOPE columns to the left. */
  readonly row: number;
  readonly column: number;
  readonly width: number;
  readonly planes: number;
}

/** The last columns of each row of an image; of use until something is added to the kernel or run. */
export class RevealedRings {
  private readonly pixels: Uint8Array;
  private readonly errors: Float32Array;

  /**
   * @param pixels [RING_ROWS, 2, PIXEL_COLUMNS, 3]
   * @param errors [RING_ROWS, ERROR_ROW], of which a row has [ERROR_COLUMNS, planes]
   */
  constructor(pixels: Uint8Array, errors: Float32Array) {
    this.pixels = pixels;
    this.errors = errors;
  }

  setSample(row: number, column: number, channel: number, value: number): void {
    const at = (row & (RING_ROWS - 1)) * PIXEL_ROW + (column & (PIXEL_COLUMNS - 1)) * 3 + channel;
    this.pixels[at] = value;
    this.pixels[at + PIXEL_ROW / 2] = value;
  }

  setError(row: number, column: number, plane: number, planes: number, error: number): void {
    this.errors[(row & (RING_ROWS - 1)) * ERROR_ROW + (column & (ERROR_COLUMNS - 1)) * planes + plane] = error;
  }
}

export class SurroundingsKernel {
  /** Of Surroundings. */
  readonly pointer: number;
  private readonly pixels: number;
  private readonly errors: number;

  /** @param inputs pointer to those of the network, which a look writes with numbers of the samples */
  constructor(memory: KernelMemory, inputs: number, samples: SampleKernel) {
    this.pointer = memory.allocate(FIELDS * 4);
    // Memory that is not written takes none of the machine's.
    this.pixels = memory.allocate(RING_ROWS * PIXEL_ROW);
    this.errors = memory.allocate(RING_ROWS * ERROR_ROW * 4);
    const written = (['spreads', 'bases', 'predictions', 'inputs', 'energies'] as const).map((name) =>
      samples.pointerTo(name),
    );
    memory.int32(this.pointer, FIELDS).set([this.pixels, this.errors, 0, 0, 0, 0, inputs, ...written]);
  }

  /** Says where the next look is at. */
  set(memory: KernelMemory, { row, column, width, planes }: BatchPlace): void {
    memory.int32(this.pointer, FIELDS).set([row, column, width, planes], BATCH_FIELD);
  }

  rings(memory: KernelMemory): RevealedRings {
    return new RevealedRings(
      memory.uint8(this.pixels, RING_ROWS * PIXEL_ROW),
      memory.float32(this.errors, RING_ROWS * ERROR_ROW),
    );
  }
}
