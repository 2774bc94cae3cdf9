/**
 * What the pixels revealed before say about the colours of the next ones. Converting from another colour space, adjusting levels and
 * saturation leave an image only some of the colours around those it has. Histograms of each channel, of pairs of differences to green
 * and of whole colours give a value its weight: its count over the mean count of the values around it, both with kappa added, which
 * is 1 where the histogram is smooth and where it is still empty (the mean of a gamma-Poisson posterior with shape kappa).
 *
 * Red comes before blue is known, so there counts are summed over the blues that would be near.
 *
 * Counts are integers, weights IEEE + - * / of them in the order written here. kernels/colours.ts does the same.
 */
import type { ColourArrays } from '../kernels/colours.ts';
import { ROW_WINDOW, type SampleRows } from '../kernels/samples.ts';
import { dealOut } from '../rans/intervals.ts';
import { ColourCounts, colourCount, colourSum, createColourTables, pairIndex, SIZE } from './colour-counts.ts';
import { MAX_WINDOW, WINDOW_STARTS } from './window-mixture.ts';

/** Values to each side that a count is compared with, and with itself how many. */
const RADIUS = 3;
const LENGTH = 2 * RADIUS + 1;
const MAX_SCORES = MAX_WINDOW + 2 * RADIUS;
const CHANNEL_KAPPA = 8;
/** Of blue, when red is known. */
const PAIR_KAPPA = 1 / 4;
const COLOUR_KAPPA = 1 / 8;
/** Of red, in units of the sums. */
const PAIR_SUM_KAPPA = 64;
const COLOUR_SUM_KAPPA = 16;

export interface Window {
  readonly first: number;
  /** 1..MAX_WINDOW values, all within 0..255. */
  readonly count: number;
}

/** What is known of a pixel. */
export interface KnownColour {
  green: number;
  red: number;
  /** Twice the blue to expect with a red, less that red. */
  blueOffset: number;
}

/** Channels in the order of coding: green, red, blue. */
export class ColourWeights {
  /** [MAX_WINDOW] Of the window that was weighed last. */
  readonly weights = new Float64Array(MAX_WINDOW);
  private readonly tables: ColourArrays = createColourTables();
  private readonly counts = new ColourCounts();
  /** Counts of a window and the RADIUS values to each side, 0 outside of 0..255. */
  private readonly scores = new Float64Array(MAX_SCORES);
  private readonly pairScores = new Float64Array(MAX_SCORES);
  private readonly parts = new Float64Array(MAX_WINDOW);

  /** Counts a pixel. */
  add(green: number, red: number, blue: number): void {
    this.counts.add(this.tables, green, red, blue);
  }

  /**
   * Weighs the window of row i: what it has of 2^20 stays its own, and is dealt out anew,
   *
   *     cdf'(first + i) = cdf(first) + floor((share - count) * (v_0 + ... + v_(i-1)) / (v_0 + ... + v_(count-1))) + i,
   *
   * where v_j is the j-th value's weight times its share of 2^20, and share that of the whole window. Sums run from the left in
   * doubles.
   */
  weigh(i: number, channel: number, { windows, weighed }: SampleRows, known: KnownColour): void {
    const { weights, parts } = this;
    const row = i * ROW_WINDOW;
    const window = { first: windows[row]!, count: windows[row + 1]! };
    if (channel === 0) this.weighGreen(window);
    else if (channel === 1) this.weighRed(window, known.green, known.blueOffset);
    else this.weighBlue(window, known.green, known.red);
    const start = row + WINDOW_STARTS;
    const { count } = window;
    for (let k = 0; k < count; k++) parts[k] = weights[k]! * (windows[start + k + 1]! - windows[start + k]!);
    weighed[start] = windows[start]!;
    weighed[start + count] = windows[start + count]!;
    dealOut(parts, weighed, count, start);
  }

  weighGreen(window: Window): void {
    this.weighChannel(0, window);
  }

  /** @param blueOffset twice the blue to expect with a red, less that red */
  weighRed(window: Window, green: number, blueOffset: number): void {
    this.weighChannel(1, window);
    this.readSums(window, green, blueOffset);
    this.weighBy(this.pairScores, window.count, PAIR_SUM_KAPPA, false);
    this.weighBy(this.scores, window.count, COLOUR_SUM_KAPPA, true);
  }

  weighBlue(window: Window, green: number, red: number): void {
    this.weighChannel(2, window);
    this.readScores(this.tables.pairs, pairIndex(green, red, 0), window);
    this.weighBy(this.scores, window.count, PAIR_KAPPA, false);
    this.readColours(green, red, window);
    this.weighBy(this.scores, window.count, COLOUR_KAPPA, true);
  }

  private weighChannel(channel: number, window: Window): void {
    this.weights.fill(1, 0, window.count);
    this.readScores(this.tables.channels, channel * SIZE, window);
    this.weighBy(this.scores, window.count, CHANNEL_KAPPA, false);
  }

  /** @param start of value 0 */
  private readScores(counts: Int32Array, start: number, { first, count }: Window): void {
    for (let i = 0, value = first - RADIUS; i < count + 2 * RADIUS; i++, value++) {
      this.scores[i] = value >= 0 && value < SIZE ? counts[start + value]! : 0;
    }
  }

  private readColours(green: number, red: number, { first, count }: Window): void {
    const { scores, tables } = this;
    for (let i = 0, blue = first - RADIUS; i < count + 2 * RADIUS; i++, blue++) {
      scores[i] = blue >= 0 && blue < SIZE ? colourCount(tables, green, red, blue) : 0;
    }
  }

  /** Sums for each red around the window over the blues that are near with it: (blueOffset + red) / 2. */
  private readSums({ first, count }: Window, green: number, blueOffset: number): void {
    const { scores, pairScores } = this;
    const { pairSums } = this.tables;
    for (let i = 0, red = first - RADIUS; i < count + 2 * RADIUS; i++, red++) {
      const blue = (blueOffset + red + 1) >> 1;
      const isColour = red >= 0 && red < SIZE && blue >= 0 && blue < SIZE;
      scores[i] = isColour ? colourSum(this.tables, green, red, blue) : 0;
      pairScores[i] = isColour ? pairSums[pairIndex(green, red, blue)]! : 0;
    }
  }

  /** Weighs by scores: times what they say, or taking the weights so far for what to expect of each. */
  private weighBy(scores: Float64Array, count: number, kappa: number, expects: boolean): void {
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
