import { writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { bytesOf, fixture, run, TINY_MODEL, temporaryFolder } from './run-main.ts';

const IMAGE = fixture('gradient-rgb8-17x5.png');
const TINY_PIXELS = TINY_MODEL.replace(/tiny\/?$/, 'tiny-pixels');

it.each([
  ['absorbing', TINY_MODEL],
  ['gaussian', TINY_PIXELS],
])('--method %s with a model of the other kind is wrong usage', async (method, model) => {
  const folder = temporaryFolder();
  const options = ['--method', method, '--model', model];
  for (const words of [
    ['compress', IMAGE, `${folder}/a.vdmz`, ...options],
    ['pack', IMAGE, '-o', `${folder}/a.vdmza`, ...options],
  ]) {
    const { code, stderr } = await run(words);
    expect(code).toBe(2);
    expect(stderr).toMatch(new RegExp(`"method" ${method} needs a model of that kind`));
  }
});

it.each([
  ['absorbing', TINY_PIXELS, 'absorbing diffusion, pixel by pixel'],
  ['gaussian', TINY_MODEL, 'diffusion in 2 steps'],
])('--method %s codes by that kind, which info names', async (method, model, text) => {
  const output = `${temporaryFolder()}/a.vdmz`;
  const coded = await run(['compress', IMAGE, output, '--method', method, '--model', model, '--steps', '2']);
  expect(coded.code).toBe(0);
  expect((await run(['info', output])).stdout).toContain(text);
});

it('--bands says in how many bands an image is coded, which info tells', async () => {
  const output = `${temporaryFolder()}/a.vdmz`;
  const options = ['--method', 'absorbing', '--model', TINY_PIXELS, '--bands', '3'];
  expect((await run(['compress', IMAGE, output, ...options])).code).toBe(0);
  const { stdout } = await run(['info', output]);
  expect(stdout).toContain('format version 10');
  expect(stdout).toContain('absorbing diffusion, pixel by pixel in bands');
});

it('--preview begins a file with a small image, which info tells and preview shows', async () => {
  const output = `${temporaryFolder()}/a.vdmz`;
  const options = ['--method', 'absorbing', '--model', TINY_PIXELS, '--preview', '1/4'];
  expect((await run(['compress', IMAGE, output, ...options])).code).toBe(0);
  const { stdout } = await run(['info', output]);
  expect(stdout).toContain('format version 11');
  expect(stdout).toMatch(/^preview +1\/4, \d+ bytes$/m);
  const cut = `${temporaryFolder()}/cut.vdmz`;
  writeFileSync(cut, bytesOf(output).subarray(0, -20));
  const info = JSON.parse((await run(['info', cut, '--json'])).stdout);
  expect(info).toMatchObject({ preview: { scale: 1 / 4 }, inBands: false });
  const start = info.headerBytes + info.originalBytes;
  for (let length = start; length < start + 12; length++) {
    writeFileSync(cut, bytesOf(output).subarray(0, length));
    const { code, stdout: line } = await run(['info', cut, '--json']);
    expect([code, JSON.parse(line).preview?.bytes ?? info.preview.bytes]).toEqual([0, info.preview.bytes]);
  }
  writeFileSync(cut, bytesOf(output).subarray(0, -20));
  const pngs: Uint8Array[] = [];
  for (const name of [output, cut]) {
    const png = `${name}.png`;
    const shown = await run(['preview', name, png, '--scale', '1/8', '--model', TINY_PIXELS]);
    expect(shown).toMatchObject({ code: 0, stderr: '' });
    expect(shown.stdout).not.toContain('ends early');
    pngs.push(bytesOf(png));
  }
  expect(pngs[0]).toEqual(pngs[1]);
});

it.each(['sample', 'interpolate'])('%s needs a model of Gaussian diffusion', async (command) => {
  const inputs = { sample: [], interpolate: [IMAGE, IMAGE] }[command]!;
  const { code } = await run([command, ...inputs, `${temporaryFolder()}/a.png`, '--model', TINY_PIXELS]);
  expect(code).toBe(2);
});
