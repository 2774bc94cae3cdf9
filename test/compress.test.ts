import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { compress } from '../src/compress.ts';
import { PNG_STEPS, SAMPLES_STEPS, WEBP_STEPS } from '../src/container/payload-kind.ts';
import { decompress, readHeader } from '../src/decompress.ts';
import type { ChannelCount, Image } from '../src/image/image.ts';
import { encodeSmallPng } from '../src/image/narrow-png.ts';
import { preview } from '../src/preview.ts';
import { checkRoundTrip } from './helpers/check-round-trip.ts';
import { anyFixtureImage, fixtureImage, fixtureNames, tinyModel } from './helpers/fixtures.ts';
import { CONTENT_NAMES, makeImage } from './helpers/images.ts';
import { randomInteger, seededRandom } from './helpers/random.ts';

const model = tinyModel;
const CHANNELS: readonly ChannelCount[] = [1, 2, 3, 4];
const STEPS = [2, 4, 8, 16];

/** [height, width]; 129 and 130 make 65 positions, one more than a tile has on a side. */
const SIZES: [number, number][] = [
  [1, 1],
  [1, 2],
  [2, 1],
  [1, 7],
  [9, 1],
  [1, 131],
  [131, 1],
  [2, 2],
  [2, 3],
  [3, 2],
  [3, 3],
  [5, 4],
  [8, 8],
  [15, 17],
  [16, 16],
  [17, 15],
  [31, 33],
  [129, 130],
];

describe('every bit comes back', () => {
  it.each(SIZES)('from %i x %i pixels', async (height, width) => {
    await checkRoundTrip(makeImage('gradient', { height, width, channels: 3 }));
    await checkRoundTrip(makeImage('noise', { height, width, channels: 1 }), { numSteps: 2 });
    await checkRoundTrip(makeImage('flat', { height, width, channels: 4 }), { numSteps: 2 });
  });

  const kinds = CONTENT_NAMES.flatMap((content) => CHANNELS.map((channels) => ({ content, channels })));
  it.each(kinds)('from $content in $channels channels', async ({ content, channels }) => {
    await checkRoundTrip(makeImage(content, { height: 15, width: 17, channels }));
  });

  it.each(fixtureNames('images'))('from %s', async (name) => {
    const numSteps = name.startsWith('photo') ? 4 : 8;
    await checkRoundTrip(await anyFixtureImage(name.replace('.png', '')), { numSteps });
  });

  it.each(STEPS)('in %i steps', async (numSteps) => {
    const file = await checkRoundTrip(await fixtureImage('smooth-rgb8-32x32'), { numSteps });
    expect(readHeader(file).numSteps).toBe(numSteps);
  });

  it('from any small image', async () => {
    const side = fc.integer({ min: 1, max: 12 });
    const options = fc.record({ height: side, width: side, channels: fc.constantFrom(...CHANNELS), seed: fc.nat() });
    const content = fc.constantFrom(...CONTENT_NAMES);
    await fc.assert(
      fc.asyncProperty(content, options, fc.constantFrom(...STEPS), async (kind, size, numSteps) => {
        await checkRoundTrip(makeImage(kind, size), { numSteps });
      }),
      { numRuns: 150 },
    );
  });

  it('from any bytes', async () => {
    const bytes = fc.uint8Array({ minLength: 12, maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(bytes, fc.constantFrom(...CHANNELS), async (given, channels) => {
        const width = Math.floor(given.length / (3 * channels));
        const data = given.slice(0, 3 * width * channels);
        await checkRoundTrip({ height: 3, width, channels, bitDepth: 8, data }, { numSteps: 2 });
      }),
      { numRuns: 60 },
    );
  });

  it('from data that are a part of a larger buffer, and leaves them as they were', async () => {
    const { data, ...rest } = makeImage('noise', { height: 6, width: 5, channels: 4 });
    const buffer = new Uint8Array(data.length + 20).fill(7);
    buffer.set(data, 9);
    const before = buffer.slice();
    const file = await checkRoundTrip({ ...rest, data: buffer.subarray(9, 9 + data.length) });
    expect(buffer).toEqual(before);
    const shifted = new Uint8Array(file.length + 5);
    shifted.set(file, 5);
    expect((await decompress(shifted.subarray(5), { model })).data).toEqual(data);
  });
});

describe('the file', () => {
  it('is the same every time, also when two images are coded at once', async () => {
    const image = await fixtureImage('smooth-rgb8-32x32');
    const other = await fixtureImage('disc-rgba8-40x33');
    const [first, , second] = await Promise.all([image, other, image].map((one) => compress(one, { model })));
    expect(second).toEqual(first);
  });

  const images = ['gradient-rgb8-17x5', 'disc-gray-alpha8-25x25', 'noise-gray8-31x29', 'smooth-rgb8-32x32'];
  it.each(images)('of %s does not depend on the engine', async (name) => {
    const image = await fixtureImage(name);
    const files = await Promise.all(
      (['wasm', 'reference'] as const).map((engine) =>
        compress(image, { model, engine, numSteps: 4, method: 'diffusion' }),
      ),
    );
    expect(files[1]).toEqual(files[0]);
    expect(await decompress(files[0]!, { model, engine: 'reference' })).toEqual(image);
    expect(await decompress(files[0]!, { model, engine: 'wasm' })).toEqual(image);
  });

  it('of one pixel takes its header and a few bytes', async () => {
    const file = await compress(makeImage('noise', { height: 1, width: 1, channels: 3 }), { model });
    expect(file.length).toBeLessThanOrEqual(17 + 7);
  });

  it('of a photograph is smaller than its pixels', async () => {
    const image = await fixtureImage('photo-rgb8-256x192');
    const file = await compress(image, { model, numSteps: 2 });
    expect(file.length).toBeLessThan(0.65 * image.data.length);
  });
});

describe('progress', () => {
  it('rises to 1, in compress and in decompress', async () => {
    const image = await fixtureImage('smooth-rgb8-97x71');
    const heard: Record<'compress' | 'decompress', number[]> = { compress: [], decompress: [] };
    const onProgress = (list: number[]) => (fraction: number) => list.push(fraction);
    const file = await compress(image, {
      model,
      numSteps: 2,
      method: 'diffusion',
      onProgress: onProgress(heard.compress),
    });
    await decompress(file, { model, onProgress: onProgress(heard.decompress) });
    for (const fractions of Object.values(heard)) {
      expect(fractions.length).toBeGreaterThan(5);
      expect(fractions.every((fraction, i) => fraction > (fractions[i - 1] ?? 0))).toBe(true);
      expect(fractions.at(-1)).toBe(1);
    }
  });
});

it.each([
  ['a WebP', 'text-gray8-120x56'],
  ['samples', 'noise-rgb8-1x1'],
  ['a PNG', 'flat-gray8-16385x1'],
  ['a WebP of 16 bits', 'shifted-rgb16-19x13'],
])('progress of decompressing %s ends with 1', async (_title, name) => {
  const file = await compress(await anyFixtureImage(name), { model, method: 'kept' });
  const heard: number[] = [];
  await decompress(file, { model, onProgress: (fraction) => heard.push(fraction) });
  expect(heard.at(-1)).toBe(1);
  expect(heard.every((fraction, i) => fraction > (heard[i - 1] ?? 0))).toBe(true);
});

describe('the method', () => {
  it("'best' keeps line art as WebP, smaller than diffusion makes it", async () => {
    const image = await fixtureImage('text-rgb8-65x67');
    const best = await checkRoundTrip(image, { method: 'best' });
    const diffusion = await checkRoundTrip(image, { method: 'diffusion' });
    expect(readHeader(best)).toMatchObject({ numSteps: WEBP_STEPS, modelId: 0 });
    expect(best.length).toBeLessThan(diffusion.length / 4);
  });

  it.each(['gray-alpha8-25x25', 'rgba8-40x33'])("'best' keeps the alpha of a WebP apart: disc-%s", async (name) => {
    const best = await checkRoundTrip(await fixtureImage(`disc-${name}`), { method: 'best' });
    expect(readHeader(best)).toMatchObject({ numSteps: WEBP_STEPS, alphaLength: expect.any(Number) });
    expect(readHeader(best).alphaLength).toBeGreaterThan(0);
  });

  it("'best' is a PNG where an image is too wide for WebP", async () => {
    const image = makeImage('flat', { height: 1, width: 16_385, channels: 1 });
    expect(readHeader(await checkRoundTrip(image, { method: 'best' }))).toMatchObject({ numSteps: PNG_STEPS });
  });

  it("'best' is a PNG of all bits where samples of 16 repeat", async () => {
    const random = seededRandom(1);
    const tile = Uint16Array.from({ length: 20 * 2 }, () => randomInteger(random, 65_536));
    const data = Uint16Array.from({ length: 30 * 20 * 2 }, (_, i) => tile[i % tile.length]!);
    const heard: number[] = [];
    const image: Image = { height: 30, width: 20, channels: 2, bitDepth: 16, data };
    const file = await checkRoundTrip(image, { method: 'best' });
    expect(readHeader(file)).toMatchObject({ numSteps: PNG_STEPS, bitDepth: 16, alphaLength: 0, lowLength: 0 });
    expect(await decompress(file, { onProgress: (fraction) => heard.push(fraction) })).toEqual(image);
    expect(heard).toEqual([1]);
    expect((await preview(file, { level: 1 })).image).toMatchObject({ height: 15, width: 10, bitDepth: 8 });
  });

  it("'best' is a PNG with a palette where the patterns of few colours are in the indices", async () => {
    const data = Uint8Array.from({ length: 64 * 64 * 3 }, (_, i) => {
      const [pixel, channel] = [Math.floor(i / 3), i % 3];
      const index = (pixel >> 6) ^ (pixel & 63);
      return (index * index * (3 * channel + 7)) >> 2;
    });
    const file = await checkRoundTrip({ height: 64, width: 64, channels: 3, bitDepth: 8, data }, { method: 'best' });
    expect(readHeader(file).numSteps).toBe(PNG_STEPS);
  });

  it("'best' tries no diffusion where an image is too wide for WebP and a tiny PNG", async () => {
    const tile = vi.fn();
    const observer = { tile, direct: vi.fn(), prior: vi.fn(), reverse: vi.fn() };
    const ramp = makeImage('flat', { height: 1, width: 40_000, channels: 3 });
    const file = await compress(ramp, { model, numSteps: 2, observer });
    expect(tile).not.toHaveBeenCalled();
    // Signature, IHDR and IEND are not there.
    expect(file.length).toBeLessThan(encodeSmallPng(ramp).length - 25);
  });

  it("'kept' is a WebP or PNG of photographs too", async () => {
    const file = await checkRoundTrip(await fixtureImage('smooth-rgb8-97x71'), { method: 'kept' });
    expect(readHeader(file)).toMatchObject({ numSteps: WEBP_STEPS, modelId: 0 });
  });

  it("'best' tries WebP on large images that are not drawn too", async () => {
    const random = seededRandom(1);
    const data = Uint8Array.from({ length: 1025 * 1024 }, () => 100 * randomInteger(random, 3));
    const file = await compress({ height: 1025, width: 1024, channels: 1, bitDepth: 8, data }, { model, numSteps: 2 });
    expect(readHeader(file).numSteps).toBe(WEBP_STEPS);
    expect((8 * file.length) / data.length).toBeLessThan(1.65);
  });

  it("'best' is diffusion where that is smallest", async () => {
    const photo = await fixtureImage('photo-rgb8-256x192');
    const side = 8;
    const data = Uint8Array.from({ length: side * side * 3 }, (_, i) => {
      return photo.data[Math.floor(i / (3 * side)) * photo.width * 3 + (i % (3 * side))]!;
    });
    const image: Image = { ...photo, height: side, width: side, data };
    expect(await checkRoundTrip(image, { method: 'best' })).toEqual(
      await checkRoundTrip(image, { method: 'diffusion' }),
    );
  });

  it.each(['gray8-31x29', 'rgb8-1x1', 'rgba8-1x1', 'rgba16-5x4'])(
    "'best' keeps the samples of noise-%s",
    async (name) => {
      const image = await anyFixtureImage(`noise-${name}`);
      const file = await checkRoundTrip(image, { method: 'best' });
      expect(readHeader(file)).toMatchObject({ numSteps: SAMPLES_STEPS, alphaLength: 0, lowLength: 0 });
      expect(file.length).toBeLessThanOrEqual(image.data.byteLength + 16);
    },
  );

  it('of a WebP needs no model to decompress', async () => {
    const image = await fixtureImage('text-gray8-120x56');
    expect(await decompress(await compress(image, { model }))).toEqual(image);
  });
});

describe('a signal', () => {
  const image = makeImage('gradient', { height: 40, width: 40, channels: 3 });
  const reason = new Error('enough');

  async function stopsAfterOneTile(work: (options: object) => Promise<unknown>): Promise<void> {
    const controller = new AbortController();
    let numTiles = 0;
    const onProgress = () => {
      numTiles++;
      controller.abort(reason);
    };
    await expect(work({ model, onProgress, signal: controller.signal })).rejects.toBe(reason);
    expect(numTiles).toBe(1);
  }

  it('stops compress', () => stopsAfterOneTile((options) => compress(image, { ...options, method: 'diffusion' })));

  it('stops decompress', async () => {
    const file = await compress(image, { model, method: 'diffusion' });
    await stopsAfterOneTile((options) => decompress(file, options));
  });

  it('that is aborted already stops both before any work', async () => {
    const file = await compress(image, { model, method: 'diffusion' });
    const onProgress = () => expect.unreachable('no tile may be coded');
    const options = { model, onProgress, signal: AbortSignal.abort(reason) };
    await expect(compress(image, options)).rejects.toBe(reason);
    await expect(decompress(file, options)).rejects.toBe(reason);
  });
});

describe('misuse', () => {
  const image = makeImage('gradient', { height: 2, width: 3, channels: 3 });

  it.each([
    ['no image', null, {}, TypeError, '"image" must be an object'],
    ['data of another type', { ...image, data: [...image.data] }, {}, TypeError, '"image.data" must be a Uint8Array'],
    ['a side that is no number', { ...image, width: '3' }, {}, TypeError, '"image.width" must be a number'],
    ['a side of 0', { ...image, height: 0 }, {}, RangeError, '"image.height" must be an integer in 1..65535, got 0'],
    ['5 channels', { ...image, channels: 5 }, {}, RangeError, '"image.channels" must be 1..4, got 5'],
    ['12 bits', { ...image, bitDepth: 12 }, {}, RangeError, '"image.bitDepth" must be 8 or 16, got 12'],
    ['16 bits in bytes', { ...image, bitDepth: 16 }, {}, TypeError, '"image.data" must be a Uint16Array where'],
    ['data too long', { ...image, width: 2 }, {}, RangeError, '"image.data" must hold 2 x 2 x 3 = 12 samples, got 18'],
    ['3 steps', image, { numSteps: 3 }, RangeError, '"numSteps" must be one of 2, 4, 8, 16, got 3'],
    ['effort 5', image, { effort: 5 }, RangeError, '"effort" must be one of 1, 2, 3, 4, got 5'],
    [
      'no method',
      image,
      { method: 'png' },
      RangeError,
      '"method" must be one of best, diffusion, absorbing, gaussian, kept, got png',
    ],
    ['no engine', image, { engine: 'gpu' }, RangeError, `"engine" must be one of wasm, tfjs, reference, got gpu`],
  ])('by %s is an error of the caller', async (_title, given, options, type, message) => {
    const result = compress(given as Image, { model, ...options } as object);
    await expect(result).rejects.toBeInstanceOf(type);
    await expect(result).rejects.toThrow(message);
  });

  it.each([undefined, 'vdmz', new ArrayBuffer(20)])('of decompress and readHeader by %s is one too', async (given) => {
    const bytes = given as unknown as Uint8Array;
    const message = '"bytes" must be a Uint8Array';
    await expect(decompress(bytes)).rejects.toThrow(new TypeError(message));
    expect(() => readHeader(bytes)).toThrow(new TypeError(message));
  });

  it('of the engine option is refused by decompress too', async () => {
    const file = await compress(image, { model });
    await expect(decompress(file, { model, engine: 'gpu' } as object)).rejects.toThrow(RangeError);
  });
});
