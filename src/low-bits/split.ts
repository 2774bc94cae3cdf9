/**
 * Samples of 16 bits as high bits, which make an image of 8 bits a sample, and low bits: sample = (high << shift) + low.
 *
 * The shift of the colours is the least that leaves no more than 8 high bits, so dark images have fewer low bits than 8;
 * that of alpha, whose largest value is usual, is 8.
 */
import { type ChannelCount, hasAlpha, type Image, type Image8, type Image16 } from '../image/image.ts';

export const MAX_SHIFT = 8;

/** An image whose high bits are all known, and of its samples at least those coded so far. */
export interface SplitImage {
  readonly height: number;
  readonly width: number;
  readonly channels: ChannelCount;
  /** [height, width, channels], the samples' high bits */
  readonly high: Uint8Array;
  /** [height, width, channels], whole samples */
  readonly samples: Uint16Array;
  /** [channels], numbers of low bits */
  readonly shifts: Uint8Array;
}

/** The number of low bits of each channel. @param shift that of the colours */
export function shiftsOf(channels: ChannelCount, shift: number): Uint8Array {
  const shifts = new Uint8Array(channels).fill(shift);
  if (hasAlpha(channels)) shifts[channels - 1] = MAX_SHIFT;
  return shifts;
}

/** The image with its high bits apart. */
export function splitImage({ height, width, channels, data }: Image16): SplitImage {
  const shifts = shiftsOf(channels, colourShift(data, channels));
  const high = new Uint8Array(data.length);
  for (let i = 0; i < data.length; i++) high[i] = data[i]! >> shifts[i % channels]!;
  return { height, width, channels, high, samples: data, shifts };
}

/** An image of 8 bits a sample as it is, of others the high bits. */
export const highOf = (image: Image): Image8 => (image.bitDepth === 8 ? image : highImage(splitImage(image)));

/** The high bits as an image. */
export const highImage = ({ height, width, channels, high }: SplitImage): Image8 => ({
  height,
  width,
  channels,
  bitDepth: 8,
  data: high,
});

function colourShift(data: Uint16Array, channels: ChannelCount): number {
  const colours = hasAlpha(channels) ? channels - 1 : channels;
  let bits = 0;
  for (let i = 0; i < data.length; i++) if (i % channels < colours) bits |= data[i]!;
  return Math.max(0, 32 - Math.clz32(bits) - 8);
}
