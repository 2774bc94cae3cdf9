/** The payload of absorbing diffusion, of one band or of several, and back. */
import { bandCountFor, bandsOf, MAX_BANDS } from './absorbing/bands.ts';
import { decodeInBands, encodeInBands } from './bands/code-bands.ts';
import { encodeBands, readBands } from './container/bands.ts';
import type { Header } from './container/header.ts';
import { ABSORBING_STEPS, BANDED_STEPS } from './container/payload-kind.ts';
import type { SegmentReader } from './container/segments.ts';
import { bandPixelsFor, type EffortOptions } from './effort.ts';
import { CodecError } from './errors.ts';
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

export async function encodePixelPayload(
  image: Image8,
  { weights }: AbsorbingModel,
  options: CodingOptions & EffortOptions & BandOptions,
): Promise<{ readonly numSteps: number; readonly payload: Uint8Array }> {
  const pixels = pixelsOf(image);
  const { bands: wanted = bandCountFor(image, bandPixelsFor(options)) } = options;
  const bands = bandsOf(pixels, Math.min(wanted, image.height));
  const payloads = await encodeInBands({ pixels, bands }, { weights, channels: image.channels }, options);
  return payloads.length === 1
    ? { numSteps: ABSORBING_STEPS, payload: payloads[0]! }
    : { numSteps: BANDED_STEPS, payload: concatenate(encodeBands(payloads)) };
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
  if (header.numSteps === ABSORBING_STEPS) return [payload];
  const { count, reader } = readBands(payload, mostBands(header));
  return Array.from({ length: count }, (_, i) => reader.next(i === count - 1));
}

/** A payload that may be cut off. */
export interface CutPayload {
  /** Number of bands. */
  readonly count: number;
  /** Payloads of the first bands, without the last one. */
  readonly whole: readonly Uint8Array[];
  /** What there is of the next one. */
  readonly next: Uint8Array;
}

/** @throws CodecError where it ends before the number of bands, or is corrupt */
export function cutPayloadOf(header: Header, payload: Uint8Array): CutPayload {
  if (header.numSteps === ABSORBING_STEPS) return { count: 1, whole: [], next: payload };
  const { count, reader } = readBands(payload, mostBands(header));
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
    // Nothing is there but for a part of its length.
    if (error instanceof CodecError && error.code === 'truncated') return { bytes: new Uint8Array(0), isWhole: false };
    throw error;
  }
}

const mostBands = ({ height }: Header): number => Math.min(height, MAX_BANDS);
