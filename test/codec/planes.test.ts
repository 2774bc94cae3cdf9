import { describe, expect, it } from 'vitest';
import { joinPlanes, planeCount, splitPlanes } from '../../src/codec/planes.ts';
import type { ChannelCount, Image } from '../../src/image/image.ts';
import { makeImage } from '../helpers/images.ts';

const imageOf = (channels: ChannelCount, data: number[]): Image => ({
  height: 1,
  width: data.length / channels,
  channels,
  bitDepth: 8,
  data: Uint8Array.from(data),
});

describe('planes', () => {
  it.each([
    ['gray', imageOf(1, [0, 128, 255]), 1, [0, 128, 255], undefined],
    ['gray with alpha', imageOf(2, [10, 20, 30, 40]), 1, [10, 30], [20, 40]],
    // Red: Co = 255, Cg = -127, Y = 63. Green: Cg = 255, Y = 127.
    ['colour', imageOf(3, [255, 0, 0, 0, 255, 0]), 3, [63, 255, -127, 127, 0, 255], undefined],
    ['colour with alpha', imageOf(4, [255, 0, 0, 9, 0, 255, 0, 8]), 3, [63, 255, -127, 127, 0, 255], [9, 8]],
  ])('of %s are as documented', (_title, image, count, samples, alpha) => {
    const planes = splitPlanes(image);
    expect(planes.count).toBe(count);
    expect([...planes.samples]).toEqual(samples);
    expect(planes.alpha && [...planes.alpha]).toEqual(alpha);
  });

  it.each([1, 2, 3, 4] as const)('of %i channels join to the same image', (channels) => {
    for (const content of ['noise', 'corners', 'redBlue'] as const) {
      const image = makeImage(content, { height: 7, width: 5, channels });
      const planes = splitPlanes(image);
      expect(planes.count).toBe(planeCount(channels));
      expect(joinPlanes(planes)).toEqual(image.data);
    }
  });

  it.each([
    ['gray below 0', { count: 1, samples: Int16Array.of(3, -1), alpha: undefined }],
    ['gray above 255', { count: 1, samples: Int16Array.of(256), alpha: undefined }],
    ['a colour outside RGB', { count: 3, samples: Int16Array.of(255, 0, 255), alpha: undefined }],
  ] as const)('that make %s are refused', (_title, planes) => {
    expect(() => joinPlanes(planes)).toThrow(expect.objectContaining({ code: 'corrupt' }));
  });
});
