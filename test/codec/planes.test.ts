import { describe, expect, it } from 'vitest';
import { PixelSamples, planeCount, readAlpha, writeAlpha } from '../../src/codec/planes.ts';
import { type ChannelCount, hasAlpha, type Image8 } from '../../src/image/image.ts';
import { makeImage } from '../helpers/images.ts';

const imageOf = (channels: ChannelCount, data: number[]): Image8 => ({
  height: 1,
  width: data.length / channels,
  channels,
  bitDepth: 8,
  data: Uint8Array.from(data),
});

const whole = ({ height, width }: Image8) => ({ row: 0, column: 0, height, width });

describe('the pixels of an image', () => {
  it.each([
    ['gray', imageOf(1, [0, 128, 255]), 1, [0, 128, 255]],
    ['gray with alpha', imageOf(2, [10, 20, 30, 40]), 1, [10, 30]],
    // Red: Co = 255, Cg = -127, Y = 63. Green: Cg = 255, Y = 127.
    ['colour', imageOf(3, [255, 0, 0, 0, 255, 0]), 3, [63, 255, -127, 127, 0, 255]],
    ['colour with alpha', imageOf(4, [255, 0, 0, 9, 0, 255, 0, 8]), 3, [63, 255, -127, 127, 0, 255]],
  ])('of %s become samples as documented', (_title, image, count, samples) => {
    expect(planeCount(image.channels)).toBe(count);
    expect([...new PixelSamples(image).read(whole(image))]).toEqual(samples);
  });

  it.each([1, 2, 3, 4] as const)('of %i channels come back window by window, and alpha apart', (channels) => {
    for (const content of ['noise', 'corners', 'redBlue'] as const) {
      const image = makeImage(content, { height: 7, width: 5, channels });
      const copy = { ...image, data: new Uint8Array(image.data.length) };
      const [from, to] = [new PixelSamples(image), new PixelSamples(copy)];
      for (const window of WINDOWS) to.write(window, from.read(window));
      if (hasAlpha(channels)) writeAlpha(copy, readAlpha(image));
      expect(copy).toEqual(image);
    }
  });

  it('have an alpha of their own', () => {
    expect([...readAlpha(imageOf(2, [10, 20, 30, 40]))]).toEqual([20, 40]);
    expect([...readAlpha(imageOf(4, [255, 0, 0, 9, 0, 255, 0, 8]))]).toEqual([9, 8]);
  });

  it.each([
    ['gray below 0', imageOf(1, [0, 0]), [3, -1]],
    ['gray above 255', imageOf(2, [0, 0]), [256]],
    ['a colour outside RGB', imageOf(3, [0, 0, 0]), [255, 0, 255]],
  ])('refuse samples that make %s', (_title, image, samples) => {
    const write = () => new PixelSamples(image).write(whole(image), Int16Array.from(samples));
    expect(write).toThrow(expect.objectContaining({ code: 'corrupt' }));
  });
});

/** All of 7 x 5 pixels. */
const WINDOWS = [
  { row: 0, column: 0, height: 4, width: 2 },
  { row: 0, column: 2, height: 4, width: 3 },
  { row: 4, column: 0, height: 3, width: 5 },
];
