/** An image's samples as the planes that the pyramid takes apart, and its alpha; and back. */

import { CodecError } from '../errors.ts';
import { hasAlpha, type Image } from '../image/image.ts';
import { rgbToYcocg, ycocgToRgb } from '../pyramid/ycocg.ts';

export interface ImagePlanes {
  /** 1 for gray, 3 for colour. */
  readonly count: 1 | 3;
  /** [height, width, count]: Y, or Y, Co, Cg. */
  readonly samples: Int16Array;
  /** [height, width], for images with alpha. */
  readonly alpha: Uint8Array | undefined;
}

export const planeCount = (channels: Image['channels']): 1 | 3 => (channels >= 3 ? 3 : 1);

export function splitPlanes({ channels, data }: Image): ImagePlanes {
  const count = planeCount(channels);
  const alpha = hasAlpha(channels) ? pickChannel(data, channels, count) : undefined;
  if (channels === 3 || channels === 4) return { count, samples: rgbToYcocg(data, channels), alpha };
  return { count, samples: Int16Array.from(pickChannel(data, channels, 0)), alpha };
}

/** Undoes splitPlanes: [height, width, channels]. @throws CodecError 'corrupt' for planes that no image has. */
export function joinPlanes({ count, samples, alpha }: ImagePlanes): Uint8Array {
  const colour = count === 3 ? ycocgToRgb(samples) : grayBytes(samples);
  if (alpha === undefined) return colour;
  const data = new Uint8Array(colour.length + alpha.length);
  for (let pixel = 0; pixel < alpha.length; pixel++) {
    for (let c = 0; c < count; c++) data[pixel * (count + 1) + c] = colour[pixel * count + c]!;
    data[pixel * (count + 1) + count] = alpha[pixel]!;
  }
  return data;
}

function pickChannel(data: Uint8Array, channels: number, channel: number): Uint8Array {
  const picked = new Uint8Array(data.length / channels);
  for (let i = 0; i < picked.length; i++) picked[i] = data[i * channels + channel]!;
  return picked;
}

function grayBytes(samples: Int16Array): Uint8Array {
  const bytes = new Uint8Array(samples.length);
  for (let i = 0; i < samples.length; i++) {
    const value = samples[i]!;
    if (value < 0 || value > 255) throw new CodecError('corrupt', `decoded gray ${value} is outside 0..255`);
    bytes[i] = value;
  }
  return bytes;
}
