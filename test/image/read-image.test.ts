import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { readImage } from '../../src/image/read-image.ts';
import { randomInteger, seededRandom } from '../helpers/random.ts';
import { writePng } from './png-writer.ts';

const HEIGHT = 9;
const WIDTH = 14;

function pixels(channels: number): Uint8Array {
  const random = seededRandom(channels);
  return Uint8Array.from({ length: HEIGHT * WIDTH * channels }, () => randomInteger(random, 256));
}

const deepPixels = (channels: number): Uint16Array =>
  Uint16Array.from(pixels(channels), (value, i) => value * 257 - (i & value));

const source = (channels: 1 | 2 | 3 | 4): sharp.Sharp =>
  sharp(pixels(channels), { raw: { height: HEIGHT, width: WIDTH, channels } });
const gray = (channels: 1 | 2): sharp.Sharp => source(channels).toColourspace('b-w');

describe('readImage', () => {
  it.each([
    ['WebP, RGB', 3, () => source(3).webp({ lossless: true })],
    ['WebP, RGBA', 4, () => source(4).webp({ lossless: true })],
    ['TIFF, gray', 1, () => gray(1).tiff({ compression: 'lzw' })],
    ['TIFF, gray + alpha', 2, () => gray(2).tiff({ compression: 'none' })],
    ['TIFF, RGB', 3, () => source(3).tiff({ compression: 'deflate' })],
    ['TIFF, RGBA', 4, () => source(4).tiff({ compression: 'lzw' })],
    [
      'TIFF that a viewer would turn',
      3,
      () => source(3).withMetadata({ orientation: 6 }).tiff({ compression: 'none' }),
    ],
    ['PNG', 3, () => source(3).png()],
  ] as const)('reads the exact pixels of %s', async (_title, channels, encode) => {
    const image = await readImage(await encode().toBuffer());
    expect(image).toEqual({ height: HEIGHT, width: WIDTH, channels, bitDepth: 8, data: pixels(channels) });
  });

  it.each([
    ['gray', 1, () => gray(1)],
    ['colour', 3, () => source(3)],
  ] as const)('reads the decoded pixels of JPEG, %s', async (_title, channels, encode) => {
    const jpeg = await encode().jpeg({ quality: 80 }).toBuffer();
    const expected = await sharp(jpeg)
      .toColourspace(channels === 1 ? 'b-w' : 'srgb')
      .raw()
      .toBuffer();
    const image = await readImage(jpeg);
    expect(image).toEqual({ height: HEIGHT, width: WIDTH, channels, bitDepth: 8, data: Uint8Array.from(expected) });
  });

  it.each([
    ['gray', 1],
    ['gray + alpha', 2],
    ['RGB', 3],
    ['RGBA', 4],
  ] as const)('reads the exact pixels of TIFF of 16 bits, %s', async (_title, channels) => {
    const data = deepPixels(channels);
    const tiff = sharp(data, { raw: { height: HEIGHT, width: WIDTH, channels } })
      .toColourspace(channels < 3 ? 'grey16' : 'rgb16')
      .tiff({ compression: 'lzw' });
    const image = await readImage(await tiff.toBuffer());
    expect(image).toEqual({ height: HEIGHT, width: WIDTH, channels, bitDepth: 16, data });
  });

  it('reads 16-bit PNG', async () => {
    const png = writePng({ height: 1, width: 2, depth: 16, colourType: 0, samples: [700, 65_535] });
    expect(await readImage(png)).toEqual({
      height: 1,
      width: 2,
      channels: 1,
      bitDepth: 16,
      data: Uint16Array.of(700, 65_535),
    });
  });

  it('leaves pixels with a colour profile as they are stored', async () => {
    const tiff = await source(3).withIccProfile('p3').tiff({ compression: 'none' }).toBuffer();
    const { data } = await readImage(tiff);
    expect(data).not.toEqual(pixels(3));
    expect(tiff.includes(Buffer.from(data))).toBe(true);
  });

  it('reads a still GIF', async () => {
    const flat = { create: { width: 3, height: 2, channels: 3 as const, background: '#204060' } };
    const { data, ...size } = await readImage(await sharp(flat).gif().toBuffer());
    expect(size).toMatchObject({ height: 2, width: 3 });
    expect([...data.subarray(0, 3)]).toEqual([0x20, 0x40, 0x60]);
  });

  it.each([
    ['no bytes', () => new Uint8Array(0)],
    ['text', () => new TextEncoder().encode('not an image at all')],
    ['SVG', () => new TextEncoder().encode('<svg xmlns="http://www.w3.org/2000/svg" width="2" height="2"/>')],
    [
      'an animated GIF',
      () =>
        animation()
          .gif({ delay: [10, 10] })
          .toBuffer(),
    ],
    [
      'an animated WebP',
      () =>
        animation()
          .webp({ lossless: true, delay: [10, 10] })
          .toBuffer(),
    ],
    ['CMYK', () => source(3).toColourspace('cmyk').jpeg().toBuffer()],
  ])('refuses %s as an unsupported image', async (_title, make) => {
    await expect(readImage(await make())).rejects.toMatchObject({ name: 'CodecError', code: 'unsupported-image' });
  });

  it('refuses a file that ends early', async () => {
    const noise = { type: 'gaussian' as const, mean: 128, sigma: 40 };
    const jpeg = await sharp({ create: { width: 64, height: 64, channels: 3, background: 'gray', noise } })
      .jpeg()
      .toBuffer();
    await expect(readImage(jpeg.subarray(0, jpeg.length / 2))).rejects.toMatchObject({ code: 'corrupt' });
  });

  it('refuses a size beyond the limits before decoding it', async () => {
    const jpeg = await source(3).jpeg().toBuffer();
    const frame = jpeg.indexOf(Uint8Array.of(0xff, 0xc0));
    jpeg.fill(0xf0, frame + 5, frame + 9);
    await expect(readImage(jpeg)).rejects.toMatchObject({ name: 'CodecError', code: 'too-large' });
  });
});

/** Two frames below each other. */
function animation(): sharp.Sharp {
  const frames = Uint8Array.from([...pixels(3), ...pixels(3).map((value) => 255 - value)]);
  return sharp(frames, { raw: { height: HEIGHT * 2, width: WIDTH, channels: 3, pageHeight: HEIGHT } });
}
