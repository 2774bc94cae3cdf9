/**
 * Colours weigh where that has paid: channel by channel, the bits that weights saved of late, or would have saved, decide. While
 * they do not pay, only every eighth batch is looked at.
 */
import type { ByteDistribution } from '../rans/byte-mixture.ts';
import { scaleIndexForVariance } from '../rans/discretised-gaussian.ts';
import { ColourWeights } from './colour-weights.ts';
import { NUM_CHANNELS } from './neighbourhood.ts';
import type { PixelMixture } from './pixel-mixture.ts';
import { MAX_BATCH } from './pixel-network.ts';
import { WeighedMixture } from './weighed-mixture.ts';

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
  /** [MAX_BATCH] */
  private readonly weighed = Array.from({ length: MAX_BATCH }, () => new WeighedMixture());
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

  /** Weighs sample i of the batch. */
  weigh(i: number, channel: number, mixture: PixelMixture, known: KnownColour): void {
    const { colours } = this;
    const weighed = this.weighed[i]!;
    const window = weighed.windowOf(mixture);
    if (channel === 0) colours.weighGreen(window);
    else if (channel === 1) colours.weighRed(window, known.green, known.blueOffset);
    else colours.weighBlue(window, known.green, known.red);
    weighed.set(mixture, window, colours.weights);
  }

  /** What sample i is to be coded by, if not by its mixture. */
  distribution(i: number): ByteDistribution | undefined {
    return this.pays ? this.weighed[i] : undefined;
  }

  /** Learns what weights saved of sample i. */
  learn(i: number, channel: number, value: number): void {
    const { gains } = this;
    const weighed = this.weighed[i]!;
    if (!this.isLookedAt || !weighed.covers(value)) return;
    const gain = scaleIndexForVariance(weighed.ratio(value)) - NO_GAIN;
    gains[channel] = gains[channel]! * MEMORY + Math.min(Math.max(gain, -MAX_GAIN), MAX_GAIN);
  }

  /** Counts a pixel's colour. */
  count(green: number, red: number, blue: number): void {
    this.colours.add(green, red, blue);
  }

  endBatch(): void {
    this.batches++;
  }
}
