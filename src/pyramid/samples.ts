/** Images of integer samples that are read and written by rectangles, however they are kept. */
import type { Size } from './haar.ts';
import type { Tile } from './tiles.ts';

export interface SampleMap extends Size {
  /** A copy of a window's samples, [height, width, planes]. */
  read(window: Tile): Int16Array;
  /** Puts samples, [height, width, planes], in place of a window's. */
  write(window: Tile, samples: Int16Array): void;
}

/** Samples in one array, [height, width, planes]. */
export class PlainSamples implements SampleMap {
  readonly height: number;
  readonly width: number;
  readonly data: Int16Array;
  private readonly planes: number;

  constructor({ height, width }: Size, planes: number, data: Int16Array = new Int16Array(height * width * planes)) {
    this.height = height;
    this.width = width;
    this.planes = planes;
    this.data = data;
  }

  read(window: Tile): Int16Array {
    return cut(this.data, this.width, window, this.planes);
  }

  write(window: Tile, samples: Int16Array): void {
    const rowLength = window.width * this.planes;
    for (let row = 0; row < window.height; row++) {
      const start = ((window.row + row) * this.width + window.column) * this.planes;
      this.data.set(samples.subarray(row * rowLength, (row + 1) * rowLength), start);
    }
  }
}

/** Copies a rectangle out of a map [height, width, channels]. */
export function cut<T extends Int16Array | Uint8Array>(map: T, width: number, tile: Tile, channels: number): T {
  const rowLength = tile.width * channels;
  const Samples = map.constructor as new (length: number) => T;
  const out = new Samples(tile.height * rowLength);
  for (let row = 0; row < tile.height; row++) {
    const start = ((tile.row + row) * width + tile.column) * channels;
    out.set(map.subarray(start, start + rowLength), row * rowLength);
  }
  return out;
}
