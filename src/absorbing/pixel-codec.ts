/**
 * An image on the stack by absorbing diffusion: its pixels vanish one after the other and come back in the reverse order, each
 * predicted from those that are there. A discrete diffusion model whose noise takes a pixel a step, in a fixed order, is an
 * autoregressive model (Austin et al., D3PM, arXiv:2107.03006, section 4), and its bound is what it codes: nothing is drawn from
 * the stack first.
 */
import { CodecError } from '../errors.ts';
import type { SampleRows } from '../kernels/samples.ts';
import { AnsStack } from '../rans/ans-stack.ts';
import { Adaptation } from './adaptation.ts';
import { ColourCoding, MIN_COLOUR_PIXELS } from './colour-coding.ts';
import { type Diagonal, diagonalAt, diagonalCount, partOfDiagonal, pixelOfDiagonal } from './diagonals.ts';
import { CHANNEL_ORDER, NUM_CHANNELS, type Pixels, UNIT } from './neighbourhood.ts';
import { PixelMixture } from './pixel-mixture.ts';
import { KNOWN_INPUTS, MAX_BATCH, MAX_HALVES, MAX_KNOWN, type Rows } from './pixel-network.ts';
import { NotingPort, PoppingPort, type SamplePort } from './sample-port.ts';
import type { SamplePredictor } from './sample-predictor.ts';
import { segmentsOf } from './segments.ts';
import { WindowMixture } from './window-mixture.ts';
import { within } from './within.ts';

/** Lends predictors, each to one image at a time. */
export interface PredictorLender {
  /** May wait until one comes back. */
  take(): Promise<SamplePredictor>;
  giveBack(predictor: SamplePredictor): void;
}

export interface PixelCoding {
  readonly predictors: PredictorLender;
  /** 1 for gray, whose three colours are the same, of which the first is coded; 3 for colour. */
  readonly planes: 1 | 3;
  /** Called now and then with the share that is done. */
  readonly onProgress: (fraction: number) => Promise<void>;
  /** Decoding does not mind what follows the last pixel. Default: false. */
  readonly mayGoOn?: boolean | undefined;
}

/** The pixels as stacks, one for each segment of segments.ts. */
export async function encodePixels(pixels: Pixels, coding: PixelCoding): Promise<AnsStack[]> {
  const stacks: AnsStack[] = [];
  const port = new NotingPort();
  await withCoder(pixels, coding, async (coder) => {
    for (const { start, end } of segmentsOf(pixels)) {
      await coder.code(start, end, port);
      const stack = new AnsStack();
      port.pushOnto(stack);
      stacks.push(stack);
    }
  });
  return stacks;
}

/**
 * Undoes encodePixels.
 * @param pixels overwritten
 * @param stackOf asked for the stack of each segment in turn, which is to end empty
 * @throws CodecError 'corrupt' or 'truncated'
 */
export async function decodePixels(
  pixels: Pixels,
  coding: PixelCoding,
  stackOf: (isLast: boolean) => AnsStack,
): Promise<void> {
  const segments = segmentsOf(pixels);
  await withCoder(pixels, coding, async (coder) => {
    for (const { start, end } of segments) {
      const stack = stackOf(end === segments.at(-1)!.end);
      await coder.code(start, end, new PoppingPort(stack));
      if (!stack.isPristine && !coding.mayGoOn) throw new CodecError('corrupt', 'stream goes on after the last pixel');
    }
  });
}

/** Puts the pixels of a small image on a stack that has others: what is noted of all of them takes 24 bytes a pixel. */
export async function pushPixels(stack: AnsStack, pixels: Pixels, coding: PixelCoding): Promise<void> {
  const port = new NotingPort();
  await withCoder(pixels, coding, (coder) => coder.code(0, diagonalCount(pixels), port));
  port.pushOnto(stack);
}

/** Undoes pushPixels. @param pixels overwritten @throws CodecError 'truncated' */
export async function popPixels(stack: AnsStack, pixels: Pixels, coding: PixelCoding): Promise<void> {
  await withCoder(pixels, coding, (coder) => coder.code(0, diagonalCount(pixels), new PoppingPort(stack)));
}

async function withCoder(
  pixels: Pixels,
  coding: PixelCoding,
  use: (coder: PixelCoder) => Promise<void>,
): Promise<void> {
  const predictor = await coding.predictors.take();
  try {
    await use(new PixelCoder(pixels, coding, predictor));
  } finally {
    predictor.finish();
    coding.predictors.giveBack(predictor);
  }
}

/** Pixels from one pause to the next: some milliseconds of work. */
const PAUSE_PIXELS = 256;

/** Samples of a batch by which experts are judged, at most. */
const MAX_JUDGED = 16;

/** The batches of the diagonals from one on to before another. */
function* batchesOf(pixels: Pixels, start: number, end: number): Generator<Diagonal, undefined> {
  for (let index = start; index < end; index++) {
    const diagonal = diagonalAt(pixels, index);
    for (let i = 0; i < diagonal.length; i += MAX_BATCH) {
      yield partOfDiagonal(diagonal, i, Math.min(MAX_BATCH, diagonal.length - i));
    }
  }
}

/** The way through the pixels that encoder and decoder go. */
class PixelCoder {
  private readonly pixels: Pixels;
  private readonly coding: PixelCoding;
  private readonly predictor: SamplePredictor;
  private readonly adaptation: Adaptation;
  private readonly colours: ColourCoding | undefined;
  private readonly distribution: WindowMixture;
  private readonly judged: PixelMixture;
  /** Pixels that are coded. */
  private numCoded = 0;

  constructor(pixels: Pixels, coding: PixelCoding, predictor: SamplePredictor) {
    const { height, width } = pixels;
    const { components } = predictor.network;
    this.pixels = pixels;
    this.coding = coding;
    this.predictor = predictor;
    this.adaptation = new Adaptation(coding.planes);
    this.distribution = new WindowMixture(components);
    this.judged = new PixelMixture(components);
    const weighsColours = height * width >= MIN_COLOUR_PIXELS;
    if (weighsColours) this.colours = new ColourCoding();
    predictor.start({ pixels, planes: coding.planes, weighsColours });
  }

  /** Codes the diagonals from one on to before another. */
  async code(start: number, end: number, port: SamplePort): Promise<void> {
    const total = this.pixels.height * this.pixels.width;
    const batches = batchesOf(this.pixels, start, end);
    let batch = batches.next().value;
    let left = PAUSE_PIXELS;
    if (batch !== undefined) this.predictor.look(batch);
    while (batch !== undefined) {
      const next = batches.next().value;
      this.codeBatch(batch, next, port);
      this.numCoded += batch.length;
      left -= batch.length;
      batch = next;
      if (left > 0 && this.numCoded < total) continue;
      await this.coding.onProgress(this.numCoded / total);
      left = PAUSE_PIXELS;
    }
  }

  /**
   * Codes the samples of a batch, channel after channel. The network for what comes next begins as soon as a channel is revealed, and
   * goes on while the coder learns.
   */
  private codeBatch(batch: Diagonal, next: Diagonal | undefined, port: SamplePort): void {
    const { predictor, adaptation } = this;
    const { planes } = this.coding;
    for (let channel = 0; channel < planes; channel++) {
      const rows = predictor.predict(adaptation.stateOf(channel), this.colours?.begin(channel) ?? false);
      this.codeChannel(channel, batch, port, rows);
      predictor.reveal(channel);
      if (channel + 1 < planes) this.beginChannel(channel + 1, batch, rows);
      else if (next !== undefined) predictor.look(next);
      this.learn(channel, batch, rows);
    }
    adaptation.endBatch(batch.length, predictor.rows());
    predictor.count(batch);
    this.colours?.endBatch();
  }

  /** @param before rows of the channel before */
  private beginChannel(channel: number, batch: Diagonal, before: SampleRows): void {
    const known = this.predictor.network.known(batch.length);
    for (let i = 0; i < batch.length; i++) {
      const pixel = this.pixelAt(batch, i);
      this.tell(known, channel - 1, i, pixel, before);
      before.bases[i] = this.base(channel, i, pixel, before);
    }
    this.predictor.begin(channel);
  }

  private codeChannel(channel: number, batch: Diagonal, port: SamplePort, rows: SampleRows): void {
    const { distribution } = this;
    const { data } = this.pixels;
    const windows = this.colours?.pays ? rows.weighed : undefined;
    for (let i = 0; i < batch.length; i++) {
      const pixel = this.pixelAt(batch, i);
      distribution.set(i, rows, windows);
      const value = port.code(distribution, data[pixel + CHANNEL_ORDER[channel]!]!);
      if (this.coding.planes === 1) data.fill(value, pixel, pixel + NUM_CHANNELS);
      else data[pixel + CHANNEL_ORDER[channel]!] = value;
    }
  }

  private learn(channel: number, batch: Diagonal, rows: SampleRows): void {
    const { adaptation, colours, judged } = this;
    const stride = Math.ceil(batch.length / MAX_JUDGED);
    for (let i = 0; i < batch.length; i++) {
      const value = this.pixels.data[this.pixelAt(batch, i) + CHANNEL_ORDER[channel]!]!;
      colours?.learn(i, channel, value, rows);
      adaptation.learn(i, channel, value, rows);
      if (i % stride > 0) continue;
      judged.load(i, rows);
      adaptation.judge(i, channel, value, judged, rows);
    }
  }

  /** Index of a pixel's samples. */
  private pixelAt(batch: Diagonal, i: number): number {
    return NUM_CHANNELS * pixelOfDiagonal(batch, i, this.pixels.width);
  }

  /** What a channel's value was beside its prediction. */
  private residual(channel: number, i: number, pixel: number, { predictions }: SampleRows): number {
    return this.pixels.data[pixel + CHANNEL_ORDER[channel]!]! - predictions[i * NUM_CHANNELS + channel]!;
  }

  /** The prediction, moved as the channels before were on average. */
  private base(channel: number, i: number, pixel: number, rows: SampleRows): number {
    let base = rows.predictions[i * NUM_CHANNELS + channel]!;
    for (let before = 0; before < channel; before++) base += this.residual(before, i, pixel, rows) / channel;
    return base;
  }

  /** What the heads to come are told of a channel: its residual, less that of the channel before, in several units, and its value. */
  private tell({ values, width }: Rows<Int16Array>, channel: number, i: number, pixel: number, rows: SampleRows): void {
    const before = channel > 0 ? this.residual(channel - 1, i, pixel, rows) : 0;
    const difference = this.residual(channel, i, pixel, rows) - before;
    const inSpreads = (UNIT * difference) / rows.spreads[i]!;
    const at = i * width + channel * KNOWN_INPUTS;
    values[at] = Math.floor(within(inSpreads, MAX_KNOWN * UNIT) + 0.5);
    values[at + 1] = Math.floor(within(4 * inSpreads, MAX_KNOWN * UNIT) + 0.5);
    values[at + 2] = within((UNIT / 32) * difference, MAX_KNOWN * UNIT);
    values[at + 3] = within((UNIT / 2) * difference, MAX_HALVES * UNIT);
    values[at + 4] = (UNIT / 128) * (this.pixels.data[pixel + CHANNEL_ORDER[channel]!]! - 128);
  }
}
