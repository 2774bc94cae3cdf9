/** Pixels that the start of a payload of absorbing diffusion reveals: whole bands, and the next one as far as it goes. */
import { type Band, bandsOf, pixelsOfBand } from './absorbing/bands.ts';
import { pixelsRevealed, wholeDiagonals } from './absorbing/diagonals.ts';
import { NUM_CHANNELS, type Pixels } from './absorbing/neighbourhood.ts';
import { decodePixels } from './absorbing/pixel-codec.ts';
import { decodeInBands } from './bands/code-bands.ts';
import { readBandsOf } from './container/absorbing-payload.ts';
import type { Header } from './container/header.ts';
import { SegmentReader } from './container/segments.ts';
import { CodecError } from './errors.ts';
import { emptyPixels, type PixelModel, pixelCodingOf } from './open-pixels.ts';
import { type CodingOptions, partOf } from './options.ts';
import type { Size } from './pyramid/haar.ts';
import { AnsStack } from './rans/ans-stack.ts';

/** Payloads of bands that may be cut off. */
export interface CutBands {
  /** Number of bands. */
  readonly count: number;
  /** Payloads of the first bands, without the last one. */
  readonly whole: readonly Uint8Array[];
  /** What there is of the next one. */
  readonly next: Uint8Array;
}

export interface RevealedStart {
  readonly pixels: Pixels;
  /** The first band that is not whole, or the last one. Those below it are hidden. */
  readonly band: Band;
  /** Its diagonals that are revealed. */
  readonly diagonals: number;
  /** The payload ended before all were. */
  readonly isCut: boolean;
}

/** @param bands of a payload, or as much of them as there is. @throws CodecError where they end before their number, or are corrupt */
export function cutBandsOf(header: Header, bands: Uint8Array): CutBands {
  const { count, reader } = readBandsOf(header, bands);
  const whole: Uint8Array[] = [];
  for (;;) {
    const isLast = whole.length === count - 1;
    const { bytes, isWhole } = startOf(reader, isLast);
    if (isLast || !isWhole) return { count, whole, next: bytes };
    whole.push(bytes);
  }
}

function startOf(reader: SegmentReader, isLast: boolean): ReturnType<SegmentReader['start']> {
  try {
    return reader.start(isLast);
  } catch (error) {
    keepEarlyEnd(error);
    // Nothing is there but for a part of its length.
    return { bytes: new Uint8Array(0), isWhole: false };
  }
}

/** @throws CodecError 'truncated' where nothing is revealed, or 'corrupt' */
export async function revealStart(
  size: Size,
  { count, whole, next }: CutBands,
  model: PixelModel,
  options: CodingOptions,
): Promise<RevealedStart> {
  const pixels = emptyPixels(size);
  const bands = bandsOf(size, count);
  const band = bands[whole.length]!;
  const before = bands.slice(0, whole.length);
  const share = band.row / size.height;
  await decodeInBands({ pixels, bands: before }, whole, model, partOf(options, 0, share));
  const { done, early } = await decodeStart(pixelsOfBand(pixels, band), next, model, partOf(options, share, 1));
  if (early !== undefined && done === 0 && whole.length === 0) throw early;
  if (early !== undefined) options.onProgress?.(1);
  const diagonals = wholeDiagonals({ ...band, width: size.width }, done);
  return { pixels, band, diagonals, isCut: early !== undefined };
}

/** Decodes a band as far as its payload goes. @returns the share of its pixels, and how it ended early */
async function decodeStart(
  pixels: Pixels,
  payload: Uint8Array,
  model: PixelModel,
  options: CodingOptions,
): Promise<{ readonly done: number; readonly early: CodecError | undefined }> {
  const reader = new SegmentReader(payload);
  const stackOf = (isLast: boolean): AnsStack => {
    const { bytes, isWhole } = reader.start(isLast);
    // The last one is followed by low bits, and may be cut.
    return isWhole && !isLast ? AnsStack.fromBytes(bytes) : AnsStack.fromFirstBytes(bytes);
  };
  let done = 0;
  const onProgress = (fraction: number) => {
    done = fraction;
    options.onProgress?.(fraction);
  };
  const coding = { ...pixelCodingOf(model, { ...options, onProgress }), mayGoOn: true };
  const early = (await decodePixels(pixels, coding, stackOf).catch(keepEarlyEnd)) ?? undefined;
  return { done, early };
}

/** Fills a row of pixels from a column on. @param target [width, 3] */
export type FillRow = (target: Uint8Array, row: number, from: number) => void;

/** Fills the hidden pixels of the rows before one. */
export function fillHidden({ pixels, band, diagonals }: RevealedStart, end: number, fill: FillRow): void {
  const { width, data } = pixels;
  const rowLength = width * NUM_CHANNELS;
  for (let row = band.row; row < end; row++) {
    const place = row - band.row;
    const from = place < band.height ? pixelsRevealed(place, diagonals, width) : 0;
    if (from < width) fill(data.subarray(row * rowLength, (row + 1) * rowLength), row, from);
  }
}

/** What stands for pixels beyond the end of a file. */
export const GRAY = 128;

export const fillGray: FillRow = (target, _row, from) => target.fill(GRAY, from * NUM_CHANNELS);

/** Of what a file that ends early throws. */
export function keepEarlyEnd(error: unknown): CodecError {
  if (error instanceof CodecError && error.code === 'truncated') return error;
  throw error;
}
