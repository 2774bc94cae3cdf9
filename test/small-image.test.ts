import { describe, expect, it } from 'vitest';
import { compress } from '../src/compress.ts';
import { compressPng } from '../src/compress-png.ts';
import { startOfAbsorbing } from '../src/container/absorbing-payload.ts';
import { decodeFile } from '../src/container/header.ts';
import { ABSORBING_STEPS, isAbsorbingPayload, PREVIEWED_STEPS, WEBP_STEPS } from '../src/container/payload-kind.ts';
import { decompress, readHeader } from '../src/decompress.ts';
import { decompressPng } from '../src/decompress-png.ts';
import { preview } from '../src/preview.ts';
import { DEEP_CONTENT_NAMES, makeDeepImage } from './helpers/deep-images.ts';
import { fixtureImage, tinyPixels as model, readFixture, tinyModel } from './helpers/fixtures.ts';

const method = 'diffusion';

describe.each([
  ['gradient-rgb8-17x5', 1],
  ['gradient-gray8-1x9', 4],
  ['checker-rgba8-21x14', 2],
  ['gradient-gray-alpha8-19x11', 5],
  ['smooth-gray8-131x20', 3],
])('%s with a small image of %i halvings', async (name, preview) => {
  const image = await fixtureImage(name);
  const file = await compress(image, { model, method, preview });

  it('comes back', async () => {
    expect(readHeader(file)).toMatchObject({ version: 11, numSteps: PREVIEWED_STEPS });
    expect(await decompress(file, { model })).toEqual(image);
    expect(await decompress(file, { model, engine: 'reference', threads: 1 })).toEqual(image);
  });

  it('has it beside what it has without', async () => {
    const { payload } = decodeFile(await compress(image, { model, method }));
    expect(decodeFile(file).payload.subarray(-payload.length)).toEqual(payload);
  });

  it('is refused with damage at any byte of it', async () => {
    const { payload } = decodeFile(await compress(image, { model, method }));
    const start = file.length - decodeFile(file).payload.length;
    for (let at = start; at < file.length - payload.length; at++) {
      const damaged = file.with(at, file[at]! ^ 0x10);
      await expect(decompress(damaged, { model })).rejects.toThrow(expect.objectContaining({ name: 'CodecError' }));
    }
  });
});

it.each([
  ['checker-rgba8-21x14', 1],
  ['gradient-gray-alpha8-19x11', 2],
  ['gradient-rgb8-17x5', 9],
])('of %s with %i halvings asked for looks like the preview without it', async (name, level) => {
  const image = await fixtureImage(name);
  const [file, plain] = [
    await compress(image, { model, method, preview: level }),
    await compress(image, { model, method }),
  ];
  const shown = await preview(file, { model, level });
  expect(shown).toEqual(await preview(plain, { model, level }));
  const { small } = startOfAbsorbing(readHeader(file), decodeFile(file).payload);
  expect(small!.level).toBe(shown.level);
});

it('of 16 bits is that of the high bits', async () => {
  const deep = makeDeepImage(DEEP_CONTENT_NAMES[3]!, { height: 24, width: 31, channels: 3 });
  const shown = await preview(await compress(deep, { model, method, preview: 2 }), { model, level: 2 });
  expect(shown).toEqual(await preview(await compress(deep, { model, method }), { model, level: 2 }));
});

it('has no say in what an image is kept as', async () => {
  const image = await fixtureImage('photo-rgb8-256x192');
  const plain = await compress(image, { model });
  for (const level of [1, 3]) {
    const told: number[] = [];
    const file = await compress(image, { model, preview: level, onProgress: (fraction) => told.push(fraction) });
    expect(isAbsorbingPayload(readHeader(plain))).toBe(readHeader(file).numSteps === PREVIEWED_STEPS);
    expect(told.at(-1)).toBe(1);
    expect(told).toEqual([...told].sort((a, b) => a - b));
  }
});

it('is coded in bands beside it', async () => {
  const image = await fixtureImage('smooth-rgb8-97x71');
  const file = await compress(image, { model, method, preview: 2, bands: 3 });
  expect(await decompress(file, { model })).toEqual(image);
});

it('goes with 16 bits a sample and with what restores a PNG', async () => {
  const deep = makeDeepImage(DEEP_CONTENT_NAMES[0]!, { height: 24, width: 31, channels: 3 });
  expect(await decompress(await compress(deep, { model, method, preview: 2 }), { model })).toEqual(deep);
  const png = readFixture('images/gradient-rgb8-17x5.png');
  const file = await compressPng(png, { model, method, preview: 1 });
  expect(await decompressPng(file, { model })).toEqual(png);
});

it('is left out of an image of one pixel, and by other methods', async () => {
  const pixel = await fixtureImage('noise-rgb8-1x1');
  expect(readHeader(await compress(pixel, { model, method, preview: 3 })).numSteps).toBe(ABSORBING_STEPS);
  const image = await fixtureImage('text-rgb8-65x67');
  expect(readHeader(await compress(image, { model, preview: 3 })).numSteps).toBe(WEBP_STEPS);
  expect(readHeader(await compress(image, { model: tinyModel, method, preview: 3, numSteps: 2 })).numSteps).toBe(2);
});

it.each([0, -1, 1.5, Number.NaN, '1/8'])('refuses %s halvings', async (preview) => {
  const image = await fixtureImage('gradient-rgb8-17x5');
  const options = { model, preview: preview as number };
  await expect(compress(image, options)).rejects.toThrow(
    new RangeError(`"preview" must be an integer from 1 on, got ${preview}`),
  );
});
