import { unzlibSync } from 'fflate';
import { expect, it } from 'vitest';
import type { ChannelCount, Image8 } from '../../src/image/image.ts';
import { encodePalettePng, encodeSmallPng } from '../../src/image/narrow-png.ts';
import { decodePng, encodePng } from '../../src/image/png.ts';
import { decodePngHeader, readChunks, readPngParts } from '../../src/image/png-chunks.ts';
import { BEST_SETTINGS, deflateWith } from '../../src/image/zlib-settings.ts';
import { CONTENT_NAMES, makeImage } from '../helpers/images.ts';
import { randomInteger, seededRandom } from '../helpers/random.ts';

const CHANNELS: readonly ChannelCount[] = [1, 2, 3, 4];

/** An image of some colours without order. */
function noiseOf(channels: ChannelCount, colours: readonly (readonly number[])[]): Image8 {
  const random = seededRandom(2);
  const data = Uint8Array.from({ length: 60 * 50 }, () => randomInteger(random, colours.length));
  const pixels = Array.from(data, (index) => colours[index]!).flat();
  return { height: 60, width: 50, channels, bitDepth: 8, data: Uint8Array.from(pixels) };
}

const grays = (count: number, step: number) => Array.from({ length: count }, (_, i) => [i * step]);

it.each([
  ['two grays', noiseOf(1, grays(2, 255)), [1, 0]],
  ['four grays', noiseOf(1, grays(4, 85)), [2, 0]],
  ['16 grays', noiseOf(1, grays(16, 17)), [4, 0]],
  ['two other grays', noiseOf(1, [[1], [254]]), [8, 0]],
  [
    'three colours',
    noiseOf(3, [
      [255, 1, 2],
      [0, 0, 0],
      [3, 255, 255],
    ]),
    [2, 3],
  ],
  [
    '17 colours',
    noiseOf(
      3,
      Array.from({ length: 17 }, (_, i) => [i, 255 - i, 7 * i]),
    ),
    [8, 3],
  ],
  [
    'colours with alpha',
    noiseOf(4, [
      [255, 1, 2, 255],
      [0, 0, 0, 0],
      [3, 255, 255, 9],
    ]),
    [2, 3],
  ],
] as const)('is narrow for %s', (_title, image, [depth, colourType]) => {
  const png = encodeSmallPng(image);
  expect(decodePngHeader(readChunks(png).chunks[0]!.data)).toMatchObject({ depth, colourType });
  expect(png.length).toBeLessThanOrEqual(encodePng(image).length);
  expect(decodePng(png)).toEqual(image);
});

it.each(CONTENT_NAMES)('keeps every bit of %s', (content) => {
  for (const channels of CHANNELS) {
    const image = makeImage(content, { height: 23, width: 19, channels });
    expect(decodePng(encodeSmallPng(image))).toEqual(image);
  }
});

/** Rings, whose residuals repeat by one filter: levels of the pixels of a square. */
const SIDE = 120;
const ringLevel = (pixel: number, width: number): number =>
  Math.floor(((pixel % SIDE) - SIDE / 2) ** 2 / width + (Math.floor(pixel / SIDE) - SIDE / 2) ** 2 / width);
const squareOf = (channels: ChannelCount, sampleOf: (pixel: number, channel: number) => number): Image8 => ({
  height: SIDE,
  width: SIDE,
  channels,
  bitDepth: 8,
  data: Uint8Array.from({ length: SIDE * SIDE * channels }, (_, i) => sampleOf(Math.floor(i / channels), i % channels)),
});

it('finds the one filter by which a pattern repeats', () => {
  const rings = squareOf(1, (pixel) => ringLevel(pixel, 8));
  const png = encodeSmallPng(rings);
  expect(png.length).toBeLessThan(encodePng(rings).length / 3);
  expect(decodePng(png)).toEqual(rings);
});

it('takes colours in the order of the palette where that is better', () => {
  const palette = Uint8Array.from({ length: 48 }, (_, i) => (i * i * 77 + i * 31) % 256);
  const rings = squareOf(3, (pixel, channel) => palette[3 * (ringLevel(pixel, 16) % 16) + channel]!);
  const png = encodeSmallPng(rings, palette);
  expect(png.length).toBeLessThan(encodeSmallPng(rings).length / 2);
  expect(decodePng(png)).toEqual(rings);
});

it('takes few matches where residuals are noise', () => {
  const random = seededRandom(3);
  const noise = squareOf(
    1,
    (pixel) => 2 * (pixel % SIDE) + Math.min(randomInteger(random, 8), randomInteger(random, 8)),
  );
  const png = encodeSmallPng(noise);
  const scanlines = unzlibSync(readPngParts(encodePng(noise)).compressed);
  const usual = deflateWith(BEST_SETTINGS, [scanlines]);
  expect(png.length).toBeLessThan(0.9 * usual.length);
  expect(decodePng(png)).toEqual(noise);
});

it('keeps a palette that it is given, what no pixel uses included', () => {
  const palette = Uint8Array.from({ length: 60 }, (_, i) => 4 * i);
  const transparency = Uint8Array.of(255, 0, 7);
  const image = noiseOf(4, [
    [24, 28, 32, 7],
    [0, 4, 8, 255],
  ]);
  const png = encodePalettePng(image, { palette, transparency });
  expect(readPngParts(png)).toMatchObject({ palette, transparency, header: { depth: 8, colourType: 3 } });
  expect(decodePng(png)).toEqual(image);
});
