import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readImage } from '../../src/image/read-image.ts';
import { interpolate } from '../../src/interpolate.ts';
import { fixtureImage, tinyModel as model } from '../helpers/fixtures.ts';
import { bytesOf, fixture, run, TINY_MODEL, temporaryFolder } from './run-main.ts';

const CODING = ['--model', TINY_MODEL, '--steps', '2'];
const INPUTS = [fixture('smooth-rgb8-32x32.png'), fixture('flat-rgb8-32x32.png')];

it('draws a row from one image to the other', async () => {
  const output = join(temporaryFolder(), 'row.png');
  const words = ['interpolate', ...INPUTS, output, '--count', '3', '--noise', '0.4', '--seed', '2', ...CODING];
  const { code, stdout, stderr } = await run(words);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(/row\.png: 3 of 32 x 32, [\d,]+ bytes, [\d.]+ s\n$/);
  const row = await readImage(bytesOf(output));
  expect(row).toMatchObject({ height: 32, width: 100 });
  const [from, to] = await Promise.all(['smooth-rgb8-32x32', 'flat-rgb8-32x32'].map(fixtureImage));
  const middle = await interpolate(from!, to!, { model, numSteps: 2, noise: 0.4, seed: 2, weight: 0.5 });
  expect(row.data.subarray(34 * 3, 66 * 3)).toEqual(middle.data.subarray(0, 96));
  expect((await run(words)).code).toBe(4);
});

it('takes a gray image beside a coloured one', async () => {
  const inputs = [fixture('flat-gray8-24x24.png'), fixture('flat-gray8-24x24.png')];
  const { stdoutBytes } = await run(['interpolate', ...inputs, '-', '--count', '1', ...CODING]);
  expect(await readImage(stdoutBytes)).toMatchObject({ height: 24, width: 24, channels: 3 });
});

it.each([
  [[INPUTS[0]!, fixture('flat-gray8-24x24.png'), '-'], /32 x 32 and 24 x 24 pixels, not one size/],
  [[...INPUTS, '-', '--noise', '2'], /from 0 to 1/],
  [[...INPUTS, 'out.webp'], /the output is a PNG/],
])('refuses %j', async (words, message) => {
  expect(await run(['interpolate', ...words, ...CODING])).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(message),
  });
});
