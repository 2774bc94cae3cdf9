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
  const colour = hasAlpha(channels) ? pickChannels(data, channels, 0, count) : data;
  return {
    count,
    samples: count === 3 ? rgbToYcocg(colour) : Int16Array.from(colour),
    alpha: hasAlpha(channels) ? pickChannels(data, channels, count, 1) : undefined,
  };
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

function pickChannels(data: Uint8Array, channels: number, first: number, count: number): Uint8Array {
  const picked = new Uint8Array((data.length / channels) * count);
  for (let i = 0; i < picked.length; i++) {
    const pixel = Math.floor(i / count);
    picked[i] = data[pixel * channels + first + (i % count)]!;
  }
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
