/** Whole files by absorbing diffusion. */
import { describe, expect, it } from 'vitest';
import { compress } from '../src/compress.ts';
import { decompress, readHeader } from '../src/decompress.ts';
import type { ChannelCount, Image } from '../src/image/image.ts';
import { preview } from '../src/preview.ts';
import { checkRoundTrip } from './helpers/check-round-trip.ts';
import { DEEP_CONTENT_NAMES, makeDeepImage } from './helpers/deep-images.ts';
import { anyFixtureImage, fixtureImage, smallPhoto, tinyModel, tinyPixels } from './helpers/fixtures.ts';
import { makeGaps } from './helpers/gaps.ts';
import { CONTENT_NAMES, makeImage } from './helpers/images.ts';

const model = tinyPixels;
const OPTIONS = { model, method: 'diffusion' } as const;
const CHANNELS: readonly ChannelCount[] = [1, 2, 3, 4];

const SIZES = [
  [1, 1],
  [1, 2],
  [2, 1],
  [1, 131],
  [131, 1],
  [3, 3],
  [17, 15],
  [31, 64],
] as const;

describe('every bit comes back', () => {
  it.each(SIZES)('from %i x %i pixels', async (height, width) => {
    for (const channels of CHANNELS)
      await checkRoundTrip(makeImage('gradient', { height, width, channels }), { model });
  });

  const kinds = CONTENT_NAMES.flatMap((content) => CHANNELS.map((channels) => ({ content, channels })));
  it.each(kinds)('from $content in $channels channels', async ({ content, channels }) => {
    await checkRoundTrip(makeImage(content, { height: 15, width: 17, channels }), { model });
  });

  it.each(DEEP_CONTENT_NAMES)('from %s of 16 bits', async (content) => {
    for (const channels of CHANNELS)
      await checkRoundTrip(makeDeepImage(content, { height: 7, width: 9, channels }), { model });
  });

  it.each(['best', 'kept', 'diffusion'] as const)("by the method '%s'", async (method) => {
    const file = await checkRoundTrip(await smallPhoto(), { model, method });
    expect(readHeader(file).modelId).toBe(method === 'kept' ? 0 : model.id);
  });
});

describe('the file', () => {
  const names = [
    'gradient-rgb8-17x5',
    'disc-gray-alpha8-25x25',
    'noise-gray8-31x29',
    'shifted-rgb16-19x13',
    'smooth-rgb8-97x71',
  ];
  it.each(names)('of %s does not depend on engine and threads', async (name) => {
    const image = await anyFixtureImage(name);
    const ways = [
      { engine: 'reference' },
      { engine: 'wasm', threads: 1 },
      { engine: 'wasm', threads: 2 },
      { engine: 'wasm', threads: 4 },
    ] as const;
    const files: Uint8Array[] = [];
    for (const way of ways) files.push(await compress(image, { ...OPTIONS, ...way }));
    for (const file of files) expect(file).toEqual(files[0]);
    for (const way of ways) expect(await decompress(files[0]!, { model, ...way })).toEqual(image);
  });

  it('states version 9, its steps and its model', async () => {
    const file = await compress(makeImage('noise', { height: 5, width: 6, channels: 3 }), { ...OPTIONS, numSteps: 16 });
    expect([...file.subarray(4, 5), file[8]]).toEqual([9, 6]);
    expect(readHeader(file)).toMatchObject({ version: 9, numSteps: 6, modelId: model.id, height: 5, width: 6 });
  });

  it('states the same of 4096 pixels or more, whose colours weigh', async () => {
    const file = await compress(makeImage('gradient', { height: 64, width: 64, channels: 3 }), OPTIONS);
    expect(readHeader(file)).toMatchObject({ version: 9, numSteps: 6, modelId: model.id });
  });

  it.each(CHANNELS)(
    'of an image with gaps in its histogram, %i channels, does not depend on the engine',
    async (channels) => {
      const image = makeGaps({ height: 64, width: 70, channels });
      const file = await compress(image, OPTIONS);
      expect(await compress(image, { ...OPTIONS, engine: 'reference' })).toEqual(file);
      for (const engine of ['wasm', 'reference'] as const)
        expect(await decompress(file, { model, engine })).toEqual(image);
    },
  );

  it('is the same every time, also when two images are coded at once', async () => {
    const [image, other] = [await fixtureImage('smooth-rgb8-32x32'), await fixtureImage('disc-rgba8-40x33')];
    const [first, , second] = await Promise.all([image, other, image].map((one) => compress(one, OPTIONS)));
    expect(second).toEqual(first);
  });

  it('of one pixel takes its header and a few bytes', async () => {
    const file = await compress(makeImage('noise', { height: 1, width: 1, channels: 3 }), OPTIONS);
    expect(file.length).toBeLessThanOrEqual(17 + 10);
  });

  it('of a photograph is smaller than its pixels', async () => {
    const image = await smallPhoto(96);
    expect((await compress(image, OPTIONS)).length).toBeLessThan(0.65 * image.data.length);
  });

  it('of version 6 is still what a Gaussian model writes', async () => {
    const image = makeImage('gradient', { height: 6, width: 5, channels: 3 });
    const file = await compress(image, { model: tinyModel, method: 'diffusion' });
    expect(readHeader(file)).toMatchObject({ version: 6, numSteps: 8, modelId: tinyModel.id });
  });
});

describe('a damaged file', () => {
  const image = makeImage('gradient', { height: 11, width: 13, channels: 3 });
  const fileOf = (given: typeof tinyModel | typeof tinyPixels) =>
    compress(image, { model: given, method: 'diffusion' });
  const withByte = (file: Uint8Array, offset: number, byte: number) => file.with(offset, byte);

  it.each([
    ['that states version 6', tinyPixels, 4, 6, 'corrupt'],
    ['that states 8 steps', tinyPixels, 8, 8, 'corrupt'],
    ['of a Gaussian model that states version 9', tinyModel, 4, 9, 'corrupt'],
    ['of a Gaussian model that states 6 steps', tinyModel, 8, 6, 'corrupt'],
    ['that states the steps of version 8', tinyPixels, 8, 7, 'corrupt'],
    ['of version 7', tinyPixels, 4, 7, 'unsupported-version'],
    ['of version 8', tinyPixels, 4, 8, 'unsupported-version'],
    ['of a later version', tinyPixels, 4, 12, 'unsupported-version'],
    ['of a model that is not installed', tinyPixels, 9, 0, 'unknown-model'],
  ] as const)('%s is refused', async (_title, given, offset, byte, code) => {
    const file = withByte(await fileOf(given), offset, byte);
    await expect(decompress(file, { model: given })).rejects.toMatchObject({ name: 'CodecError', code });
    await expect(preview(file, { model: given })).rejects.toMatchObject({ name: 'CodecError', code });
  });

  it.each([
    ['of absorbing diffusion', tinyPixels, tinyModel],
    ['of Gaussian diffusion', tinyModel, tinyPixels],
  ] as const)('%s is not decoded by a model of the other kind', async (_title, given, other) => {
    const file = await fileOf(given);
    await expect(decompress(file, { model: other })).rejects.toMatchObject({ code: 'unknown-model' });
    const named = { ...other, id: given.id };
    await expect(decompress(file, { model: named })).rejects.toMatchObject({ name: 'CodecError', code: 'corrupt' });
  });

  it('is refused at every shorter length', async () => {
    const file = await fileOf(tinyPixels);
    for (let length = 0; length < file.length; length += 3) {
      await expect(decompress(file.subarray(0, length), { model })).rejects.toMatchObject({ name: 'CodecError' });
    }
  });

  it('is refused whichever byte is another, and when it goes on', async () => {
    const file = await fileOf(tinyPixels);
    for (let offset = 0; offset < file.length; offset++) {
      const damaged = withByte(file, offset, file[offset]! ^ (1 << (offset % 8)));
      await expect(decompress(damaged, { model, maxPixels: 10_000 })).rejects.toMatchObject({ name: 'CodecError' });
    }
    await expect(decompress(Uint8Array.of(...file, 1, 2, 3), { model })).rejects.toMatchObject({ code: 'corrupt' });
  });
});

describe('progress', () => {
  it.each([
    ['gray', makeImage('gradient', { height: 40, width: 61, channels: 1 })],
    ['colour', makeImage('gradient', { height: 61, width: 43, channels: 4 })],
    ['16 bits', makeDeepImage('smooth', { height: 30, width: 37, channels: 3 })],
  ] as const)('rises to 1, in compress and in decompress: %s', async (_title, image) => {
    const heard: number[][] = [[], []];
    const onProgress = (i: number) => (fraction: number) => void heard[i]!.push(fraction);
    const file = await compress(image as Image, { ...OPTIONS, onProgress: onProgress(0) });
    await decompress(file, { model, onProgress: onProgress(1) });
    for (const fractions of heard) {
      expect(fractions.length).toBeGreaterThan(5);
      expect(fractions.every((fraction, i) => fraction > (fractions[i - 1] ?? 0))).toBe(true);
      expect(fractions.at(-1)).toBe(1);
    }
  });
});

describe('a signal', () => {
  const image = makeImage('gradient', { height: 60, width: 60, channels: 3 });
  const reason = new Error('enough');

  async function stopsAtOnce(work: (options: object) => Promise<unknown>): Promise<void> {
    const controller = new AbortController();
    let heard = 0;
    const onProgress = () => {
      heard++;
      controller.abort(reason);
    };
    await expect(work({ ...OPTIONS, onProgress, signal: controller.signal })).rejects.toBe(reason);
    expect(heard).toBe(1);
  }

  it('stops compress', () => stopsAtOnce((options) => compress(image, options)));

  it('stops decompress', async () => {
    const file = await compress(image, OPTIONS);
    await stopsAtOnce((options) => decompress(file, options));
  });
});

describe('a preview', () => {
  it.each(CHANNELS)('is that of a file by Gaussian diffusion, %i channels', async (channels) => {
    const image = makeImage('gradient', { height: 21, width: 30, channels });
    const gaussian = await compress(image, { model: tinyModel, method: 'diffusion' });
    const file = await compress(image, OPTIONS);
    for (const level of [1, 2, 9]) {
      expect(await preview(file, { model, level })).toEqual(await preview(gaussian, { model: tinyModel, level }));
    }
  });

  it('of colours that weigh is as well', async () => {
    const image = makeGaps({ height: 64, width: 70, channels: 3 });
    const gaussian = await compress(image, { model: tinyModel, method: 'diffusion' });
    expect(await preview(await compress(image, OPTIONS), { model })).toEqual(
      await preview(gaussian, { model: tinyModel }),
    );
  });

  it('of 16 bits has the high ones', async () => {
    const image = makeDeepImage('smooth', { height: 12, width: 20, channels: 3 });
    const gaussian = await compress(image, { model: tinyModel, method: 'diffusion' });
    expect(await preview(await compress(image, OPTIONS), { model })).toEqual(
      await preview(gaussian, { model: tinyModel }),
    );
  });
});
