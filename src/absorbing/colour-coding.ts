/**
 * Colours weigh where that has paid: channel by channel, the bits that weights saved of late, or would have saved, decide. While
 * they do not pay, only every eighth batch is looked at.
 */
import { ROW_WINDOW, type SampleRows } from '../kernels/samples.ts';
import { scaleIndexForVariance } from '../rans/discretised-gaussian.ts';
import { dealOut } from '../rans/intervals.ts';
import { ColourWeights } from './colour-weights.ts';
import { NUM_CHANNELS } from './neighbourhood.ts';
import { MAX_BATCH } from './pixel-network.ts';
import { MAX_WINDOW, WINDOW_STARTS } from './window-mixture.ts';

/** Fewer pixels say too little of their colours. */
export const MIN_COLOUR_PIXELS = 1 << 12;

/** Batches from one that is looked at to the next. */
const LOOK_INTERVAL = 8;
/** What each sample leaves of the gain of those before. */
const MEMORY = 1023 / 1024;
/** In eighths of a bit, as all gains are. */
const MAX_GAIN = 32;
const NO_GAIN = scaleIndexForVariance(1);

/** What is known of a pixel. */
export interface KnownColour {
  green: number;
  red: number;
  /** Twice the blue to expect with a red, less that red. */
  blueOffset: number;
}

export class ColourCoding {
  private readonly colours = new ColourWeights();
  /** [MAX_BATCH, ROW_WINDOW] Windows as weighed. */
  private readonly weighed = new Int32Array(MAX_BATCH * ROW_WINDOW);
  private readonly parts = new Float64Array(MAX_WINDOW);
  /** [3] */
  private readonly gains = new Float64Array(NUM_CHANNELS);
  private pays = false;
  private isLookedAt = false;
  private batches = 0;

  /** Begins with a channel of a batch; returns whether its samples are to be weighed. */
  begin(channel: number): boolean {
    this.pays = this.gains[channel]! > 0;
    this.isLookedAt = this.pays || this.batches % LOOK_INTERVAL === 0;
    return this.isLookedAt;
  }

  /**
   * Weighs the window of row i: what it has of 2^20 stays its own, and is dealt out anew,
   *
   *     cdf'(first + i) = cdf(first) + floor((share - count) * (v_0 + ... + v_(i-1)) / (v_0 + ... + v_(count-1))) + i,
   *
   * where v_j is the j-th value's weight times its share of 2^20, and share that of the whole window. Sums run from the left in
   * doubles.
   */
  weigh(i: number, channel: number, { windows }: SampleRows, known: KnownColour): void {
    const { colours, weighed, parts } = this;
    const row = i * ROW_WINDOW;
    const window = { first: windows[row]!, count: windows[row + 1]! };
    if (channel === 0) colours.weighGreen(window);
    else if (channel === 1) colours.weighRed(window, known.green, known.blueOffset);
    else colours.weighBlue(window, known.green, known.red);
    const start = row + WINDOW_STARTS;
    const { count } = window;
    for (let k = 0; k < count; k++) parts[k] = colours.weights[k]! * (windows[start + k + 1]! - windows[start + k]!);
    weighed[start] = windows[start]!;
    weighed[start + count] = windows[start + count]!;
    dealOut(parts, weighed, count, start);
  }

  /** Windows that samples are to be coded by, if not by those of the mixtures. */
  windows(): Int32Array | undefined {
    return this.pays ? this.weighed : undefined;
  }

  /** Learns what weights saved of the value of row i. */
  learn(i: number, channel: number, value: number, { windows }: SampleRows): void {
    const row = i * ROW_WINDOW;
    const place = value - windows[row]!;
    if (!this.isLookedAt || place < 0 || place >= windows[row + 1]!) return;
    const at = row + WINDOW_STARTS + place;
    const { gains, weighed } = this;
    const ratio = (weighed[at + 1]! - weighed[at]!) / (windows[at + 1]! - windows[at]!);
    const gain = Math.min(Math.max(scaleIndexForVariance(ratio) - NO_GAIN, -MAX_GAIN), MAX_GAIN);
    gains[channel] = gains[channel]! * MEMORY + gain;
  }

  /** Counts a pixel's colour. */
  count(green: number, red: number, blue: number): void {
    this.colours.add(green, red, blue);
  }

  endBatch(): void {
    this.batches++;
  }
}
