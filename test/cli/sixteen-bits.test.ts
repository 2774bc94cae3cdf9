/** Images of 16 bits a sample on the command line. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, expect, it } from 'vitest';
import { decodePng, encodePng } from '../../src/image/png.ts';
import { makeDeepImage } from '../helpers/deep-images.ts';
import { fixturePath } from '../helpers/fixtures.ts';
import { run } from './run-main.ts';

const folder = mkdtempSync(join(tmpdir(), 'vdmz-test-'));
afterAll(() => rmSync(folder, { recursive: true }));
const path = (name: string) => join(folder, name);
const MODEL = ['--model', fixturePath('networks/tiny')];

const image = makeDeepImage('smooth', { height: 40, width: 50, channels: 3 });

it('a TIFF comes back as a PNG of 16 bits, and info says so', async () => {
  const raw = { height: image.height, width: image.width, channels: image.channels as 3 };
  writeFileSync(
    path('a.tiff'),
    await sharp(image.data, { raw }).toColourspace('rgb16').tiff({ compression: 'lzw' }).toBuffer(),
  );
  expect((await run(['compress', path('a.tiff'), path('a.vdmz'), ...MODEL])).code).toBe(0);
  expect((await run(['decompress', path('a.vdmz'), path('a.png'), ...MODEL])).code).toBe(0);
  expect(decodePng(new Uint8Array(readFileSync(path('a.png'))))).toEqual(image);
  const { stdout } = await run(['info', path('a.vdmz')]);
  expect(stdout).toMatch(/50 x 40, RGB, 16 bits a sample/);
  expect(stdout).toMatch(/low bits \d+/);
});

it('the preview of a PNG of 16 bits has 8', async () => {
  writeFileSync(path('b.png'), encodePng(image));
  expect((await run(['compress', path('b.png'), ...MODEL])).code).toBe(0);
  expect((await run(['preview', path('b.vdmz'), path('b.preview.png'), ...MODEL])).code).toBe(0);
  const preview = decodePng(new Uint8Array(readFileSync(path('b.preview.png'))));
  expect(preview).toMatchObject({ height: 10, width: 13, channels: 3, bitDepth: 8 });
});

it.each(['eval', 'progressive'])('%s refuses it in a line', async (command) => {
  writeFileSync(path('c.png'), encodePng(image));
  const { code, stderr } = await run([command, path('c.png'), ...MODEL]);
  expect(code).toBe(3);
  expect(stderr).toMatch(/unsupported-image: images of 16 bits a sample are not supported here, only of 8/);
});
