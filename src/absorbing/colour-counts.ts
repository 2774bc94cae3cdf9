/**
 * Counts of the colours that an image has shown so far: of each channel, of pairs of differences to green and of whole colours; and,
 * as red comes before blue is known, sums of counts over the blues that would be near.
 */
import type { ColourArrays } from '../kernels/colours.ts';
import { blockLayout } from './block-layout.ts';
import { NUM_CHANNELS } from './neighbourhood.ts';
import { placedIndex, SparseBlocks } from './sparse-blocks.ts';

/** Values of a channel. */
export const SIZE = 256;
/** Weights of the counts of blues that are 0, 1, 2, 3, 4 away from the one that is most likely. */
const BLUE_KERNEL = [16, 15, 12, 8, 4] as const;
const BLUE_REACH = BLUE_KERNEL.length - 1;
/** Differences of two channels are -255..255. */
const DIFFERENCES = 2 * SIZE;
/** [green, red, blue], blocks of 4 x 8 x 8, which are 512 bytes. */
const COLOURS = blockLayout([
  { size: SIZE, blockBits: 2 },
  { size: SIZE, blockBits: 3 },
  { size: SIZE, blockBits: 3 },
]);
const [COLOUR_GREEN, COLOUR_RED, COLOUR_BLUE] = COLOURS.offsets;
const COLOUR_BLOCK_BITS = COLOURS.blockBits;
/** [green, blue - (red >> 1) + 128, red], blocks of 2 x 8 x 8, which are 512 bytes: rows are 1..383. */
const SUM_ROW = SIZE / 2;
const SUMS = blockLayout([
  { size: SIZE, blockBits: 1 },
  { size: SIZE + SUM_ROW, blockBits: 3 },
  { size: SIZE, blockBits: 3 },
]);
const [SUM_GREEN, SUM_ROWS, SUM_RED] = SUMS.offsets;
const SUM_BLOCK_BITS = SUMS.blockBits;
const MOST_COUNTED = 0xffff;

/** Numbers of each table, and what the axes of the large ones have for each coordinate. */
export const COLOUR_LAYOUT = {
  channels: NUM_CHANNELS * SIZE,
  pairs: DIFFERENCES * DIFFERENCES,
  colours: COLOURS.length + (1 << COLOUR_BLOCK_BITS),
  colourPlaces: COLOURS.length >> COLOUR_BLOCK_BITS,
  colourSums: SUMS.length + (1 << SUM_BLOCK_BITS),
  sumPlaces: SUMS.length >> SUM_BLOCK_BITS,
  axes: [...COLOURS.offsets, ...SUMS.offsets],
} as const;

/** Tables of their own. Systems give memory to the pages that are written. */
export const createColourTables = (): ColourArrays => ({
  channels: new Int32Array(COLOUR_LAYOUT.channels),
  pairs: new Int32Array(COLOUR_LAYOUT.pairs),
  pairSums: new Int32Array(COLOUR_LAYOUT.pairs),
  colours: new Uint16Array(COLOUR_LAYOUT.colours),
  colourPlaces: new Int32Array(COLOUR_LAYOUT.colourPlaces),
  colourSums: new Uint32Array(COLOUR_LAYOUT.colourSums),
  sumPlaces: new Int32Array(COLOUR_LAYOUT.sumPlaces),
});

/** What is counted in tables, which may be moved from one call to the next. */
export class ColourCounts {
  private readonly colourBlocks = new SparseBlocks(COLOUR_LAYOUT.colourPlaces, COLOUR_BLOCK_BITS);
  private readonly sumBlocks = new SparseBlocks(COLOUR_LAYOUT.sumPlaces, SUM_BLOCK_BITS);

  /** Counts a pixel. */
  add(
    { channels, pairs, colours, colourPlaces, pairSums, colourSums, sumPlaces }: ColourArrays,
    green: number,
    red: number,
    blue: number,
  ): void {
    channels[green]!++;
    channels[SIZE + red]!++;
    channels[2 * SIZE + blue]!++;
    const pair = pairIndex(green, red, blue);
    pairs[pair]!++;
    const colour = this.colourBlocks.place(colourPlaces, colourIndex(green, red, blue));
    const counts = colours[colour]! < MOST_COUNTED;
    if (counts) colours[colour]!++;
    const last = Math.min(BLUE_REACH, SIZE - 1 - blue);
    for (let d = Math.max(-BLUE_REACH, -blue); d <= last; d++) {
      const weight = BLUE_KERNEL[d < 0 ? -d : d]!;
      pairSums[pair + d]! += weight;
      if (!counts) continue;
      colourSums[this.sumBlocks.place(sumPlaces, sumIndex(green, blue + d - (red >> 1), red))]! += weight;
    }
  }

  /** Bytes of the large tables that are written, but for some. */
  get writtenBytes(): number {
    return this.colourBlocks.placedCells * 2 + this.sumBlocks.placedCells * 4;
  }

  /** Forgets all pixels. */
  clear({ channels, pairs, colours, colourPlaces, pairSums, colourSums, sumPlaces }: ColourArrays): void {
    for (const table of [channels, pairs, pairSums]) table.fill(0);
    colours.fill(0, 0, this.colourBlocks.placedCells);
    this.colourBlocks.clear(colourPlaces);
    colourSums.fill(0, 0, this.sumBlocks.placedCells);
    this.sumBlocks.clear(sumPlaces);
  }
}

/** How often a colour was counted. */
export const colourCount = ({ colours, colourPlaces }: ColourArrays, green: number, red: number, blue: number) =>
  colours[placedIndex(colourPlaces, COLOUR_BLOCK_BITS, colourIndex(green, red, blue))]!;

/** The sum over the blues that are near. */
export const colourSum = ({ colourSums, sumPlaces }: ColourArrays, green: number, red: number, blue: number) =>
  colourSums[placedIndex(sumPlaces, SUM_BLOCK_BITS, sumIndex(green, blue - (red >> 1), red))]!;

export const pairIndex = (green: number, red: number, blue: number): number =>
  (red - green + SIZE) * DIFFERENCES + blue - green + SIZE;

/** @param row blue - (red >> 1) */
const sumIndex = (green: number, row: number, red: number): number =>
  SUM_GREEN[green]! + SUM_ROWS[row + SUM_ROW]! + SUM_RED[red]!;

const colourIndex = (green: number, red: number, blue: number): number =>
  COLOUR_GREEN[green]! + COLOUR_RED[red]! + COLOUR_BLUE[blue]!;
