/**
 * What the pixels revealed before say about the colours of the next ones. Converting from another colour space, adjusting levels and
 * saturation leave an image only some of the colours around those it has. Histograms of each channel, of pairs of differences to green
 * and of whole colours give a value its weight: its count over the mean count of the values around it, both with kappa added, which
 * is 1 where the histogram is smooth and where it is still empty (the mean of a gamma-Poisson posterior with shape kappa).
 *
 * Red comes before blue is known, so there counts are summed over the blues that would be near.
 *
 * Counts are integers, weights IEEE + - * / of them in the order written here.
 */
import { blockLayout } from './block-layout.ts';
import { NUM_CHANNELS } from './neighbourhood.ts';
import { MAX_WINDOW } from './window-mixture.ts';

const SIZE = 256;
/** Values to each side that a count is compared with, and with itself how many. */
const RADIUS = 3;
const LENGTH = 2 * RADIUS + 1;
const MAX_SCORES = MAX_WINDOW + 2 * RADIUS;
const CHANNEL_KAPPA = 8;
/** Of blue, when red is known. */
const PAIR_KAPPA = 1 / 4;
const COLOUR_KAPPA = 1 / 8;
/** Of red, in units of the sums below. */
const PAIR_SUM_KAPPA = 64;
const COLOUR_SUM_KAPPA = 16;
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
/** [green, blue - (red >> 1) + 128, red], each of 4 x 16 x 16 in a page: rows are 1..383. */
const SUM_ROW = SIZE / 2;
const SUMS = blockLayout([
  { size: SIZE, blockBits: 2 },
  { size: SIZE + SUM_ROW, blockBits: 4 },
  { size: SIZE, blockBits: 4 },
]);
const [SUM_GREEN, SUM_ROWS, SUM_RED] = SUMS.offsets;
const MOST_COUNTED = 0xffff;

export interface Window {
  readonly first: number;
  /** 1..MAX_WINDOW values, all within 0..255. */
  readonly count: number;
}

/** Channels in the order of coding: green, red, blue. */
export class ColourWeights {
  /** [MAX_WINDOW] Of the window that was weighed last. */
  readonly weights = new Float64Array(MAX_WINDOW);
  /** [3, 256] */
  private readonly channels = new Int32Array(NUM_CHANNELS * SIZE);
  /** [red - green, blue - green] */
  private readonly pairs = new Int32Array(DIFFERENCES * DIFFERENCES);
  /** By COLOURS. */
  private readonly colours = new Uint16Array(COLOURS.length);
  /** Of both, sums over the blues that are near, by BLUE_KERNEL; those of colours by SUMS. */
  private readonly pairSums = new Int32Array(DIFFERENCES * DIFFERENCES);
  private readonly colourSums = new Uint32Array(SUMS.length);
  /** Counts of a window and the RADIUS values to each side, 0 outside of 0..255. */
  private readonly scores = new Float64Array(MAX_SCORES);
  private readonly pairScores = new Float64Array(MAX_SCORES);

  /** Counts a pixel. */
  add(green: number, red: number, blue: number): void {
    const { channels, pairs, colours, pairSums, colourSums } = this;
    channels[green]!++;
    channels[SIZE + red]!++;
    channels[2 * SIZE + blue]!++;
    const [pair, colour] = [pairIndex(green, red, blue), colourIndex(green, red, blue)];
    pairs[pair]!++;
    const counts = colours[colour]! < MOST_COUNTED;
    if (counts) colours[colour]!++;
    const last = Math.min(BLUE_REACH, SIZE - 1 - blue);
    for (let d = Math.max(-BLUE_REACH, -blue); d <= last; d++) {
      const weight = BLUE_KERNEL[d < 0 ? -d : d]!;
      pairSums[pair + d]! += weight;
      if (counts) colourSums[sumIndex(green, blue + d - (red >> 1), red)]! += weight;
    }
  }

  weighGreen(window: Window): void {
    this.weighChannel(0, window);
  }

  /** @param blueOffset twice the blue to expect with a red, less that red */
  weighRed(window: Window, green: number, blueOffset: number): void {
    this.weighChannel(1, window);
    this.readSums(window, green, blueOffset);
    this.weigh(this.pairScores, window.count, PAIR_SUM_KAPPA, false);
    this.weigh(this.scores, window.count, COLOUR_SUM_KAPPA, true);
  }

  weighBlue(window: Window, green: number, red: number): void {
    this.weighChannel(2, window);
    this.readScores(this.pairs, pairIndex(green, red, 0), window);
    this.weigh(this.scores, window.count, PAIR_KAPPA, false);
    this.readColours(green, red, window);
    this.weigh(this.scores, window.count, COLOUR_KAPPA, true);
  }

  private weighChannel(channel: number, window: Window): void {
    this.weights.fill(1, 0, window.count);
    this.readScores(this.channels, channel * SIZE, window);
    this.weigh(this.scores, window.count, CHANNEL_KAPPA, false);
  }

  /** @param start of value 0 */
  private readScores(counts: Int32Array, start: number, { first, count }: Window): void {
    for (let i = 0, value = first - RADIUS; i < count + 2 * RADIUS; i++, value++) {
      this.scores[i] = value >= 0 && value < SIZE ? counts[start + value]! : 0;
    }
  }

  private readColours(green: number, red: number, { first, count }: Window): void {
    const { scores, colours } = this;
    const start = COLOUR_GREEN[green]! + COLOUR_RED[red]!;
    for (let i = 0, blue = first - RADIUS; i < count + 2 * RADIUS; i++, blue++) {
      scores[i] = blue >= 0 && blue < SIZE ? colours[start + COLOUR_BLUE[blue]!]! : 0;
    }
  }

  /** Sums for each red around the window over the blues that are near with it: (blueOffset + red) / 2. */
  private readSums({ first, count }: Window, green: number, blueOffset: number): void {
    const { scores, pairScores, pairSums, colourSums } = this;
    for (let i = 0, red = first - RADIUS; i < count + 2 * RADIUS; i++, red++) {
      const blue = (blueOffset + red + 1) >> 1;
      const isColour = red >= 0 && red < SIZE && blue >= 0 && blue < SIZE;
      scores[i] = isColour ? colourSums[sumIndex(green, blue - (red >> 1), red)]! : 0;
      pairScores[i] = isColour ? pairSums[pairIndex(green, red, blue)]! : 0;
    }
  }

  /** Weighs by scores: times what they say, or taking the weights so far for what to expect of each. */
  private weigh(scores: Float64Array, count: number, kappa: number, expects: boolean): void {
    const { weights } = this;
    let sum = 0;
    for (let i = 0; i < LENGTH - 1; i++) sum += scores[i]!;
    for (let i = 0; i < count; i++) {
      sum += scores[i + LENGTH - 1]!;
      const expected = weights[i]!;
      const mean = sum / LENGTH + kappa;
      const score = scores[i + RADIUS]!;
      weights[i] = expects ? (score + kappa * expected) / mean : (expected * (score + kappa)) / mean;
      sum -= scores[i]!;
    }
  }
}

const pairIndex = (green: number, red: number, blue: number): number =>
  (red - green + SIZE) * DIFFERENCES + blue - green + SIZE;

/** @param row blue - (red >> 1) */
const sumIndex = (green: number, row: number, red: number): number =>
  SUM_GREEN[green]! + SUM_ROWS[row + SUM_ROW]! + SUM_RED[red]!;

const colourIndex = (green: number, red: number, blue: number): number =>
  COLOUR_GREEN[green]! + COLOUR_RED[red]! + COLOUR_BLUE[blue]!;
