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
};

describe('fixtures/images', () => {
  it.each(FILES)('%s is what its name says', async (file) => {
    const [, kind, width, height] = /^[a-z]+-(?:interlaced-)?([a-z0-9-]+)-(\d+)x(\d+)\.png$/.exec(file)!;
    const bytes = readFileSync(new URL(file, FOLDER));
    const image = decodePng(bytes);
    expect(image).toMatchObject({ height: Number(height), width: Number(width), channels: CHANNELS[kind!] });
    const colourspace = image.channels === 1 ? 'b-w' : 'srgb';
    const { data } = await sharp(bytes).toColourspace(colourspace).raw().toBuffer({ resolveWithObject: true });
    if (image.channels !== 2) expect(image.data).toEqual(Uint8Array.from(data));
    expect((await sharp(bytes).metadata()).isProgressive).toBe(file.includes('interlaced'));
  });

  it('stays small', () => {
    const sizes = FILES.map((file) => statSync(new URL(file, FOLDER)).size);
    expect(sizes.reduce((sum, size) => sum + size)).toBeLessThan(200_000);
  });
});
