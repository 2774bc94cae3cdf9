/**
 * What the samples of a batch are coded by, channel after channel: the network's outputs from what surrounds its pixels, mixtures of
 * them, moved as the image so far says, and where colours weigh the starts of the values around their means. By a kernel
 * (kernel-predictor.ts), or in plain TypeScript with the same bits (plain-predictor.ts).
 */
import type { PlaneState, SampleRows } from '../kernels/samples.ts';
import { type Diagonal, pixelOfDiagonal } from './diagonals.ts';
import { CHANNEL_ORDER, NEAR_OFFSETS, NUM_CHANNELS, type Pixels } from './neighbourhood.ts';
import type { PixelNetwork } from './pixel-network.ts';
import type { RevealedImage } from './surroundings.ts';

/** Predicts the samples of one image, then of another one. */
export interface SamplePredictor {
  readonly network: PixelNetwork;
  /** Starts with an image, of which nothing is revealed. */
  start(image: RevealedImage): void;
  /**
   * Looks around the pixels of a batch, all those before which are revealed, and begins with the network for their first channel. It
   * may go on beside what the caller does. Of the rows it overwrites predictions, bases, spreads, inputs and energies; all else is of
   * the batch before until predict.
   */
  look(batch: Diagonal): void;
  /** Of use until the next call of predict. */
  rows(): SampleRows;
  /** Begins with the network for another channel, in the same way: what heads are told of those before is written. */
  begin(plane: number): void;
  /**
   * Finishes what was begun, and predicts the samples of the channel. Bases are to be written before, but for the first one.
   * @param fills windows, and where colours weigh weighs them; else both have anything
   */
  predict(state: PlaneState, fills: boolean): SampleRows;
  /** Reveals the samples of a channel that was predicted: their values are in the image now. */
  reveal(plane: number): void;
  /** Counts the colours of a batch, all of which are revealed, if they weigh. */
  count(batch: Diagonal): void;
  /** Lets go of the image, whatever was begun. */
  finish(): void;
  /** Bytes beside the network that it holds until another image is started, and may hold longer. */
  heldBytes(): number;
}

/** Differences and errors of the near neighbours of a sample of so many planes. */
export const inputLength = (planes: number): number => 2 * NEAR_OFFSETS.length * planes;

/** Numbers of a sample of so many planes: those in units, and the errors of its own. */
export const sampleLength = (planes: number): number => inputLength(planes) + planes;

/** Visits the colours of a batch. */
export function forEachColour(
  { width, data }: Pixels,
  batch: Diagonal,
  visit: (green: number, red: number, blue: number) => void,
): void {
  const [green, red, blue] = CHANNEL_ORDER;
  for (let i = 0; i < batch.length; i++) {
    const pixel = NUM_CHANNELS * pixelOfDiagonal(batch, i, width);
    visit(data[pixel + green]!, data[pixel + red]!, data[pixel + blue]!);
  }
}
