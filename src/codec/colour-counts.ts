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

/** Pairs are counted modulo 2^9 in both parts, which tells all pairs of an image apart. */
const PAIR_SIDE = 512;
const PAIR_MASK = PAIR_SIDE - 1;
const PAIR_RADIUS = 2;
const PAIR_AREA = (2 * PAIR_RADIUS + 1) * (2 * PAIR_RADIUS + 1);
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
  /** Weights of pairs by pairIndex. */
  readonly pairWeights = new Float64Array(PAIR_SIDE * PAIR_SIDE).fill(1);
  private readonly chromaKappa: number;
  private readonly lumaKappa: number;
  private readonly isColour: boolean;
  private readonly pairCounts = new Int32Array(PAIR_SIDE * PAIR_SIDE);
  private readonly pairSums = new Int32Array(PAIR_SIDE * PAIR_SIDE);
  /** By colourIndex: colours that differ in luma alone are neighbours. */
  private readonly colourCounts: Int32Array;
  /** [3 * 256] */
  private readonly channelCounts = new Int32Array(3 * CHANNEL_SIZE);
  private readonly channelSums = new Int32Array(3 * CHANNEL_SIZE);
  private readonly channelWeights = new Float64Array(3 * CHANNEL_SIZE).fill(1);

  constructor({ chroma, luma }: ColourStrengths, planes: 1 | 3) {
    this.isColour = planes === 3;
    this.usesChroma = chroma > 0 && this.isColour;
    this.usesLuma = luma > 0;
    this.chromaKappa = KAPPAS[chroma]!;
    this.lumaKappa = KAPPAS[luma]!;
    this.colourCounts = new Int32Array(this.usesLuma ? 1 << 24 : 0);
  }

  /** Counts a pixel, or takes it back. @param change 1 or -1 @throws CodecError 'corrupt' for a colour no image has */
  add(y: number, co: number, cg: number, change: number): void {
    const [red, green, blue] = [redOf(y, co, cg), greenOf(y, cg), blueOf(y, co, cg)];
    if (((red | green | blue) & ~0xff) !== 0) {
      throw new CodecError('corrupt', `decoded colour (${red}, ${green}, ${blue}) is outside 0..255`);
    }
    if (this.usesChroma) this.addPair(co, cg, change);
    if (!this.usesLuma) return;
    const index = colourIndex(red, green, blue);
    this.colourCounts[index] = this.colourCounts[index]! + change;
    if (!this.isColour) return;
    this.addChannel(0, red, change);
    this.addChannel(CHANNEL_SIZE, green, change);
    this.addChannel(2 * CHANNEL_SIZE, blue, change);
  }

  /** Weights of the lumas first .. first + count - 1 of a pixel of known chroma. @param out at least count long */
  lumaWeights(co: number, cg: number, { first, count, out }: LumaRange): void {
    const { lumaKappa, colourCounts, channelWeights, isColour } = this;
    // Colours of one line share all but the last byte of their index, which is green.
    const line = colourIndex(redOf(first, co, cg), greenOf(first, cg), blueOf(first, co, cg)) & ~0xff;
    for (let i = 0; i < count; i++) {
      const [red, green, blue] = [redOf(first + i, co, cg), greenOf(first + i, cg), blueOf(first + i, co, cg)];
      if (((red | green | blue) & ~0xff) !== 0) {
        out[i] = IMPOSSIBLE;
        continue;
      }
      let sum = 0;
      for (let d = -LINE_RADIUS; d <= LINE_RADIUS; d++) sum += colourCounts[line | ((green + d) & 0xff)]!;
      const expected = isColour
        ? channelWeights[red]! * channelWeights[CHANNEL_SIZE + green]! * channelWeights[2 * CHANNEL_SIZE + blue]!
        : 1;
      out[i] = (colourCounts[line | green]! + lumaKappa * expected) / (sum / LINE_LENGTH + lumaKappa);
    }
  }

  private addPair(co: number, cg: number, change: number): void {
    const { pairCounts, pairSums, pairWeights, chromaKappa } = this;
    const centre = pairIndex(co, cg);
    pairCounts[centre] = pairCounts[centre]! + change;
    for (let i = co - PAIR_RADIUS; i <= co + PAIR_RADIUS; i++) {
      for (let j = cg - PAIR_RADIUS; j <= cg + PAIR_RADIUS; j++) {
        const index = pairIndex(i, j);
        pairSums[index] = pairSums[index]! + change;
        pairWeights[index] = (pairCounts[index]! + chromaKappa) / (pairSums[index]! / PAIR_AREA + chromaKappa);
      }
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

/** Index of a pair (Co, Cg) in pairWeights; every pair has one, those of images each their own. */
export const pairIndex = (co: number, cg: number): number => ((co & PAIR_MASK) << 9) | (cg & PAIR_MASK);

// YCoCg-R backwards (src/pyramid/ycocg.ts).
const greenOf = (y: number, cg: number): number => cg + y - (cg >> 1);
const blueOf = (y: number, co: number, cg: number): number => y - (cg >> 1) - (co >> 1);
const redOf = (y: number, co: number, cg: number): number => blueOf(y, co, cg) + co;

const colourIndex = (red: number, green: number, blue: number): number =>
  (((red - green) & 0xff) << 16) | (((blue - green) & 0xff) << 8) | (green & 0xff);
