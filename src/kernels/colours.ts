/** Wrapper of kernels/colours.ts: memory layout of counts; the arithmetic is in the binary. */
import type { KernelMemory } from './memory.ts';
import type { SampleKernel } from './samples.ts';
import type { SurroundingsKernel } from './surroundings.ts';

/** 32-bit fields of Colours in the kernel. */
const FIELDS = 18;
/** Numbers for the values of a window and those around it, as many as fill the fields of a row. */
const ROW_SCORES = 60;

export interface ColourSize {
  readonly rows: number;
  /** Numbers of each table, that of pairs and that of their sums alike. */
  readonly channels: number;
  readonly pairs: number;
  readonly colours: number;
  readonly colourPlaces: number;
  readonly colourSums: number;
  readonly sumPlaces: number;
  /** [6] What the axes of colours (green, red, blue) and of their sums (green, row, red) have for each coordinate. */
  readonly axes: readonly Int32Array[];
}

/** Counts of colours, 0 at first; those of a kernel are of use until something is added to it or run. */
export interface ColourArrays {
  /** [3, 256] */
  readonly channels: Int32Array;
  /** [red - green, blue - green] */
  readonly pairs: Int32Array;
  /** Of pairs and of colours, sums over the blues that are near. */
  readonly pairSums: Int32Array;
  readonly colours: Uint16Array;
  readonly colourSums: Uint32Array;
  /** Where the blocks of both are (src/absorbing/sparse-blocks.ts). */
  readonly colourPlaces: Int32Array;
  readonly sumPlaces: Int32Array;
}

export class ColourKernel {
  /** Of Colours. */
  readonly pointer: number;
  private readonly size: ColourSize;
  private readonly tables: Readonly<Record<keyof ColourArrays, number>>;

  constructor(memory: KernelMemory, samples: SampleKernel, surroundings: SurroundingsKernel, size: ColourSize) {
    this.size = size;
    this.pointer = memory.allocate(FIELDS * 4);
    // Memory that is not written takes none of the machine's, and is 0.
    this.tables = {
      channels: memory.allocate(size.channels * 4),
      pairs: memory.allocate(size.pairs * 4),
      pairSums: memory.allocate(size.pairs * 4),
      colours: memory.allocate(size.colours * 2),
      colourPlaces: memory.allocate(size.colourPlaces * 4),
      colourSums: memory.allocate(size.colourSums * 4),
      sumPlaces: memory.allocate(size.sumPlaces * 4),
    };
    const axes = size.axes.map((axis) => {
      const pointer = memory.allocate(axis.length * 4);
      memory.int32(pointer, axis.length).set(axis);
      return pointer;
    });
    const numbers = [0, 0, 0].map(() => memory.allocate(size.rows * ROW_SCORES * 8));
    const { channels, pairs, pairSums, colours, colourPlaces, colourSums, sumPlaces } = this.tables;
    const tables = [channels, pairs, pairSums, colours, colourPlaces, colourSums, sumPlaces];
    const fields = [surroundings.pointer, ...tables, ...axes, ...numbers, samples.pointerTo('weighed')];
    memory.int32(this.pointer, FIELDS).set(fields);
  }

  arrays(memory: KernelMemory): ColourArrays {
    const { size, tables } = this;
    return {
      channels: memory.int32(tables.channels, size.channels),
      pairs: memory.int32(tables.pairs, size.pairs),
      pairSums: memory.int32(tables.pairSums, size.pairs),
      colours: memory.uint16(tables.colours, size.colours),
      colourPlaces: memory.int32(tables.colourPlaces, size.colourPlaces),
      colourSums: memory.uint32(tables.colourSums, size.colourSums),
      sumPlaces: memory.int32(tables.sumPlaces, size.sumPlaces),
    };
  }
}
