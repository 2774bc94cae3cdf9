/** The parts of a payload of absorbing diffusion: a small image, where there is one, and bands. */
import { encodeBands, readBands } from './bands.ts';
import type { Header } from './header.ts';
import { ABSORBING_STEPS, BANDED_STEPS, PREVIEWED_STEPS } from './payload-kind.ts';
import { SegmentReader } from './segments.ts';
import {
  encodeSmallImage,
  passSmallImage,
  type SmallImage,
  type SmallImageStart,
  startOfSmallImage,
} from './small-image.ts';

/** Bands of an image, at most. */
export const MAX_BANDS = 256;

export interface Bands {
  readonly count: number;
  /** Of their payloads. */
  readonly reader: SegmentReader;
}

/** What there is of a payload that may be cut off. */
export interface AbsorbingStart {
  readonly small: SmallImageStart | undefined;
  /** The bands, or as much of them as there is. */
  readonly bands: Uint8Array;
}

type Shape = Pick<Header, 'height' | 'width' | 'numSteps'>;

/** @returns the pieces of the payload, and the steps that say what it is */
export function encodeAbsorbing(
  small: SmallImage | undefined,
  bands: readonly Uint8Array[],
): { readonly numSteps: number; readonly pieces: Uint8Array[] } {
  if (small !== undefined) {
    return { numSteps: PREVIEWED_STEPS, pieces: [...encodeSmallImage(small), ...encodeBands(bands)] };
  }
  return bands.length === 1
    ? { numSteps: ABSORBING_STEPS, pieces: [...bands] }
    : { numSteps: BANDED_STEPS, pieces: encodeBands(bands) };
}

/** The bands of a payload. @throws CodecError where its small image is not whole and sound; as readBandsOf */
export const readAbsorbing = (shape: Shape, payload: Uint8Array): Bands =>
  readBandsOf(shape, hasSmallImage(shape) ? passSmallImage(payload, longestOf(shape)) : payload);

/** @throws CodecError 'truncated' where a small image has not begun, or 'corrupt' */
export function startOfAbsorbing(shape: Shape, payload: Uint8Array): AbsorbingStart {
  const small = hasSmallImage(shape) ? startOfSmallImage(payload, longestOf(shape)) : undefined;
  return { small, bands: small?.rest ?? payload };
}

/** @param bands of a payload, without the small image. @throws as readBands */
export function readBandsOf(shape: Shape, bands: Uint8Array): Bands {
  if (shape.numSteps === ABSORBING_STEPS) return { count: 1, reader: new SegmentReader(bands) };
  const least = hasSmallImage(shape) ? 1 : 2;
  return readBands(bands, { least, most: Math.min(shape.height, MAX_BANDS) });
}

const hasSmallImage = ({ numSteps }: Shape): boolean => numSteps === PREVIEWED_STEPS;

const longestOf = ({ height, width }: Shape): number => Math.max(height, width);
