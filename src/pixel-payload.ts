/** The payload of absorbing diffusion, of one band or of several, and back. */
import { bandCountFor, bandsOf } from './absorbing/bands.ts';
import { decodeInBands, encodeInBands } from './bands/code-bands.ts';
import { encodeAbsorbing, MAX_BANDS, readAbsorbing } from './container/absorbing-payload.ts';
import type { Header } from './container/header.ts';
import type { SmallImage } from './container/small-image.ts';
import { bandPixelsFor, type EffortOptions } from './effort.ts';
import type { Image8 } from './image/image.ts';
import { concatenate } from './image/png-chunks.ts';
import type { AbsorbingModel } from './model/absorbing-model.ts';
import { emptyPixels, imageOf, pixelsOf } from './open-pixels.ts';
import type { CodingOptions } from './options.ts';

export interface BandOptions {
  /**
   * In how many bands absorbing diffusion codes an image, 1..256, and no more than it has rows: threads take one each. Default: by size
   * and effort.
   */
  readonly bands?: number | undefined;
}

/** @throws RangeError */
export function assertBands({ bands = 1 }: BandOptions): void {
  if (Number.isInteger(bands) && bands >= 1 && bands <= MAX_BANDS) return;
  throw new RangeError(`"bands" must be 1..${MAX_BANDS}, got ${bands}`);
}

export interface PixelPayload {
  /** What it is, as a header says it. */
  readonly numSteps: number;
  readonly payload: Uint8Array;
}

export async function encodePixelPayload(
  image: Image8,
  { weights }: AbsorbingModel,
  options: CodingOptions & EffortOptions & BandOptions,
): Promise<PixelPayload> {
  const pixels = pixelsOf(image);
  const { bands: wanted = bandCountFor(image, bandPixelsFor(options)) } = options;
  const bands = bandsOf(pixels, Math.min(wanted, image.height));
  const payloads = await encodeInBands({ pixels, bands }, { weights, channels: image.channels }, options);
  return joined(undefined, payloads);
}

/** A payload with a small image before its bands. @param header of the file without it */
export const withSmallImage = (header: Header, payload: Uint8Array, small: SmallImage): PixelPayload =>
  joined(small, payloadsOf(header, payload));

function joined(small: SmallImage | undefined, bands: readonly Uint8Array[]): PixelPayload {
  const { numSteps, pieces } = encodeAbsorbing(small, bands);
  return { numSteps, payload: concatenate(pieces) };
}

/** Undoes encodePixelPayload; alpha is 0. @throws CodecError */
export async function decodePixelPayload(
  header: Header,
  payload: Uint8Array,
  { weights }: AbsorbingModel,
  options: CodingOptions,
): Promise<Image8> {
  const pixels = emptyPixels(header);
  const payloads = payloadsOf(header, payload);
  const bands = bandsOf(header, payloads.length);
  await decodeInBands({ pixels, bands }, payloads, { weights, channels: header.channels }, options);
  return imageOf(pixels, header.channels);
}

/** The payloads of the bands, in their order, which share memory with that of the file. @throws CodecError */
export function payloadsOf(header: Header, payload: Uint8Array): Uint8Array[] {
  const { count, reader } = readAbsorbing(header, payload);
  return Array.from({ length: count }, (_, i) => reader.next(i === count - 1));
}
