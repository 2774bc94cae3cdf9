/** The pixels of an image as samples of the planes that the pyramid takes apart, and its alpha; and back. */

import { CodecError } from '../errors.ts';
import type { ChannelCount, Image8 } from '../image/image.ts';
import type { Size } from '../pyramid/haar.ts';
import type { SampleMap } from '../pyramid/samples.ts';
import type { Tile } from '../pyramid/tiles.ts';
import { rgbToYcocg, ycocgToNearestRgb, ycocgToRgb } from '../pyramid/ycocg.ts';

/** 1 for gray, 3 for colour. */
export const planeCount = (channels: ChannelCount): 1 | 3 => (channels >= 3 ? 3 : 1);

type Pixels = Pick<Image8, 'height' | 'width' | 'channels' | 'data'>;

/**
 * Samples of an image, Y or Y, Co, Cg, that are kept as the image's own bytes and converted window by window: those of
 * the finest level are most of a pyramid. Alpha is neither read nor written.
 */
export class PixelSamples implements SampleMap {
  readonly height: number;
  readonly width: number;
  private readonly channels: ChannelCount;
  private readonly data: Uint8Array;

  constructor({ height, width, channels, data }: Pixels) {
    this.height = height;
    this.width = width;
    this.channels = channels;
    this.data = data;
  }

  read(window: Tile): Int16Array {
    const rowLength = window.width * planeCount(this.channels);
    const samples = new Int16Array(window.height * rowLength);
    for (let row = 0; row < window.height; row++) {
      samples.set(samplesOf(this.rowOf(window, row), this.channels), row * rowLength);
    }
    return samples;
  }

  /** @throws CodecError 'corrupt' for samples that no image has. */
  write(window: Tile, samples: Int16Array): void {
    const planes = planeCount(this.channels);
    const rowLength = window.width * planes;
    for (let row = 0; row < window.height; row++) {
      const colours = coloursOf(samples.subarray(row * rowLength, (row + 1) * rowLength), planes);
      const target = this.rowOf(window, row);
      for (let plane = 0; plane < planes; plane++) {
        for (let i = 0; i < window.width; i++) target[i * this.channels + plane] = colours[i * planes + plane]!;
      }
    }
  }

  private rowOf(window: Tile, row: number): Uint8Array {
    const start = ((window.row + row) * this.width + window.column) * this.channels;
    return this.data.subarray(start, start + window.width * this.channels);
  }
}

/** Pixels of a low image: its rounded means may lie a little outside of what RGB images have, and are brought inside. */
export function lowPixels({ height, width, data }: Size & { data: Int16Array }, planes: 1 | 3): Image8 {
  const pixels = planes === 3 ? ycocgToNearestRgb(data) : new Uint8Array(Uint8ClampedArray.from(data).buffer);
  return { height, width, channels: planes, bitDepth: 8, data: pixels };
}

/** The alpha of an image that has one, [height, width]. */
export const readAlpha = ({ channels, data }: Pixels): Uint8Array => pickChannel(data, channels, channels - 1);

/** Undoes readAlpha. */
export function writeAlpha({ channels, data }: Pixels, alpha: Uint8Array): void {
  for (let i = 0; i < alpha.length; i++) data[(i + 1) * channels - 1] = alpha[i]!;
}

function samplesOf(pixels: Uint8Array, channels: ChannelCount): Int16Array {
  if (channels === 3 || channels === 4) return rgbToYcocg(pixels, channels);
  return Int16Array.from(pickChannel(pixels, channels, 0));
}

const coloursOf = (samples: Int16Array, planes: 1 | 3): Uint8Array =>
  planes === 3 ? ycocgToRgb(samples) : grayBytes(samples);

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
