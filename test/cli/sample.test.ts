import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readImage } from '../../src/image/read-image.ts';
import { sample } from '../../src/sample.ts';
import { tinyModel as model } from '../helpers/fixtures.ts';
import { bytesOf, fixture, run, TINY_MODEL, temporaryFile, temporaryFolder } from './run-main.ts';

const OPTIONS = ['--model', TINY_MODEL, '--steps', '2'];

it('draws images in rows, by their seeds', async () => {
  const output = join(temporaryFolder(), 'grid.png');
  const words = ['sample', output, '--size', '12x9', '--count', '3', '--columns', '2', '--seed', '4', ...OPTIONS];
  const { code, stdout } = await run(words);
  expect({ code, stdout }).toEqual({
    code: 0,
    stdout: expect.stringMatching(/grid\.png: 3 of 12 x 9, [\d,]+ bytes, /),
  });
  const sheet = await readImage(bytesOf(output));
  expect(sheet).toMatchObject({ height: 20, width: 26 });
  const first = await sample({ height: 9, width: 12 }, { model, numSteps: 2, seed: 4 });
  expect(sheet.data.subarray(0, 36)).toEqual(first.data.subarray(0, 36));
});

it('draws over an image', async () => {
  const words = ['sample', '-', '--from', fixture('smooth-rgb8-97x71.png'), '--scale', '1/4', ...OPTIONS];
  expect(await readImage((await run(words)).stdoutBytes)).toMatchObject({ height: 71, width: 97 });
});

it('does not replace a file unless told to', async () => {
  const output = temporaryFile('a.png', 'old');
  expect((await run(['sample', output, ...OPTIONS])).code).toBe(4);
  expect(Buffer.from(bytesOf(output)).toString()).toBe('old');
  expect((await run(['sample', output, '--force', '--size', '8x8', ...OPTIONS])).code).toBe(0);
});

it.each([
  ['--size', '8'],
  ['--size', '0x8'],
  ['--count', '0'],
  ['--seed', 'x'],
])('refuses %s %s', async (...words) => {
  const { code, stderr } = await run(['sample', '-', ...words, ...OPTIONS]);
  expect(code).toBe(2);
  expect(stderr).toMatch(/^vdmz: usage: /);
});

it.each([
  [['--size', '2000x2000', '--count', '100'], /at most/],
  [['--seed', '4294967295', '--count', '2'], /beyond the last seed/],
  [['--from', fixture('flat-rgb8-32x32.png'), '--size', '8x8'], /cannot be used with/],
])('refuses %j before it draws', async (words, message) => {
  const { code, stdout, stderr } = await run(['sample', '-', ...words, ...OPTIONS]);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toMatch(message);
});

it('refuses a name of another format', async () => {
  expect((await run(['sample', 'a.webp', ...OPTIONS])).stderr).toMatch(/the output is a PNG/);
});
