import { describe, expect, it } from 'vitest';
import { compress } from '../src/compress.ts';
import { compressPng } from '../src/compress-png.ts';
import { decodeFile } from '../src/container/header.ts';
import { encodeSmallImage, startOfSmallImage } from '../src/container/small-image.ts';
import { decompress, readHeader } from '../src/decompress.ts';
import type { Image } from '../src/image/image.ts';
import { concatenate } from '../src/image/png-chunks.ts';
import { highOf } from '../src/low-bits/split.ts';
import { preview } from '../src/preview.ts';
import { makeDeepImage } from './helpers/deep-images.ts';
import { fixtureImage, tinyModel as model, readFixture, tinyPixels } from './helpers/fixtures.ts';

const NAMES = [
  'noise-gray8-1x1',
  'gradient-rgb8-13x1',
  'gradient-gray8-1x9',
  'gradient-rgb8-17x5',
  'smooth-gray8-131x20',
  'smooth-rgb8-97x71',
];

/** Luma and chroma differences of a pixel, or its gray. */
function planesOf({ channels, data }: Image, pixel: number): number[] {
  if (channels < 3) return [data[pixel * channels]!];
  const [red, green, blue] = data.subarray(pixel * channels);
  const co = red! - blue!;
  const cg = green! - Math.floor((red! + blue!) / 2);
  return [green! - Math.ceil(cg / 2), co, cg];
}

function rgbOf([y, co, cg]: number[]): number[] {
  const middle = y! - Math.floor(cg! / 2);
  const blue = middle - Math.floor(co! / 2);
  return [blue + co!, cg! + middle, blue].map((value) => Math.min(Math.max(value, 0), 255));
}

/** A preview straight from its definition: means of pairs of neighbours, first of columns and then of rows, rounded down. */
function expectedPreview(image: Image, level: number): Pick<Image, 'height' | 'width' | 'data'> {
  const { height, width } = image;
  const mean = (a: number[], b: number[] = a) => a.map((value, plane) => Math.floor((value + b[plane]!) / 2));
  let rows = Array.from({ length: height }, (_, y) =>
    Array.from({ length: width }, (_, x) => planesOf(image, y * width + x)),
  );
  for (let i = 0; i < level; i++) {
    const narrow = rows.map((row) => row.filter((_, x) => x % 2 === 0).map((left, x) => mean(left, row[2 * x + 1])));
    rows = narrow.filter((_, y) => y % 2 === 0).map((top, y) => top.map((a, x) => mean(a, narrow[2 * y + 1]?.[x])));
  }
  const pixels = rows.flat().flatMap((planes) => (planes.length === 3 ? rgbOf(planes) : planes));
  return { height: rows.length, width: rows[0]!.length, data: Uint8Array.from(pixels) };
}

describe.each(NAMES)('%s', async (name) => {
  const image = await fixtureImage(name);
  const bytes = await compress(image, { model, numSteps: 2, method: 'diffusion' });

  it.each([1, 2, 3, 9])('halved %i times has the means of its pixels', async (level) => {
    const { image: small, level: halvings } = await preview(bytes, { model, level });
    expect(halvings).toBe(Math.min(level, Math.ceil(Math.log2(Math.max(image.height, image.width)))));
    expect(small).toEqual({ ...expectedPreview(image, level), channels: image.channels, bitDepth: 8 });
  });
});

it('leaves alpha out', async () => {
  const image = await fixtureImage('disc-rgba8-40x33');
  const bytes = await compress(image, { model, numSteps: 2, method: 'diffusion' });
  const small = (await preview(bytes, { model, level: 2 })).image;
  expect(small).toEqual({ ...expectedPreview(image, 2), channels: 3, bitDepth: 8 });
});

describe('of 16 bits a sample', () => {
  const deep = makeDeepImage('dark', { height: 30, width: 41, channels: 3 });
  const high = highOf(deep);

  it('is that of the high bits, also of a file that is cut off in its low bits', async () => {
    const bytes = await compress(deep, { model, numSteps: 2, method: 'diffusion' });
    for (const length of [bytes.length, bytes.length - 1, bytes.length - readHeader(bytes).lowLength]) {
      const small = (await preview(bytes.subarray(0, length), { model, level: 2 })).image;
      expect(small).toEqual({ ...expectedPreview(high, 2), channels: 3, bitDepth: 8 });
    }
  });

  it('is that of the high bits where a file keeps a PNG', async () => {
    const bytes = await compressPng(readFixture('images/noise-rgba16-5x4.png'), { model });
    const small = (await preview(bytes, { model, level: 1 })).image;
    expect(small).toMatchObject({ height: 2, width: 3, channels: 3, bitDepth: 8 });
  });
});

it('is made of the pixels where a file keeps a WebP', async () => {
  const image = await fixtureImage('text-rgb8-65x67');
  const bytes = await compressPng(readFixture('images/text-rgb8-65x67.png'), { model });
  expect(readHeader(bytes).numSteps).toBe(1);
  const small = (await preview(bytes, { level: 3 })).image;
  expect(small).toEqual({ ...expectedPreview(image, 3), channels: 3, bitDepth: 8 });
});

describe('a file that is cut off', async () => {
  const image = await fixtureImage('smooth-rgb8-97x71');
  const bytes = await compress(image, { model, numSteps: 2, method: 'diffusion' });

  it('gives ever larger previews, all of them right, the more is left', async () => {
    const levels: number[] = [];
    for (let length = 30; length < bytes.length; length += Math.ceil(length / 4)) {
      const { image: small, level } = await preview(bytes.subarray(0, length), { model, level: 1 });
      expect(small.data).toEqual(expectedPreview(image, level).data);
      levels.push(level);
    }
    expect(levels).toEqual(levels.toSorted((a, b) => b - a));
    expect(levels[0]).toBeGreaterThan(3);
    expect(levels.at(-1)).toBe(1);
  });

  it.each([0, 10, 17, 20, 21, 22, 23])('after %i bytes gives an error', async (length) => {
    const cut = preview(bytes.subarray(0, length), { model });
    await expect(cut).rejects.toMatchObject({ code: length === 0 ? 'not-our-format' : 'truncated' });
  });
});

it.each([0, -1, 1.5, Number.NaN])('refuses a level of %d', async (level) => {
  await expect(preview(new Uint8Array(0), { level })).rejects.toThrow(RangeError);
});

describe('of absorbing diffusion, cut off', async () => {
  const image = await fixtureImage('smooth-rgb8-97x71');
  const bytes = await compress(image, { model: tinyPixels, method: 'diffusion' });
  const whole = await preview(bytes, { model: tinyPixels, level: 1 });

  it('shows the upper part, and gray below', async () => {
    const {
      image: part,
      level,
      isCut,
    } = await preview(bytes.subarray(0, bytes.length >> 1), {
      model: tinyPixels,
      level: 1,
    });
    expect([level, isCut, whole.isCut]).toEqual([1, true, false]);
    expect(part).toMatchObject({ height: whole.image.height, width: whole.image.width });
    const rowLength = 3 * part.width;
    expect(part.data.subarray(0, rowLength)).toEqual(whole.image.data.subarray(0, rowLength));
    expect(part.data.subarray(-rowLength).every((value) => value === 128)).toBe(true);
  });

  it.each([0.2, 0.4, 0.6, 0.8, 0.95])(
    'with %d of its bytes is right or gray everywhere, but for blocks where both meet',
    async (share) => {
      const cut = bytes.subarray(0, Math.round(share * bytes.length));
      const { image: part } = await preview(cut, { model: tinyPixels, level: 1 });
      const pixels = Array.from({ length: part.height * part.width }, (_, i) => [3 * i, 3 * i + 3] as const);
      const isRight = ([from, to]: readonly [number, number]) =>
        part.data.subarray(from, to).every((value, i) => value === whole.image.data[from + i]);
      const isGray = ([from, to]: readonly [number, number]) =>
        part.data.subarray(from, to).every((value) => value === 128);
      const wrong = pixels.filter((pixel) => !isRight(pixel) && !isGray(pixel));
      expect(wrong.length).toBeLessThanOrEqual(2 * part.height);
      expect(pixels.filter(isRight).length / pixels.length).toBeGreaterThan(0.7 * share);
    },
  );

  it('shows whole bands, and the next one as far as it goes', async () => {
    const bands = 4;
    const banded = await compress(image, { model: tinyPixels, method: 'diffusion', bands });
    expect(await preview(banded, { model: tinyPixels, level: 1 })).toEqual(whole);
    const rowLength = 3 * whole.image.width;
    const most = whole.image.height;
    let shown = 0;
    for (let length = banded.length >> 3; length < banded.length; length += 397) {
      const { image: part, isCut } = await preview(banded.subarray(0, length), { model: tinyPixels, level: 1 });
      expect(isCut).toBe(true);
      const isRight = (row: number) =>
        Buffer.compare(
          part.data.subarray(row * rowLength, (row + 1) * rowLength),
          whole.image.data.subarray(row * rowLength, (row + 1) * rowLength),
        ) === 0;
      const rows = Array.from({ length: most }, (_, row) => row).findIndex((row) => !isRight(row));
      expect(rows).toBeGreaterThanOrEqual(shown);
      shown = rows;
      const isGray = part.data.subarray(-rowLength).every((value) => value === 128);
      if (length < banded.length >> 1) expect(isGray).toBe(true);
    }
    expect(shown).toBeGreaterThan(0.7 * most);
  });

  it('is an error where nothing is left', async () => {
    const cut = preview(bytes.subarray(0, 30), { model: tinyPixels, level: 1 });
    await expect(cut).rejects.toMatchObject({ code: 'truncated' });
  });
});

describe('of absorbing diffusion with a small image', async () => {
  const model = tinyPixels;
  const image = await fixtureImage('smooth-rgb8-97x71');
  const plain = await compress(image, { model, method: 'diffusion' });
  const bytes = await compress(image, { model, method: 'diffusion', preview: 2 });
  /** Where its payload begins: the bands are the end of both files, behind their number in one of them. */
  const smallEnd = bytes.length - decodeFile(plain).payload.length - 1;
  const smallStart = bytes.length - decodeFile(bytes).payload.length;

  it.each([1, 2, 3, 9])('halved %i times is what it is without one, or nearly', async (level) => {
    const [shown, expected] = [await preview(bytes, { model, level }), await preview(plain, { model, level })];
    const { data, ...shape } = expected.image;
    expect({ ...shown, image: { ...shown.image, data: undefined } }).toEqual({ ...expected, image: { ...shape } });
    // Below its size means are of colours that were brought into their range.
    const most = level <= 2 ? 0 : 2;
    expect(Math.max(...shown.image.data.map((value, i) => Math.abs(value - data[i]!)))).toBeLessThanOrEqual(most);
  });

  it('needs nothing but that', async () => {
    expect(bytes.length - plain.length).toBeLessThan(plain.length / 8);
    const whole = await preview(bytes, { model, level: 2 });
    expect(await preview(bytes.subarray(0, smallEnd), { model, level: 2 })).toEqual(whole);
    expect(whole.isCut).toBe(false);
    expect(await preview(bytes.subarray(0, smallEnd), { model, level: 1 })).toEqual({ ...whole, isCut: true });
  });

  it.each([0.3, 0.5, 0.7, 0.9, 0.97])(
    'with %d of the bands is right or coarse everywhere, but for blocks where both meet',
    async (share) => {
      const length = smallEnd + Math.round(share * (bytes.length - smallEnd));
      const { image: part, ...rest } = await preview(bytes.subarray(0, length), { model, level: 1 });
      expect(rest).toEqual({ level: 1, isCut: true });
      const [{ image: fine }, { image: coarse }] = [
        await preview(plain, { model, level: 1 }),
        await preview(plain, { model, level: 2 }),
      ];
      const { height, width } = part;
      const at = (image: typeof part, row: number, column: number) =>
        [...image.data.subarray(3 * (row * image.width + column), 3 * (row * image.width + column) + 3)].join();
      const kinds = Array.from({ length: height * width }, (_, i) => {
        const [row, column] = [Math.floor(i / width), i % width];
        if (at(part, row, column) === at(fine, row, column)) return 'fine';
        return at(part, row, column) === at(coarse, row >> 1, column >> 1) ? 'coarse' : 'mixed';
      });
      const count = (kind: string) => kinds.filter((each) => each === kind).length / kinds.length;
      expect(count('fine')).toBeGreaterThan(0.7 * share);
      expect(count('fine')).toBeLessThan(share + 0.2);
      // A row has a block or two where revealed pixels end.
      expect(count('mixed')).toBeLessThan(2 / width);
    },
  );

  it('is gray where it is not whole itself', async () => {
    const half = await compress(image, { model, method: 'diffusion', preview: 1 });
    const start = half.length - plain.length;
    const { image: part, ...rest } = await preview(half.subarray(0, smallStart + (start >> 1)), { model, level: 1 });
    const { image: whole } = await preview(plain, { model, level: 1 });
    expect(rest).toEqual({ level: 1, isCut: true });
    expect(part.data.subarray(0, 3 * part.width)).toEqual(whole.data.subarray(0, 3 * part.width));
    expect([...part.data.subarray(-3)]).toEqual([128, 128, 128]);
  });

  it('tells its progress up to the end', async () => {
    for (const level of [1, 2, 3]) {
      const told: number[] = [];
      await preview(bytes, { model, level, onProgress: (fraction) => told.push(fraction) });
      expect(told.at(-1)).toBe(1);
    }
  });

  it('that is whole and has too few bits is corrupt', async () => {
    const { payload } = decodeFile(bytes);
    const { rest, level, payload: own } = startOfSmallImage(payload, image.width);
    const short = concatenate([...encodeSmallImage({ level, payload: own.subarray(0, -9) }), rest]);
    const file = concatenate([bytes.subarray(0, smallStart), short]);
    expect(await decompress(file, { model })).toEqual(image);
    await expect(preview(file, { model, level: 2 })).rejects.toThrow(
      expect.objectContaining({ name: 'CodecError', code: 'corrupt' }),
    );
  });

  it('is an error where nothing of it is left', async () => {
    const error = expect.objectContaining({ name: 'CodecError', code: 'truncated' });
    for (const length of [1, 4, 5, 6, 7]) {
      await expect(preview(bytes.subarray(0, smallStart + length), { model, level: 2 })).rejects.toEqual(error);
    }
  });

  it('is what fills a gray image', async () => {
    const gray = await fixtureImage('smooth-gray8-131x20');
    const file = await compress(gray, { model, method: 'diffusion', preview: 3, bands: 2 });
    expect(await decompress(file, { model })).toEqual(gray);
    const { image: whole } = await preview(file, { model, level: 3 });
    const { image: part } = await preview(file.subarray(0, -40), { model, level: 1 });
    expect(part.data.at(-1)).toBe(whole.data.at(-1));
  });
});
