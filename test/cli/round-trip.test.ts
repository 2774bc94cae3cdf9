import { readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { compress } from '../../src/compress.ts';
import { readHeader } from '../../src/decompress.ts';
import { decodePng } from '../../src/image/png.ts';
import { readImage } from '../../src/image/read-image.ts';
import { fixtureImage, tinyModel } from '../helpers/fixtures.ts';
import { chunk, joinPng, writePng } from '../image/png-writer.ts';
import { bytesOf, fixture, run, TINY_MODEL, temporaryFile, temporaryFolder } from './run-main.ts';

const TINY = ['--model', TINY_MODEL];
/** The tiny model makes most images larger than WebP does. */
const DIFFUSION = [...TINY, '--method', 'diffusion'];

it.each([
  'gradient-gray8-1x9.png',
  'disc-gray-alpha8-25x25.png',
  'smooth-rgb8-32x32.png',
  'flat-rgba8-7x7.png',
  'gradient-interlaced-rgb8-33x21.png',
])('compresses and restores %s', async (name) => {
  const folder = temporaryFolder();
  const [coded, restored] = [join(folder, 'a.vdmz'), join(folder, 'b.png')];
  expect(await run(['compress', fixture(name), coded, ...TINY])).toMatchObject({ code: 0, stderr: '' });
  expect(await run(['decompress', coded, restored, ...TINY])).toMatchObject({ code: 0, stderr: '' });
  expect(await readImage(bytesOf(restored))).toEqual(await readImage(bytesOf(fixture(name))));
  expect(readdirSync(folder).sort()).toEqual(['a.vdmz', 'b.png']);
});

it('says sizes, rate and time on one line', async () => {
  const input = temporaryFile('in.png', bytesOf(fixture('flat-rgb8-32x32.png')));
  const { stdout } = await run(['compress', input, ...TINY]);
  expect(stdout).toMatch(
    /in\.png -> .*in\.vdmz: [\d,]+ bytes -> [\d,]+ bytes \([\d.]+ %\), [\d.]+ bits\/dim, [\d.]+ s, restores the [^\n]*\n$/,
  );
});

it('names the output after the input', async () => {
  const input = temporaryFile('photo.small.png', bytesOf(fixture('flat-gray8-24x24.png')));
  await run(['compress', input, ...TINY]);
  const coded = input.replace(/png$/, 'vdmz');
  await run(['decompress', coded, ...TINY, '--force']);
  expect(readdirSync(join(input, '..')).sort()).toEqual(['photo.small.png', 'photo.small.vdmz']);
  expect(await readImage(bytesOf(input))).toEqual(await readImage(bytesOf(fixture('flat-gray8-24x24.png'))));
});

it('prints one line of JSON', async () => {
  const output = join(temporaryFolder(), 'a.vdmz');
  const input = fixture('smooth-rgb8-32x32.png');
  const { stdout } = await run(['compress', input, output, ...DIFFUSION, '--json', '--quiet']);
  expect(stdout.split('\n')).toHaveLength(2);
  const outputBytes = bytesOf(output).length;
  expect(JSON.parse(stdout)).toEqual({
    input,
    output,
    inputBytes: bytesOf(input).length,
    outputBytes,
    height: 32,
    width: 32,
    channels: 3,
    bitsPerDim: Number(((outputBytes * 8) / 3072).toFixed(6)),
    seconds: expect.any(Number),
    method: 'diffusion',
    model: 'tiny',
    restored: expect.any(String),
    verified: true,
  });
});

it('passes bytes through standard input and output, and reports on standard error', async () => {
  const png = bytesOf(fixture('smooth-gray8-64x48.png'));
  const coded = await run(['compress', '-', ...TINY], { stdin: png });
  expect(coded.stderr).toMatch(/^standard input -> standard output: /);
  const restored = await run(['decompress', '-', '-', ...TINY, '--quiet'], { stdin: coded.stdoutBytes });
  expect(restored.stderr).toBe('');
  expect(await readImage(restored.stdoutBytes)).toEqual(await readImage(png));
});

it('codes the same bytes with both engines, checked or not', async () => {
  const input = fixture('smooth-rgb8-32x32.png');
  const [wasm, reference] = await Promise.all([
    run(['compress', input, '-', ...DIFFUSION, '--steps', '2']),
    run(['compress', input, '-', ...DIFFUSION, '--steps', '2', '--engine', 'reference', '--no-verify']),
  ]);
  expect(reference.stdoutBytes).toEqual(wasm.stdoutBytes);
  expect(readHeader(wasm.stdoutBytes).numSteps).toBe(2);
});

it.each([
  [[], 8],
  [['--effort', '1'], 2],
  [['--effort', '2'], 4],
  [['--effort', '4'], 16],
  [['--steps', '4'], 4],
] as const)('codes with %j in %i steps', async (words, numSteps) => {
  const { stdoutBytes } = await run(['compress', fixture('smooth-rgb8-32x32.png'), '-', ...DIFFUSION, ...words]);
  expect(readHeader(stdoutBytes).numSteps).toBe(numSteps);
});

it('codes the same bytes with any number of threads', async () => {
  const input = fixture('photo-rgb8-256x192.png');
  const [one, four] = await Promise.all(
    ['1', '4'].map((threads) => run(['compress', input, '-', ...DIFFUSION, '--steps', '2', '--threads', threads])),
  );
  expect(one!.code).toBe(0);
  expect(four!.stdoutBytes).toEqual(one!.stdoutBytes);
  const restored = await run(['decompress', '-', ...TINY, '--threads', '3'], { stdin: one!.stdoutBytes });
  expect(await readImage(restored.stdoutBytes)).toEqual(await readImage(bytesOf(input)));
});

it('draws a bar on a terminal only, and takes it away', async () => {
  const input = fixture('smooth-rgb8-97x71.png');
  const output = () => join(temporaryFolder(), 'a.vdmz');
  const terminal = await run(['compress', input, output(), ...DIFFUSION], { isTTY: true });
  expect(terminal.stderr).toContain('compressing');
  const quiet = await run(['compress', input, output(), ...DIFFUSION, '--quiet'], { isTTY: true });
  expect(quiet).toMatchObject({ code: 0, stdout: '', stderr: '' });
});

it('describes a file without its model', async () => {
  const image = await fixtureImage('disc-rgba8-40x33');
  const file = await compress(image, { model: tinyModel, numSteps: 4, method: 'diffusion' });
  const coded = temporaryFile('a.vdmz', file);
  const size = bytesOf(coded).length;
  const { stdout } = await run(['info', coded, '--json']);
  const info = JSON.parse(stdout);
  expect(info).toMatchObject({ height: 33, width: 40, kind: 'RGBA', steps: 4, bytes: size, version: 6 });
  expect(info.headerBytes + info.alphaBytes + info.originalBytes + info.codedBytes).toBe(size);
  expect(info.alphaBytes).toBeGreaterThan(0);
  expect(info.modelId).toMatch(/^[0-9a-f]{8}$/);
  const text = (await run(['info', coded])).stdout;
  expect(text).toContain('40 x 33, RGBA');
  expect(text).toContain(info.modelId);
});

it('says when an image is kept as WebP', async () => {
  const coded = temporaryFile('a.vdmz', '');
  const words = ['compress', fixture('text-rgb8-65x67.png'), coded, ...TINY, '--force', '--json', '--pixels-only'];
  const compressed = await run(words);
  expect(JSON.parse(compressed.stdout)).toMatchObject({ method: 'WebP', model: null });
  expect((await run(['info', coded])).stdout).toContain('lossless WebP');
  expect(JSON.parse((await run(['info', coded, '--json'])).stdout)).toMatchObject({ method: 'WebP', model: null });
  const restored = await run(['decompress', coded, join(dirname(coded), 'b.png'), '--json']);
  expect(JSON.parse(restored.stdout)).toMatchObject({ method: 'WebP', model: null });
});

it('reads other formats than PNG', async () => {
  const { default: sharp } = await import('sharp');
  const input = temporaryFile('photo.webp', '');
  writeFileSync(input, await sharp(fixture('smooth-rgb8-32x32.png')).webp({ lossless: true }).toBuffer());
  const coded = await run(['compress', input, '-', ...TINY]);
  const restored = await run(['decompress', '-', ...TINY], { stdin: coded.stdoutBytes });
  expect(await readImage(restored.stdoutBytes)).toEqual(await readImage(bytesOf(fixture('smooth-rgb8-32x32.png'))));
});

it('says so where the file itself is kept', async () => {
  const png = joinPng([bytesOf(fixture('gradient-gray8-1x9.png')).subarray(8, -12), chunk('IEND', [7])]);
  const coded = await run(['compress', '-', ...TINY, '--json'], { stdin: png });
  expect(JSON.parse(coded.stderr)).toMatchObject({ restored: 'byte for byte', method: 'original' });
  const info = await run(['info', '-'], { stdin: coded.stdoutBytes });
  expect(info.stdout).toContain('method    the original PNG file itself');
});

it.each([
  ['a photograph', 'smooth-rgb8-32x32', 'diffusion', ['--method', 'diffusion']],
  ['a photograph, not checked', 'smooth-rgb8-32x32', 'diffusion', ['--method', 'diffusion', '--no-verify']],
  ['a PNG of text', 'text-rgb8-65x67', 'WebP', []],
] as const)('gives %s back byte for byte, and says so', async (_title, name, method, words) => {
  const { height, width, data } = await fixtureImage(name);
  const png = writePng({ height, width, depth: 8, colourType: 2, samples: data });
  const coded = await run(['compress', '-', ...TINY, '--json', ...words], { stdin: png });
  expect(JSON.parse(coded.stderr)).toMatchObject({ restored: 'byte for byte', method });
  const info = await run(['info', '-'], { stdin: coded.stdoutBytes });
  expect(info.stdout).toContain('restored  byte for byte');
  const restored = await run(['decompress', '-', '-', ...TINY, '--json'], { stdin: coded.stdoutBytes });
  expect(JSON.parse(restored.stderr)).toMatchObject({ restored: 'byte for byte', method });
  expect(Buffer.compare(restored.stdoutBytes, png)).toBe(0);
});

it('takes the order of a palette even where it keeps the pixels only', async () => {
  const palette = Array.from({ length: 48 }, (_, i) => (i * i * 77 + i * 31) % 256);
  const samples = Array.from({ length: 64 * 64 }, (_, i) => ((((i >> 6) - 32) ** 2 + ((i & 63) - 32) ** 2) >> 3) & 15);
  const png = writePng({ height: 64, width: 64, depth: 4, colourType: 3, palette, samples });
  const coded = await run(['compress', '-', ...TINY, '--json', '--pixels-only'], { stdin: png });
  expect(JSON.parse(coded.stderr)).toMatchObject({ restored: 'pixels', method: 'PNG' });
  expect(coded.stdoutBytes.length).toBeLessThan(0.9 * (await compress(decodePng(png), { model: tinyModel })).length);
});

it('keeps the pixels only when asked to', async () => {
  const coded = await run(['compress', fixture('smooth-rgb8-32x32.png'), '-', ...DIFFUSION, '--json', '--pixels-only']);
  expect(JSON.parse(coded.stderr)).toMatchObject({ restored: 'pixels', method: 'diffusion' });
  expect(JSON.parse((await run(['info', '-', '--json'], { stdin: coded.stdoutBytes })).stdout)).toMatchObject({
    restored: 'pixels',
    originalBytes: 0,
  });
});
