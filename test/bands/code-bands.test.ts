import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { bandsOf } from '../../src/absorbing/bands.ts';
import { compress } from '../../src/compress.ts';
import { readAbsorbing } from '../../src/container/absorbing-payload.ts';
import { decodeFile } from '../../src/container/header.ts';
import { decompress } from '../../src/decompress.ts';
import { fixtureImage, fixturePath, tinyPixels as model } from '../helpers/fixtures.ts';

if (!existsSync('dist/index.js')) throw new Error('run "npm run build" first, as "npm test" does');

/** As compiled: threads cannot be started from TypeScript, so only there bands have any. */
const compiled = (await import(pathToFileURL('dist/index.js').href)) as typeof import('../../src/index.ts');
const compiledModel = await compiled.loadModel(fixturePath('networks/tiny-pixels'));

const image = await fixtureImage('smooth-rgb8-97x71');
const method = 'diffusion';
const BANDS = 5;
const file = await compress(image, { model, method, bands: BANDS });

describe('an image in bands', () => {
  it('comes back', async () => {
    expect(await decompress(file, { model })).toEqual(image);
  });

  it('has the payloads of images of so many rows', async () => {
    const { payload, header } = decodeFile(file);
    const { reader, count } = readAbsorbing(header, payload);
    expect(count).toBe(BANDS);
    for (const [i, { row, height }] of bandsOf(image, BANDS).entries()) {
      const data = image.data.slice(3 * row * image.width, 3 * (row + height) * image.width);
      const alone = await compress({ ...image, height, data }, { model, method });
      expect(reader.next(i === BANDS - 1)).toEqual(decodeFile(alone).payload);
    }
  });

  it('has no more of them than rows', async () => {
    const flat = { ...image, height: 3, data: image.data.slice(0, 9 * image.width) };
    const bytes = await compress(flat, { model, method, bands: 200 });
    expect(decodeFile(bytes).payload[0]).toBe(3);
    expect(await decompress(bytes, { model })).toEqual(flat);
  });

  it('is one of version 9 where it is one band', async () => {
    const whole = await compress(image, { model, method });
    expect(await compress(image, { model, method, bands: 1 })).toEqual(whole);
    expect(decodeFile(whole).header.version).toBe(9);
  });

  it.each([0, 1.5, 257, Number.NaN])('refuses %d bands', async (bands) => {
    await expect(compress(image, { model, method, bands })).rejects.toThrow(RangeError);
  });

  it('tells how far it is, up to 1', async () => {
    const fractions: number[] = [];
    await compress(image, { model, method, bands: BANDS, onProgress: (fraction) => fractions.push(fraction) });
    expect(fractions).toEqual(fractions.toSorted((a, b) => a - b));
    expect(fractions.at(-1)).toBe(1);
  });
});

describe('threads', () => {
  it.each([1, 2, 3, 8, 16])('make the same file and image: %i', async (threads) => {
    const options = { model: compiledModel, threads };
    expect(await compiled.compress(image, { ...options, method, bands: BANDS })).toEqual(file);
    expect(await compiled.decompress(file, options)).toEqual(image);
  });

  it('leave what they are given as it was, Buffers too', async () => {
    const options = { model: compiledModel, threads: 2 };
    const given = { ...image, data: Buffer.from(image.data) };
    const bytes = Buffer.from(await compiled.compress(given, { ...options, method, bands: BANDS }));
    expect(Buffer.compare(given.data, image.data)).toBe(0);
    expect(await compiled.decompress(bytes, options)).toEqual(image);
    expect(Buffer.compare(bytes, file)).toBe(0);
  });

  it('tell how far they are, up to 1', async () => {
    const fractions: number[] = [];
    const onProgress = (fraction: number) => fractions.push(fraction);
    await compiled.decompress(file, { model: compiledModel, threads: 2, onProgress });
    expect(fractions).toEqual(fractions.toSorted((a, b) => a - b));
    expect(fractions.at(-1)).toBe(1);
    expect(fractions.length).toBeGreaterThan(BANDS);
  });

  it('fail as one does', async () => {
    const { payload } = decodeFile(file);
    const start = file.length - payload.length;
    for (const place of [0.1, 0.5, 0.9].map((share) => start + Math.floor(share * payload.length))) {
      const damaged = file.with(place, file[place]! ^ 0x55);
      const failure = (await decompress(damaged, { model }).catch((error) => error)) as { code: string };
      const failed = compiled.decompress(damaged, { model: compiledModel, threads: 4 });
      await expect(failed).rejects.toMatchObject({ name: 'CodecError', code: failure.code });
    }
  });

  it('give on what is thrown at their words', async () => {
    const isOfThread = () => new Error().stack!.includes('band-thread');
    const onProgress = () => {
      if (isOfThread()) throw new Error('enough');
    };
    const failed = compiled.decompress(file, { model: compiledModel, threads: 2, onProgress });
    await expect(failed).rejects.toThrow('enough');
  });

  it('are none where there can be none', async () => {
    const script = `
      import { readFileSync } from 'node:fs';
      import { decompress, loadModel } from './dist/index.js';
      const model = await loadModel('fixtures/networks/tiny-pixels');
      const { data } = await decompress(readFileSync(0), { model, threads: 2 });
      process.stdout.write(data);`;
    const without = ['--experimental-permission', '--allow-fs-read=*', '--input-type=module', '--eval', script];
    const { stdout } = spawnSync(process.execPath, without, { input: file });
    expect(Buffer.compare(stdout, image.data)).toBe(0);
  });

  it('stop when they are told to', async () => {
    const controller = new AbortController();
    const stopped = compiled.compress(image, {
      model: compiledModel,
      method,
      bands: BANDS,
      threads: 2,
      signal: controller.signal,
      onProgress: () => controller.abort(new Error('enough')),
    });
    await expect(stopped).rejects.toThrow('enough');
  });
});
