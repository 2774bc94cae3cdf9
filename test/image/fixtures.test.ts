import { readdirSync, readFileSync, statSync } from 'node:fs';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { decodePng } from '../../src/image/png.ts';

const FOLDER = new URL('../../fixtures/images/', import.meta.url);
const FILES = readdirSync(FOLDER);
const CHANNELS: Record<string, number> = {
  gray8: 1,
  'gray-alpha8': 2,
  rgb8: 3,
  rgba8: 4,
  palette8: 3,
  'palette-alpha8': 4,
  gray16: 1,
  'gray-alpha16': 2,
  rgb16: 3,
  rgba16: 4,
};

const bytesBySharp = async (png: Uint8Array, channels: number): Promise<Uint8Array> =>
  Uint8Array.from(
    await sharp(png)
      .toColourspace(channels === 1 ? 'b-w' : 'srgb')
      .raw()
      .toBuffer(),
  );

async function samplesBySharp(png: Uint8Array, channels: number): Promise<Uint16Array> {
  const space = channels < 3 ? 'grey16' : 'rgb16';
  const pixels = await sharp(png).toColourspace(space).raw({ depth: 'ushort' }).toBuffer();
  return new Uint16Array(Uint8Array.from(pixels).buffer);
}

describe('fixtures/images', () => {
  it.each(FILES)('%s is what its name says', async (file) => {
    const [, kind, width, height] = /^[a-z]+-(?:interlaced-)?([a-z0-9-]+)-(\d+)x(\d+)\.png$/.exec(file)!;
    const bytes = readFileSync(new URL(file, FOLDER));
    const image = decodePng(bytes);
    const bitDepth = kind!.endsWith('16') ? 16 : 8;
    expect(image).toMatchObject({ height: Number(height), width: Number(width), channels: CHANNELS[kind!], bitDepth });
    if (bitDepth === 16) expect(image.data).toEqual(await samplesBySharp(bytes, image.channels));
    else if (image.channels !== 2) expect(image.data).toEqual(await bytesBySharp(bytes, image.channels));
    expect((await sharp(bytes).metadata()).isProgressive).toBe(file.includes('interlaced'));
  });

  it('stays small', () => {
    const sizes = FILES.map((file) => statSync(new URL(file, FOLDER)).size);
    expect(sizes.reduce((sum, size) => sum + size)).toBeLessThan(215_000);
  });
});
