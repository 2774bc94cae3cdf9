import { existsSync } from 'node:fs';
import { expect, it } from 'vitest';
import { compress } from '../../src/compress.ts';
import { readImage } from '../../src/image/read-image.ts';
import { fixtureImage, tinyModel } from '../helpers/fixtures.ts';
import { bytesOf, fixture, run, TINY_MODEL, temporaryFile } from './run-main.ts';

const OPTIONS = ['--model', TINY_MODEL, '--steps', '2'];
const textOf = (path: string) => Buffer.from(bytesOf(path)).toString();

it('writes a picture, a table and a curve', async () => {
  const image = await fixtureImage('smooth-rgb8-32x32');
  const input = temporaryFile('a.vdmz', await compress(image, { model: undefined, numSteps: 2 }));
  const { code, stdout } = await run(['progressive', input, ...OPTIONS]);
  expect(code).toBe(0);
  const start = input.replace(/vdmz$/, 'progressive');
  expect(stdout).toContain(`${start}.png, ${start}.csv, ${start}.svg: `);
  expect(await readImage(bytesOf(`${start}.png`))).toMatchObject({ width: 4 * 34 - 2, height: 3 * 34 - 2 });
  const [heading, ...rows] = textOf(`${start}.csv`).trim().split('\n');
  expect(heading).toBe('level,known,bitsPerDim,rmse');
  expect(rows.at(-1)).toMatch(/^0,all,[\d.]+,0$/);
  expect(textOf(`${start}.svg`).match(/<circle/g)).toHaveLength(rows.length);
});

it('shows pixels of a file of absorbing diffusion as it reveals them', async () => {
  const image = await fixtureImage('disc-rgba8-40x33');
  const file = await compress(image, { method: 'absorbing' });
  const input = temporaryFile('d.vdmz', file);
  const { code, stdout, stderr } = await run(['progressive', input, '--json']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const { process, model, steps } = JSON.parse(stdout);
  expect({ process, model }).toEqual({ process: 'absorbing', model: 'pixels-3' });
  expect(steps[0]).toMatchObject({ pixels: 0, bitsPerDim: 0 });
  expect(steps.at(-1)).toMatchObject({ pixels: 40 * 33, rmse: 0 });
  expect(textOf(input.replace(/vdmz$/, 'progressive.csv'))).toMatch(/^pixels,bitsPerDim,rmse\n0,0,/);
});

it.each([
  ['gaussian', ['--method', 'gaussian', '--model', TINY_MODEL], 'absorbing', 'Gaussian', 'absorbing diffusion'],
  ['gaussian', OPTIONS, 'kept', 'Gaussian', 'no diffusion'],
  ['absorbing', ['--effort', '4'], 'absorbing', 'absorbing', 'another model or effort'],
] as const)(
  'shows %s diffusion by %j of a file by the method %s, and says so',
  async (process, options, method, shown, own) => {
    const image = await fixtureImage('gradient-rgb8-17x5');
    const input = temporaryFile('e.vdmz', await compress(image, { method }));
    const { code, stdout, stderr } = await run(['progressive', input, ...options, '--json']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout).process).toBe(process);
    const note = `: note: shown is ${shown} diffusion of the image, while the bits of the file are of ${own}\n`;
    expect(stderr.endsWith(`e.vdmz${note}`)).toBe(true);
  },
);

it('refuses a model of another kind than the method', async () => {
  const words = ['progressive', fixture('flat-rgb8-32x32.png'), '-o', temporaryFile('f', ''), '--method', 'absorbing'];
  const result = await run([...words, ...OPTIONS]);
  expect(result.stderr).toMatch(/: usage: --method absorbing needs a model of that kind, got tiny\n$/);
  expect(result.code).toBe(2);
});

it('replaces none of the three files unless told to', async () => {
  const taken = temporaryFile('b.csv', 'mine');
  const words = ['progressive', fixture('flat-rgb8-32x32.png'), '-o', taken.replace(/\.csv$/, ''), ...OPTIONS];
  expect((await run(words)).code).toBe(4);
  expect(textOf(taken)).toBe('mine');
  expect(existsSync(taken.replace(/csv$/, 'png'))).toBe(false);
  expect((await run([...words, '--force'])).code).toBe(0);
  expect(textOf(taken)).toMatch(/^level/);
});

it('reads files of the given model, and standard input', async () => {
  const image = await fixtureImage('gradient-rgb8-17x5');
  const stdin = await compress(image, { model: tinyModel, numSteps: 2, method: 'diffusion' });
  expect((await run(['progressive', '-', ...OPTIONS], { stdin })).code).toBe(2);
  const output = temporaryFile('c.png', '').replace(/\.png$/, '');
  const { code, stderr } = await run(['progressive', '-', '-o', output, '--force', ...OPTIONS], { stdin });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
});
