/** The bands of an image, several at a time: each to a payload of its own, and back. */
import { type Band, pixelsOfBand } from '../absorbing/bands.ts';
import type { Pixels } from '../absorbing/neighbourhood.ts';
import { defaultThreads } from '../kernels/team.ts';
import type { PixelModel } from '../open-pixels.ts';
import type { CodingOptions } from '../options.ts';
import { type BandCoder, LocalBandCoder, type OnFraction } from './band-coder.ts';
import { BandThread, canStartThreads } from './band-thread.ts';

/** The payloads of bands. */
export async function encodeInBands(
  pixels: Pixels,
  bands: readonly Band[],
  model: PixelModel,
  options: CodingOptions,
): Promise<Uint8Array[]> {
  const payloads: Uint8Array[] = [];
  await codeEach(bands, model, options, async (coder, i, onProgress) => {
    payloads[i] = await coder.encode(pixelsOfBand(pixels, bands[i]!), onProgress);
  });
  return payloads;
}

/** Undoes encodeInBands. @param pixels those of the bands are overwritten @throws CodecError */
export async function decodeInBands(
  pixels: Pixels,
  bands: readonly Band[],
  payloads: readonly Uint8Array[],
  model: PixelModel,
  options: CodingOptions,
): Promise<void> {
  await codeEach(bands, model, options, (coder, i, onProgress) =>
    coder.decode(pixelsOfBand(pixels, bands[i]!), payloads[i]!, onProgress),
  );
}

type Work = (coder: BandCoder, index: number, onProgress: OnFraction) => Promise<void>;

/** Does work on each band; whichever coder is free takes the next. */
async function codeEach(bands: readonly Band[], model: PixelModel, options: CodingOptions, work: Work): Promise<void> {
  const { signal } = options;
  signal?.throwIfAborted();
  const coders = codersFor(bands.length, model, options);
  const tell = progressOf(bands, options);
  // One iterator for all.
  const next = bands.keys();
  const lane = async (coder: BandCoder) => {
    for (const i of next) await work(coder, i, (fraction) => tell(i, fraction));
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

/** As many as there are threads and bands; threads that are left over help with the kernels of each. */
function codersFor(bands: number, model: PixelModel, options: CodingOptions): BandCoder[] {
  const { engine, threads = defaultThreads() } = options;
  const count = Math.min(threads, bands);
  if (count === 1 || engine === 'reference' || !canStartThreads()) return [new LocalBandCoder(model, options)];
  const share = Math.floor(threads / count);
  const { weights, channels } = model;
  return Array.from({ length: count }, () => new BandThread({ model: { weights, channels }, threads: share }));
}
