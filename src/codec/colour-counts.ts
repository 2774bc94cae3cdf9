/**
 * What an image's decoded pixels say about the colours of the next ones.
 *
 * The colours of an image are seldom spread evenly: converting from YCbCr or PhotoYCC, adjusting levels and saturation leave
 * gaps and peaks. Three histograms, of the pair (Co, Cg), of whole colours, and of each channel, give every colour a
 * weight: its count over the mean count around it, both with kappa added, which is 1 where the histogram is smooth and
 * where it is still empty (the mean of a gamma-Poisson posterior with shape kappa around the smooth histogram).
 *
 * Counts are integers and can be taken back, so an encoder that works backwards can have the histograms of any moment of
 * decoding. Weights follow from counts by IEEE + - * / alone.
 */
import { CodecError } from '../errors.ts';
import { blueOf, greenOf, redOf } from '../pyramid/ycocg.ts';
import { ColourLines } from './colour-lines.ts';
import { PairHistogram, pairIndex } from './pair-histogram.ts';

/** Candidates of the strengths kappa; smaller ones trust the counts more. The first stands for "do not use". */
export const KAPPAS = [0, 16, 2, 0.25] as const;
export const STRENGTH_BITS = 2;

/** Indices into KAPPAS. */
export interface ColourStrengths {
  /** Of the weights of pairs (Co, Cg). */
  readonly chroma: number;
  /** Of the weights of colours and channels. */
  readonly luma: number;
}

/** Along a line of colours of equal chroma, and along a channel. */
const LINE_RADIUS = 3;
const LINE_LENGTH = 2 * LINE_RADIUS + 1;
const CHANNEL_KAPPA = 8;
const CHANNEL_SIZE = 256;
/** Weight of a luma that makes a channel leave 0..255; not 0, so that sums stay positive. */
const IMPOSSIBLE = 1 / 0x10_0000;

export interface LumaRange {
  readonly first: number;
  readonly count: number;
  readonly out: Float64Array;
}

export class ColourCounts {
  readonly usesChroma: boolean;
  readonly usesLuma: boolean;
  readonly pairs: PairHistogram;
  private readonly lumaKappa: number;
  private readonly isColour: boolean;
  private readonly colours = new ColourLines();
  /** [3 * 256] */
  private readonly channelCounts = new Int32Array(3 * CHANNEL_SIZE);
  private readonly channelSums = new Int32Array(3 * CHANNEL_SIZE);
  private readonly channelWeights = new Float64Array(3 * CHANNEL_SIZE).fill(1);
  /** What was tallied and not yet settled, as channelCounts. */
  private readonly channelTally = new Int32Array(3 * CHANNEL_SIZE);

  constructor({ chroma, luma }: ColourStrengths, planes: 1 | 3) {
    this.isColour = planes === 3;
    this.usesChroma = chroma > 0 && this.isColour;
    this.usesLuma = luma > 0;
    this.pairs = new PairHistogram(KAPPAS[chroma]!);
    this.lumaKappa = KAPPAS[luma]!;
  }

  /** Counts a pixel. @throws CodecError 'corrupt' for a colour that no image has */
  add(y: number, co: number, cg: number): void {
    const [red, green, blue] = [redOf(y, co, cg), greenOf(y, cg), blueOf(y, co, cg)];
    if (((red | green | blue) & ~0xff) !== 0) {
      throw new CodecError('corrupt', `decoded colour (${red}, ${green}, ${blue}) is outside 0..255`);
    }
    if (this.usesChroma) this.pairs.add(pairIndex(co, cg), 1);
    if (!this.usesLuma) return;
    this.colours.add(red, green, blue, 1);
    if (!this.isColour) return;
    this.addChannel(0, red, 1);
    this.addChannel(CHANNEL_SIZE, green, 1);
    this.addChannel(2 * CHANNEL_SIZE, blue, 1);
  }

  /** Counts a pixel of an image, or takes it back, to be settled together with others. @param change 1 or -1 */
  tally(y: number, co: number, cg: number, change: number): void {
    if (this.usesChroma) this.pairs.tally(pairIndex(co, cg), change);
    if (!this.usesLuma) return;
    const values = [redOf(y, co, cg), greenOf(y, cg), blueOf(y, co, cg)] as const;
    this.colours.add(...values, change);
    if (!this.isColour) return;
    for (let c = 0; c < 3; c++) this.channelTally[c * CHANNEL_SIZE + values[c]!]! += change;
  }

  /** Brings the weights up to what was tallied. */
  settle(): void {
    this.pairs.settle();
    for (const [i, change] of this.channelTally.entries()) {
      if (change !== 0) this.addChannel(i & ~0xff, i & 0xff, change);
    }
    this.channelTally.fill(0);
  }

  /** Weights of the lumas first .. first + count - 1 of a pixel of known chroma. @param out at least count long */
  lumaWeights(co: number, cg: number, { first, count, out }: LumaRange): void {
    const { lumaKappa, channelWeights, isColour } = this;
    const { counts } = this.colours;
    const line = this.colours.startOf(redOf(first, co, cg), greenOf(first, cg), blueOf(first, co, cg));
    for (let i = 0; i < count; i++) {
      const [red, green, blue] = [redOf(first + i, co, cg), greenOf(first + i, cg), blueOf(first + i, co, cg)];
      if (((red | green | blue) & ~0xff) !== 0) {
        out[i] = IMPOSSIBLE;
        continue;
      }
      let sum = 0;
      for (let d = -LINE_RADIUS; d <= LINE_RADIUS; d++) sum += counts[line | ((green + d) & 0xff)]!;
      const expected = isColour
        ? channelWeights[red]! * channelWeights[CHANNEL_SIZE + green]! * channelWeights[2 * CHANNEL_SIZE + blue]!
        : 1;
      out[i] = (counts[line | green]! + lumaKappa * expected) / (sum / LINE_LENGTH + lumaKappa);
    }
  }

  private addChannel(start: number, value: number, change: number): void {
    const { channelCounts, channelSums, channelWeights } = this;
    channelCounts[start + value] = channelCounts[start + value]! + change;
    const last = Math.min(value + LINE_RADIUS, CHANNEL_SIZE - 1);
    for (let i = Math.max(value - LINE_RADIUS, 0); i <= last; i++) {
      const index = start + i;
      channelSums[index] = channelSums[index]! + change;
      channelWeights[index] =
        (channelCounts[index]! + CHANNEL_KAPPA) / (channelSums[index]! / LINE_LENGTH + CHANNEL_KAPPA);
    }
  }
}
