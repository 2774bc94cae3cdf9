import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { encodePng } from '../../src/image/png.ts';
import { fixture, run, TINY_MODEL, temporaryFile, temporaryFolder } from './run-main.ts';

const TINY = ['--model', TINY_MODEL, '--steps', '2'];
const FILES = [fixture('smooth-rgb8-32x32.png'), fixture('gradient-gray8-1x9.png'), fixture('flat-rgba8-7x7.png')];

it('measures each image, their total and their mean', async () => {
  const { code, stdout } = await run(['eval', ...FILES, ...TINY, '--json']);
  const { images, total, mean, ...about } = JSON.parse(stdout);
  expect(code).toBe(0);
  expect(about).toEqual({ model: 'tiny', modelId: expect.stringMatching(/^[0-9a-f]{8}$/), steps: 2 });
  expect(images).toHaveLength(3);
  for (const row of [...images, total]) {
    expect(row.exact).toBe(true);
    expect(row.file).toBeCloseTo((row.fileBytes * 8) / row.dims, 5);
    expect(row.prior + row.steps + row.recon + row.base).toBeCloseTo(row.vlb, 4);
    expect(row.gross).toBeLessThan(row.file);
  }
  const sum = (key: string) => images.reduce((result: number, row: Record<string, number>) => result + row[key]!, 0);
  expect(total.fileBytes).toBe(sum('fileBytes'));
  expect(total.dims).toBe(sum('dims'));
  expect(mean.file).toBeCloseTo(sum('file') / 3, 5);
});

it('prints an aligned table', async () => {
  const { stdout } = await run(['eval', ...FILES, ...TINY]);
  const lines = stdout.trimEnd().split('\n');
  expect(lines).toHaveLength(6);
  expect(lines[0]).toMatch(/^image +prior +steps +L0 +base +VLB +net +gross +file +overhead +exact +enc s +dec s$/);
  expect(new Set(lines.slice(0, 5).map((line) => line.length)).size).toBe(1);
  expect(lines.map((line) => line.split(/\s+/)[0])).toEqual([
    'image',
    'smooth-rgb8-32x32.png',
    'gradient-gray8-1x9.png',
    'flat-rgba8-7x7.png',
    'total',
    'mean',
  ]);
});

it('prints nothing with --quiet', async () => {
  expect(await run(['eval', FILES[1]!, ...TINY, '--quiet'])).toMatchObject({ code: 0, stdout: '', stderr: '' });
});

it('takes the test images of a CIFAR-10 folder, one a row', async () => {
  const data = Uint8Array.from({ length: 3 * 1024 * 3 }, (_, i) => (i * i) >> 7);
  const sheet = encodePng({ height: 3, width: 1024, channels: 3, bitDepth: 8, data });
  const path = temporaryFile('test_batch.png', sheet);
  writeFileSync(join(dirname(path), 'data_batch_1.png'), sheet);
  const { stdout } = await run(['eval', dirname(path), ...TINY, '--limit', '2', '--json']);
  const { images } = JSON.parse(stdout);
  expect(images.map(({ name, dims }: { name: string; dims: number }) => [name, dims])).toEqual([
    ['test_batch.png#0', 3072],
    ['test_batch.png#1', 3072],
  ]);
});

it('refuses a folder without images', async () => {
  const result = await run(['eval', temporaryFolder(), ...TINY]);
  expect(result.code).toBe(2);
  expect(result.stderr).toMatch(/: usage: no images in this folder\n$/);
});
