/**
 * Counts of the colours that an image has shown so far: of each channel, of pairs of differences to green and of whole colours; and,
 * as red comes before blue is known, sums of counts over the blues that would be near.
 */
import type { ColourArrays } from '../kernels/colours.ts';
import { blockLayout } from './block-layout.ts';
import { NUM_CHANNELS } from './neighbourhood.ts';

/** Values of a channel. */
export const SIZE = 256;
/** Weights of the counts of blues that are 0, 1, 2, 3, 4 away from the one that is most likely. */
const BLUE_KERNEL = [16, 15, 12, 8, 4] as const;
const BLUE_REACH = BLUE_KERNEL.length - 1;
/** Differences of two channels are -255..255. */
const DIFFERENCES = 2 * SIZE;
/** [green, red, blue], each of 8 x 16 x 16 in a page. */
const COLOURS = blockLayout([
  { size: SIZE, blockBits: 3 },
  { size: SIZE, blockBits: 4 },
  { size: SIZE, blockBits: 4 },
]);
const [COLOUR_GREEN, COLOUR_RED, COLOUR_BLUE] = COLOURS.offsets;
const PAGE_BYTES = 1 << 12;
const COLOUR_PAGE_BITS = 11;
/** [green, blue - (red >> 1) + 128, red], each of 4 x 16 x 16 in a page: rows are 1..383. */
const SUM_ROW = SIZE / 2;
const SUMS = blockLayout([
  { size: SIZE, blockBits: 2 },
  { size: SIZE + SUM_ROW, blockBits: 4 },
  { size: SIZE, blockBits: 4 },
]);
const [SUM_GREEN, SUM_ROWS, SUM_RED] = SUMS.offsets;
const SUM_PAGE_BITS = 10;
const MOST_COUNTED = 0xffff;

/** Numbers of each table, and what the axes of the large ones have for each coordinate. */
export const COLOUR_LAYOUT = {
  channels: NUM_CHANNELS * SIZE,
  pairs: DIFFERENCES * DIFFERENCES,
  colours: COLOURS.length,
  colourSums: SUMS.length,
  axes: [...COLOURS.offsets, ...SUMS.offsets],
} as const;

/** Tables of their own. Systems give memory to the pages that are written. */
export const createColourTables = (): ColourArrays => ({
  channels: new Int32Array(COLOUR_LAYOUT.channels),
  pairs: new Int32Array(COLOUR_LAYOUT.pairs),
  pairSums: new Int32Array(COLOUR_LAYOUT.pairs),
  colours: new Uint16Array(COLOUR_LAYOUT.colours),
  colourSums: new Uint32Array(COLOUR_LAYOUT.colourSums),
});

/** What is counted in tables, which may be moved from one call to the next. */
export class ColourCounts {
  /** Pages of colours, and of their sums, that are written. */
  private readonly colourPages = new Uint8Array(COLOURS.length >> COLOUR_PAGE_BITS);
  private readonly sumPages = new Uint8Array(SUMS.length >> SUM_PAGE_BITS);

  /** Counts a pixel. */
  add(
    { channels, pairs, colours, pairSums, colourSums }: ColourArrays,
    green: number,
    red: number,
    blue: number,
  ): void {
    channels[green]!++;
    channels[SIZE + red]!++;
    channels[2 * SIZE + blue]!++;
    const [pair, colour] = [pairIndex(green, red, blue), colourIndex(green, red, blue)];
    pairs[pair]!++;
    const isNew = colours[colour] === 0;
    const counts = colours[colour]! < MOST_COUNTED;
    if (counts) colours[colour]!++;
    if (isNew) this.colourPages[colour >> COLOUR_PAGE_BITS] = 1;
    const last = Math.min(BLUE_REACH, SIZE - 1 - blue);
    for (let d = Math.max(-BLUE_REACH, -blue); d <= last; d++) {
      const weight = BLUE_KERNEL[d < 0 ? -d : d]!;
      pairSums[pair + d]! += weight;
      if (!counts) continue;
      const sum = sumIndex(green, blue + d - (red >> 1), red);
      colourSums[sum]! += weight;
      if (isNew) this.sumPages[sum >> SUM_PAGE_BITS] = 1;
    }
  }

  /** Bytes of the large tables that are written. */
  get writtenBytes(): number {
    return PAGE_BYTES * [...this.colourPages, ...this.sumPages].reduce((sum, isWritten) => sum + isWritten, 0);
  }

  /** Forgets all pixels. */
  clear({ channels, pairs, colours, pairSums, colourSums }: ColourArrays): void {
    for (const table of [channels, pairs, pairSums]) table.fill(0);
    clearPages(colours, this.colourPages, 1 << COLOUR_PAGE_BITS);
    clearPages(colourSums, this.sumPages, 1 << SUM_PAGE_BITS);
  }
}

function clearPages(table: Uint16Array | Uint32Array, pages: Uint8Array, length: number): void {
  for (let i = pages.indexOf(1); i >= 0; i = pages.indexOf(1, i)) {
    table.fill(0, i * length, (i + 1) * length);
    pages[i] = 0;
  }
}

export const pairIndex = (green: number, red: number, blue: number): number =>
  (red - green + SIZE) * DIFFERENCES + blue - green + SIZE;

/** @param row blue - (red >> 1) */
export const sumIndex = (green: number, row: number, red: number): number =>
  SUM_GREEN[green]! + SUM_ROWS[row + SUM_ROW]! + SUM_RED[red]!;

export const colourIndex = (green: number, red: number, blue: number): number =>
  COLOUR_GREEN[green]! + COLOUR_RED[red]! + COLOUR_BLUE[blue]!;
