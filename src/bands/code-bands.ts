/** The bands of an image, several at a time: each to a payload of its own, and back. */
import { type Band, pixelsOfBand } from '../absorbing/bands.ts';
import type { Pixels } from '../absorbing/neighbourhood.ts';
import { defaultThreads } from '../kernels/team.ts';
import type { PixelModel } from '../open-pixels.ts';
import type { CodingOptions } from '../options.ts';
import { type BandCoder, LocalBandCoder, type OnFraction } from './band-coder.ts';
import { BandThread, canStartThreads } from './band-thread.ts';
import type { ThreadData } from './thread-messages.ts';

/** An image, and some or all of its bands. */
export interface BandedPixels {
  readonly pixels: Pixels;
  readonly bands: readonly Band[];
}

/** The payloads of the bands. */
export async function encodeInBands(
  banded: BandedPixels,
  model: PixelModel,
  options: CodingOptions,
): Promise<Uint8Array[]> {
  const payloads: Uint8Array[] = [];
  await codeEach(banded, model, options, async (coder, i, pixels, onProgress) => {
    payloads[i] = await coder.encode(pixels, onProgress);
  });
  return payloads;
}

/** Undoes encodeInBands: the pixels of the bands are overwritten. @throws CodecError */
export async function decodeInBands(
  banded: BandedPixels,
  payloads: readonly Uint8Array[],
  model: PixelModel,
  options: CodingOptions,
): Promise<void> {
  await codeEach(banded, model, options, (coder, i, pixels, onProgress) =>
    coder.decode(pixels, payloads[i]!, onProgress),
  );
}

/** What is done with the pixels of a band. */
type Work = (coder: BandCoder, index: number, pixels: Pixels, onProgress: OnFraction) => Promise<void>;

/** Does work on each band; whichever coder is free takes the next. */
async function codeEach(banded: BandedPixels, model: PixelModel, options: CodingOptions, work: Work): Promise<void> {
  const { pixels, bands } = banded;
  const { signal } = options;
  signal?.throwIfAborted();
  const coders = codersFor(banded, model, options);
  const tell = progressOf(bands, options);
  // One iterator for all.
  const next = bands.keys();
  const lane = async (coder: BandCoder) => {
    for (const i of next) await work(coder, i, pixelsOfBand(pixels, bands[i]!), (fraction) => tell(i, fraction));
  };
  const close = () => {
    for (const coder of coders) coder.close();
  };
  signal?.addEventListener('abort', close);
  try {
    await Promise.all(coders.map(lane));
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  } finally {
    signal?.removeEventListener('abort', close);
    close();
  }
}

/** Is told how far each band is, and tells how far all are. */
function progressOf(bands: readonly Band[], { onProgress }: CodingOptions): (index: number, fraction: number) => void {
  const rows = bands.reduce((sum, { height }) => sum + height, 0);
  const done = bands.map(() => 0);
  return (index, fraction) => {
    done[index] = fraction * bands[index]!.height;
    onProgress?.(done.reduce((sum, part) => sum + part) / rows);
  };
}

/** Threads that code bands beside the calling one, where there is no image yet, and pixels for each one more: it takes 30 MB. */
const FREE_THREADS = 3;
const PIXELS_OF_THREAD = 1 << 20;

/** The calling thread, and as many others as there are threads and bands; threads that are left over help with the kernels of each. */
function codersFor(
  { pixels: { height, width }, bands }: BandedPixels,
  { weights, channels }: PixelModel,
  options: CodingOptions,
): BandCoder[] {
  const { engine, threads = defaultThreads() } = options;
  const most = engine === 'reference' || !canStartThreads() ? 0 : FREE_THREADS + (height * width) / PIXELS_OF_THREAD;
  const others = Math.max(0, Math.min(threads - 1, bands.length - 1, Math.floor(most)));
  const model = { weights, channels };
  const share = Math.floor(threads / (1 + others));
  return [
    ...startThreads(others, { model, threads: share }),
    new LocalBandCoder(model, { ...options, threads: share }),
  ];
}

/** As many threads as there can be. */
function startThreads(count: number, data: ThreadData): BandThread[] {
  const started: BandThread[] = [];
  try {
    while (started.length < count) started.push(new BandThread(data));
  } catch {
    // Where no thread can be started, those that there are do all the work.
  }
  return started;
}
