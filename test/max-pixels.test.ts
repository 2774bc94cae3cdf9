import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { sourceOfBytes } from '../src/archive/archive-source.ts';
import { compress } from '../src/compress.ts';
import { compressPng } from '../src/compress-png.ts';
import { decompress } from '../src/decompress.ts';
import { decompressPng } from '../src/decompress-png.ts';
import { encodePng } from '../src/image/png.ts';
import { concatenate } from '../src/image/png-chunks.ts';
import { readImage } from '../src/image/read-image.ts';
import { pack } from '../src/pack.ts';
import { preview } from '../src/preview.ts';
import { unpack } from '../src/unpack.ts';
import { run, TINY_MODEL, temporaryFile } from './cli/run-main.ts';
import { tinyModel as model } from './helpers/fixtures.ts';
import { makeImage } from './helpers/images.ts';

const OPTIONS = { model, numSteps: 2 };
const IMAGE = makeImage('gradient', { height: 4, width: 5, channels: 3 });
const PNG = encodePng(IMAGE);
const TOO_LARGE = { code: 'too-large', message: expect.stringMatching(/5 x 4 pixels .* and 19 in all/) };

const archiveOf = async (maxPixels?: number): Promise<Uint8Array> => {
  const pieces: Uint8Array[] = [];
  const options = { ...OPTIONS, method: 'diffusion', maxPixels } as const;
  for await (const piece of pack([{ name: 'a.png', data: PNG }], options)) pieces.push(piece);
  return concatenate(pieces);
};

describe.each([
  ['compress', (maxPixels: number) => compress(IMAGE, { ...OPTIONS, maxPixels })],
  ['compressPng', (maxPixels: number) => compressPng(PNG, { ...OPTIONS, maxPixels })],
  ['decompress', async (maxPixels: number) => decompress(await compress(IMAGE, OPTIONS), { model, maxPixels })],
  ['decompressPng', async (maxPixels: number) => decompressPng(await compressPng(PNG, OPTIONS), { model, maxPixels })],
  ['preview', async (maxPixels: number) => preview(await compress(IMAGE, OPTIONS), { model, maxPixels })],
  ['reading PNG', (maxPixels: number) => readImage(PNG, maxPixels)],
  ['reading PPM', (maxPixels: number) => readImage(Buffer.concat([Buffer.from('P6 5 4 255 '), IMAGE.data]), maxPixels)],
  ['reading WebP', async (maxPixels: number) => readImage(await sharp(PNG).webp().toBuffer(), maxPixels)],
  ['pack', archiveOf],
] as const)('%s', (_name, work) => {
  it('takes as many pixels as it may, and no more', async () => {
    await work(20);
    await expect(work(19)).rejects.toMatchObject(TOO_LARGE);
  });
});

it('unpack fails single images', async () => {
  for await (const { error } of unpack(sourceOfBytes(await archiveOf()), { model, maxPixels: 19 })) {
    expect(error).toMatchObject(TOO_LARGE);
  }
});

it.each([0, 1.5, Number.NaN])('%d pixels are no limit', async (maxPixels) => {
  await expect(compress(IMAGE, { ...OPTIONS, maxPixels })).rejects.toThrow(RangeError);
});

it('is an option of the command line', async () => {
  const input = temporaryFile('a.png', PNG);
  const words = ['compress', input, '--model', TINY_MODEL, '--max-pixels'];
  expect(await run([...words, '19'])).toMatchObject({ code: 3, stderr: expect.stringContaining('too-large') });
  expect(await run([...words, '20'])).toMatchObject({ code: 0 });
});
