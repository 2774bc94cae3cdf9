import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { compress } from '../../src/compress.ts';
import { encodePng } from '../../src/image/png.ts';
import { readImage } from '../../src/image/read-image.ts';
import { preview } from '../../src/preview.ts';
import { fixtureImage, tinyModel as model } from '../helpers/fixtures.ts';
import { bytesOf, run, TINY_MODEL, temporaryFile, temporaryFolder } from './run-main.ts';

const TINY = ['--model', TINY_MODEL];
const BYTES = await compress(await fixtureImage('smooth-rgb8-97x71'), { model, numSteps: 2, method: 'diffusion' });

it('writes a small PNG beside the file', async () => {
  const input = temporaryFile('photo.vdmz', BYTES);
  const { code, stdout, stderr } = await run(['preview', input, ...TINY]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(/photo\.vdmz -> .*photo\.preview\.png: 25 x 18, [\d,]+ bytes, [\d.]+ s\n$/);
  const output = join(dirname(input), 'photo.preview.png');
  expect(await readImage(bytesOf(output))).toEqual((await preview(BYTES, { model, level: 2 })).image);
});

it('does not replace a file unless told to', async () => {
  const [input, output] = [
    temporaryFile('a.vdmz', BYTES),
    temporaryFile('b.png', encodePng(await fixtureImage('flat-rgb8-32x32'))),
  ];
  const before = bytesOf(output);
  expect((await run(['preview', input, output, ...TINY])).code).toBe(4);
  expect(bytesOf(output)).toEqual(before);
  expect((await run(['preview', input, output, ...TINY, '--force', '--scale', '1/2'])).code).toBe(0);
  expect(await readImage(bytesOf(output))).toMatchObject({ height: 36, width: 49 });
});

it('says what a file that is cut off holds', async () => {
  const input = temporaryFile('cut.vdmz', BYTES.subarray(0, 200));
  const { stdout } = await run(['preview', input, '--scale', '1/2', ...TINY]);
  expect(stdout).toMatch(/, the file ends early: 1\/(4|8|16) is all that it holds\n$/);
  const json = await run(['preview', input, '--scale', '1/2', '--force', '--json', ...TINY]);
  expect(JSON.parse(json.stdout)).toMatchObject({ input, isCut: true, channels: 3 });
});

it('takes folders and leaves their files alone', async () => {
  const input = temporaryFile('a.vdmz', BYTES);
  const folder = temporaryFolder();
  expect((await run(['preview', '-r', dirname(input), '-o', folder, ...TINY, '-q'])).code).toBe(0);
  expect(readdirSync(folder)).toEqual(['a.preview.png']);
  expect(bytesOf(input)).toEqual(BYTES);
});

it.each([
  [['--scale', '1/3'], /choices/],
  [['--rm'], /unknown option/],
  [['thumb.jpg'], /the output is a PNG/],
])('refuses %j', async (options, message) => {
  const { code, stderr } = await run(['preview', 'a.vdmz', ...options]);
  expect(code).toBe(2);
  expect(stderr).toMatch(message);
});
