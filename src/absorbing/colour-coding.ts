/**
 * Colours weigh where that has paid: channel by channel, the bits that weights saved of late, or would have saved, decide. While
 * they do not pay, only every eighth batch is looked at.
 */
import { ROW_WINDOW, type SampleRows } from '../kernels/samples.ts';
import { scaleIndexForVariance } from '../rans/discretised-gaussian.ts';
import { NUM_CHANNELS } from './neighbourhood.ts';
import { WINDOW_STARTS } from './window-mixture.ts';

/** Fewer pixels say too little of their colours. */
export const MIN_COLOUR_PIXELS = 1 << 12;

/** Batches from one that is looked at to the next. */
const LOOK_INTERVAL = 8;
/** What each sample leaves of the gain of those before. */
const MEMORY = 1023 / 1024;
/** In eighths of a bit, as all gains are. */
const MAX_GAIN = 32;
const NO_GAIN = scaleIndexForVariance(1);

export class ColourCoding {
  /** [3] */
  private readonly gains = new Float64Array(NUM_CHANNELS);
  private hasPaid = false;
  private isLookedAt = false;
  private batches = 0;

  /** Begins with a channel of a batch; returns whether its samples are to be weighed. */
  begin(channel: number): boolean {
    this.hasPaid = this.gains[channel]! > 0;
    this.isLookedAt = this.hasPaid || this.batches % LOOK_INTERVAL === 0;
    return this.isLookedAt;
  }

  /** Whether samples are to be coded as weighed. */
  get pays(): boolean {
    return this.hasPaid;
  }

  /** Learns what weights saved of the value of row i. */
  learn(i: number, channel: number, value: number, { windows, weighed }: SampleRows): void {
    const row = i * ROW_WINDOW;
    const place = value - windows[row]!;
    if (!this.isLookedAt || place < 0 || place >= windows[row + 1]!) return;
    const at = row + WINDOW_STARTS + place;
    const { gains } = this;
    const ratio = (weighed[at + 1]! - weighed[at]!) / (windows[at + 1]! - windows[at]!);
    const gain = Math.min(Math.max(scaleIndexForVariance(ratio) - NO_GAIN, -MAX_GAIN), MAX_GAIN);
    gains[channel] = gains[channel]! * MEMORY + gain;
  }

  endBatch(): void {
    this.batches++;
  }
}
