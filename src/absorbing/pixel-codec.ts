/**
 * An image on the stack by absorbing diffusion: its pixels vanish one after the other and come back in the reverse order, each
 * predicted from those that are there. A discrete diffusion model whose noise takes a pixel a step, in a fixed order, is an
 * autoregressive model (Austin et al., D3PM, arXiv:2107.03006, section 4), and its bound is what it codes: nothing is drawn from
 * the stack first.
 */
import type { AnsStack } from '../rans/ans-stack.ts';
import { CDF_PRECISION } from '../rans/discretised-gaussian.ts';
import { type Diagonal, diagonalAt, diagonalCount, partOfDiagonal, pixelIndex } from './diagonals.ts';
import { Neighbourhood, NUM_CHANNELS, type Pixels } from './neighbourhood.ts';
import { PixelMixture } from './pixel-mixture.ts';
import { KNOWN_INPUTS, MAX_BATCH, type PixelNetwork, type Rows } from './pixel-network.ts';

export interface PixelCoding {
  readonly network: PixelNetwork;
  /** 1 for gray, whose three colours are the same, of which the first is coded; 3 for colour. */
  readonly planes: 1 | 3;
  /** Called after every so many pixels with the share that is done. */
  readonly onProgress: (fraction: number) => Promise<void>;
}

/** Puts the pixels on the stack, the last batch first. */
export async function pushPixels(stack: AnsStack, pixels: Pixels, coding: PixelCoding): Promise<void> {
  const batches = new PixelBatches(pixels, coding);
  const total = diagonalCount(pixels);
  for (let index = total - 1; index >= 0; index--) {
    for (const batch of batchesOf(diagonalAt(pixels, index)).reverse()) {
      const port = new NotingPort();
      batches.code(batch, port);
      port.pushOnto(stack);
    }
    if (isPause(index)) await coding.onProgress(1 - index / total);
  }
}

/** Undoes pushPixels. @param pixels overwritten */
export async function popPixels(stack: AnsStack, pixels: Pixels, coding: PixelCoding): Promise<void> {
  const batches = new PixelBatches(pixels, coding);
  const port = { code: (mixture: PixelMixture) => mixture.pop(stack) };
  const total = diagonalCount(pixels);
  for (let index = 0; index < total; index++) {
    for (const batch of batchesOf(diagonalAt(pixels, index))) batches.code(batch, port);
    if (isPause(index)) await coding.onProgress((index + 1) / total);
  }
}

/** Diagonals from one pause to the next: some milliseconds of work. */
const PAUSE = 16;
const isPause = (index: number): boolean => index % PAUSE === 0;

const batchesOf = (diagonal: Diagonal): Diagonal[] =>
  Array.from({ length: Math.ceil(diagonal.length / MAX_BATCH) }, (_, i) =>
    partOfDiagonal(diagonal, i * MAX_BATCH, Math.min(MAX_BATCH, diagonal.length - i * MAX_BATCH)),
  );

/** Is given the mixture of each sample in the order of decoding, and gives the sample. */
interface SamplePort {
  /** @param wanted the sample, which only an encoder knows */
  code(mixture: PixelMixture, wanted: number): number;
}

/** An encoder's port: it notes intervals, to push them from the last to the first. */
class NotingPort implements SamplePort {
  private readonly notes = new Int32Array(2 * NUM_CHANNELS * MAX_BATCH);
  private length = 0;

  code(mixture: PixelMixture, wanted: number): number {
    const start = mixture.start(wanted);
    this.notes[this.length++] = start;
    this.notes[this.length++] = mixture.start(wanted + 1) - start;
    return wanted;
  }

  pushOnto(stack: AnsStack): void {
    while (this.length > 0) {
      this.length -= 2;
      stack.push(this.notes[this.length]!, this.notes[this.length + 1]!, CDF_PRECISION);
    }
  }
}

/** Channel of a pixel that is coded first, second, third: green, red, blue. */
export const CHANNEL_ORDER = [1, 0, 2] as const;

class PixelBatches {
  private readonly pixels: Pixels;
  private readonly network: PixelNetwork;
  private readonly planes: 1 | 3;
  private readonly neighbourhood: Neighbourhood;
  private readonly mixture: PixelMixture;
  /** [MAX_BATCH] */
  private readonly spreads = new Float64Array(MAX_BATCH);
  /** [MAX_BATCH, 3], in the order of coding. */
  private readonly predictions = new Int32Array(MAX_BATCH * NUM_CHANNELS);

  constructor(pixels: Pixels, { network, planes }: PixelCoding) {
    this.pixels = pixels;
    this.network = network;
    this.planes = planes;
    this.neighbourhood = new Neighbourhood(pixels);
    this.mixture = new PixelMixture(network.components);
  }

  /** Codes the samples of a batch, channel after channel. */
  code(batch: Diagonal, port: SamplePort): void {
    this.look(batch);
    this.network.runTrunk(batch.length);
    for (let channel = 0; channel < this.planes; channel++) this.codeChannel(channel, batch, port);
  }

  private look(batch: Diagonal): void {
    const { values, width } = this.network.inputs(batch.length);
    for (let i = 0; i < batch.length; i++) {
      const index = pixelIndex(batch, i, this.pixels.width);
      const row = batch.row + i;
      this.neighbourhood.look(row, index - row * this.pixels.width, values, i * width);
      this.spreads[i] = this.neighbourhood.spread;
      for (let c = 0; c < NUM_CHANNELS; c++) {
        this.predictions[i * NUM_CHANNELS + c] = this.neighbourhood.prediction[CHANNEL_ORDER[c]!]!;
      }
    }
  }

  private codeChannel(channel: number, batch: Diagonal, port: SamplePort): void {
    const { data, width } = this.pixels;
    const outputs = this.network.runHead(channel, batch.length);
    const known = channel + 1 < this.planes ? this.network.known(batch.length) : undefined;
    for (let i = 0; i < batch.length; i++) {
      const pixel = NUM_CHANNELS * pixelIndex(batch, i, width);
      this.mixture.set(outputs, i, this.base(channel, i, pixel), this.spreads[i]!);
      const value = port.code(this.mixture, data[pixel + CHANNEL_ORDER[channel]!]!);
      if (this.planes === 1) data.fill(value, pixel, pixel + NUM_CHANNELS);
      else data[pixel + CHANNEL_ORDER[channel]!] = value;
      if (known !== undefined) this.tell(known, channel, i, pixel);
    }
  }

  /** What a channel's value was beside its prediction. */
  private residual(channel: number, i: number, pixel: number): number {
    return this.pixels.data[pixel + CHANNEL_ORDER[channel]!]! - this.predictions[i * NUM_CHANNELS + channel]!;
  }

  /** The prediction, moved as the channels before were on average. */
  private base(channel: number, i: number, pixel: number): number {
    let base = this.predictions[i * NUM_CHANNELS + channel]!;
    for (let before = 0; before < channel; before++) base += this.residual(before, i, pixel) / channel;
    return base;
  }

  /** What the heads to come are told of a channel: its residual, less that of the channel before, in several units, and its value. */
  private tell({ values, width }: Rows, channel: number, i: number, pixel: number): void {
    const difference = this.residual(channel, i, pixel) - (channel > 0 ? this.residual(channel - 1, i, pixel) : 0);
    const inSpreads = difference / this.spreads[i]!;
    const at = i * width + channel * KNOWN_INPUTS;
    values[at] = clampTo(inSpreads, 4);
    values[at + 1] = clampTo(4 * inSpreads, 4);
    values[at + 2] = clampTo(difference / 32, 4);
    values[at + 3] = clampTo(difference / 2, 3);
    values[at + 4] = this.pixels.data[pixel + CHANNEL_ORDER[channel]!]! / 128 - 1;
  }
}

const clampTo = (value: number, limit: number): number => Math.min(Math.max(value, -limit), limit);
