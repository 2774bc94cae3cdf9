/** PNG files of several encoders and of every kind, compressed and restored as files. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encode as encodeWithFastPng } from 'fast-png';
import { Deflate, type DeflateOptions } from 'pako';
import sharp, { type PngOptions } from 'sharp';
import { describe, expect, it } from 'vitest';
import { compress } from '../src/compress.ts';
import { compressPng } from '../src/compress-png.ts';
import { readRestored } from '../src/container/original.ts';
import { ORIGINAL_STEPS, PNG_STEPS } from '../src/container/payload-kind.ts';
import { decompress, readHeader } from '../src/decompress.ts';
import { decompressPng } from '../src/decompress-png.ts';
import { type Image, isSameImage } from '../src/image/image.ts';
import { decodePng, encodePng, readPng } from '../src/image/png.ts';
import { findRecipe, followRecipe } from '../src/image/png-original.ts';
import { MAX_RECIPE_CHUNKS, packRecipe } from '../src/image/png-recipe.ts';
import { makeDeepImage } from './helpers/deep-images.ts';
import { fixtureImage, fixtureNames, fixturePath, readFixture, tinyModel } from './helpers/fixtures.ts';
import { makeImage } from './helpers/images.ts';
import { randomInteger, seededRandom } from './helpers/random.ts';
import { chunk, headerChunk, joinPng, type PngSpec, writePng } from './image/png-writer.ts';

const OPTIONS = { model: tinyModel, numSteps: 2 } as const;

const isSame = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;

/** Types of all chunks, IDAT once. */
function chunkTypes(png: Uint8Array): string[] {
  const view = new DataView(png.buffer, png.byteOffset);
  const types: string[] = [];
  for (let at = 8; at < png.length && types.at(-1) !== 'IEND'; at += 12 + view.getUint32(at)) {
    const type = String.fromCharCode(...png.subarray(at + 4, at + 8));
    if (type !== 'IDAT' || types.at(-1) !== 'IDAT') types.push(type);
  }
  return types;
}

/** Restores by recipe alone, without the network, and tells whether it is the same file. */
function restoresByRecipe(png: Uint8Array): boolean {
  const image = decodePng(png);
  const restored = followRecipe(findRecipe(png, readPng(png)), image);
  expect(isSameImage(decodePng(restored), image)).toBe(true);
  expect(isSame(restored.subarray(0, 33), png.subarray(0, 33))).toBe(true); // IHDR
  expect(chunkTypes(restored)).toEqual(chunkTypes(png));
  return isSame(restored, png);
}

/** Compresses and restores a whole file; checks what is promised. Returns the compressed file. */
async function checkFile(png: Uint8Array, method?: 'diffusion'): Promise<Uint8Array> {
  const file = await compressPng(png, { ...OPTIONS, method });
  const restored = await decompressPng(file, OPTIONS);
  if (method === undefined) expect(file.length).toBeLessThanOrEqual(png.length + 16);
  expect(isSame(restored, png)).toBe(readRestored(file) === 'byte for byte');
  expect(readRestored(file)).not.toBe('pixels');
  return file;
}

const FIXTURES = fixtureNames('images');

it.each(FIXTURES)('the fixture %s keeps its pixels and chunks', (name) => {
  restoresByRecipe(readFixture(`images/${name}`));
});

it.each([
  'cells-palette-alpha8-16x16.png',
  'gradient-gray8-1x9.png',
  'gradient-interlaced-rgb8-33x21.png',
  'noise-rgba8-1x1.png',
  'smooth-rgb8-32x32.png',
])('the fixture %s comes back, by diffusion or as it is', async (name) => {
  const png = readFixture(`images/${name}`);
  await checkFile(png);
  const file = await checkFile(png, 'diffusion');
  expect(await decompress(file, OPTIONS)).toEqual(decodePng(png));
});

const RAW = { width: 97, height: 71, channels: 3 } as const;
const photo = await fixtureImage('smooth-rgb8-97x71');
const palette = Array.from({ length: 48 }, (_, i) => (i * 53 + 7) & 255);

function samplesOf(spec: Omit<PngSpec, 'samples'>, perPixel: number): number[] {
  const random = seededRandom(spec.height * 100 + spec.width);
  return Array.from({ length: spec.height * spec.width * perPixel }, () => randomInteger(random, 1 << spec.depth));
}

/** The photo without filters, deflated by zlib. */
function pngBy(options: DeflateOptions, pieceBytes = Number.POSITIVE_INFINITY): Uint8Array {
  const deflater = new Deflate(options);
  deflater.push(SCANLINES, true);
  const stream = deflater.result as Uint8Array;
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < stream.length; at += pieceBytes)
    pieces.push(chunk('IDAT', stream.subarray(at, at + pieceBytes)));
  return joinPng([PHOTO_HEADER, ...pieces, chunk('IEND', [])]);
}

const PHOTO_HEADER = headerChunk({ ...RAW, depth: 8, colourType: 2 });
const SCANLINES = Uint8Array.from({ length: 71 * 292 }, (_, i) =>
  i % 292 === 0 ? 0 : photo.data[Math.floor(i / 292) * 291 + (i % 292) - 1]!,
);

describe('files of zlib come back byte for byte:', () => {
  const LEVELS = [1, 2, 3, 4, 5, 6, 7, 8, 9] as const;
  it.each(
    LEVELS.flatMap((level) => [0, 1].flatMap((strategy) => [8, 9].map((memLevel) => [level, strategy, memLevel]))),
  )('level %i, strategy %i, memLevel %i', (level, strategy, memLevel) => {
    expect(restoresByRecipe(pngBy({ level, strategy, memLevel } as DeflateOptions))).toBe(true);
  });

  it.each([
    { level: 6, strategy: 2 },
    { level: 6, strategy: 3 },
    { level: 6, windowBits: 9 },
    { level: 9, windowBits: 12 },
  ])('%j', (options) => {
    expect(restoresByRecipe(pngBy(options as DeflateOptions))).toBe(true);
  });

  it('level 0', () => {
    expect(restoresByRecipe(pngBy({ level: 0 } as DeflateOptions))).toBe(true);
  });

  it.each([7, 100, 4096, 8192, 32_768])('IDAT chunks of %i bytes', (pieceBytes) => {
    expect(restoresByRecipe(pngBy({ level: 6 }, pieceBytes))).toBe(true);
  });
});

const KINDS: [string, Omit<PngSpec, 'height' | 'width' | 'samples'>, number][] = [
  ['1-bit gray', { depth: 1, colourType: 0 }, 1],
  ['2-bit gray', { depth: 2, colourType: 0 }, 1],
  ['4-bit gray', { depth: 4, colourType: 0 }, 1],
  ['8-bit gray', { depth: 8, colourType: 0 }, 1],
  ['gray + alpha', { depth: 8, colourType: 4 }, 2],
  ['RGB in 5 pieces', { depth: 8, colourType: 2, pieces: 5 }, 3],
  ['RGBA', { depth: 8, colourType: 6 }, 4],
  ['1-bit palette', { depth: 1, colourType: 3, palette: palette.slice(0, 6) }, 1],
  ['2-bit palette', { depth: 2, colourType: 3, palette: palette.slice(0, 12) }, 1],
  ['4-bit palette', { depth: 4, colourType: 3, palette }, 1],
  ['palette with alpha', { depth: 4, colourType: 3, palette, transparency: [0, 128, 255, 7] }, 1],
  ['gray with a key', { depth: 4, colourType: 0, transparency: [0, 5] }, 1],
  ['RGB with a key', { depth: 8, colourType: 2, transparency: [0, 1, 0, 2, 0, 3] }, 3],
  ['16-bit gray', { depth: 16, colourType: 0 }, 1],
  ['16-bit gray + alpha', { depth: 16, colourType: 4 }, 2],
  ['16-bit RGB in 3 pieces', { depth: 16, colourType: 2, pieces: 3 }, 3],
  ['16-bit RGBA', { depth: 16, colourType: 6 }, 4],
  ['16-bit gray with a key', { depth: 16, colourType: 0, transparency: [1, 5] }, 1],
  ['16-bit RGB with a key', { depth: 16, colourType: 2, transparency: [1, 1, 2, 2, 3, 3] }, 3],
];

describe.each(KINDS)('%s', (_title, kind, perPixel) => {
  it.each([
    [1, 1, false],
    [5, 3, true],
    [16, 19, false],
    [33, 18, true],
  ])('of %i x %i pixels, interlaced: %j, comes back byte for byte', (height, width, interlaced) => {
    const spec = { ...kind, height, width, interlaced };
    const png = writePng({ ...spec, samples: samplesOf(spec, perPixel) });
    expect(restoresByRecipe(png)).toBe(true);
  });
});

it.each(KINDS)('%s of 5 x 3 pixels comes back from a whole file', async (_title, kind, perPixel) => {
  const spec = { ...kind, height: 5, width: 3 };
  const png = writePng({ ...spec, samples: samplesOf(spec, perPixel) });
  expect(readRestored(await checkFile(png, 'diffusion'))).toBe('byte for byte');
});

describe('chunks', () => {
  const before = [
    chunk('gAMA', [0, 0, 177, 143]),
    chunk('iCCP', [...Buffer.from('profile\0\0'), 120, 156, 3, 0, 0, 0, 0, 1]),
    chunk('eXIf', [...Buffer.from('MM\0*')]),
    chunk('vpAg', [0, 0, 0, 1]),
  ];
  const after = [
    chunk('tEXt', [...Buffer.from('Comment\0hello')]),
    chunk('tIME', [7, 230, 1, 2, 3, 4, 5]),
    chunk('zzZz', []),
  ];
  const noise = readFixture('images/smooth-rgb8-32x32.png');
  const { data, height, width } = decodePng(noise);
  const sound = writePng({ height, width, depth: 8, colourType: 2, samples: data });
  const exact = joinPng([sound.subarray(8, 33), ...before, sound.subarray(33, -12), ...after, chunk('IEND', [])]);
  const other = encodeWithFastPng({ width, height, channels: 3, depth: 8, data: Uint8Array.from(data) });
  const foreign = joinPng([other.subarray(8, 33), ...before, other.subarray(33, -12), ...after, chunk('IEND', [])]);

  it('before and after the pixels come back byte for byte', async () => {
    expect(readRestored(await checkFile(exact, 'diffusion'))).toBe('byte for byte');
  });

  it('come back in their order where the file does not, and so do bytes after the end', async () => {
    const file = await checkFile(Uint8Array.of(...foreign, 1, 2, 3), 'diffusion');
    expect(readRestored(file)).toBe('pixels and chunks');
    const restored = await decompressPng(file, OPTIONS);
    expect(chunkTypes(restored)).toEqual(chunkTypes(foreign));
    expect([...restored.subarray(-3)]).toEqual([1, 2, 3]);
    expect(decodePng(restored)).toEqual(decodePng(noise));
    for (const kept of [...before, ...after]) expect(Buffer.from(restored).includes(Buffer.from(kept))).toBe(true);
  });

  it('of an image with a palette of equal entries keep the palette', async () => {
    const spec = { height: 4, width: 4, depth: 2, colourType: 3, samples: [0, 1, 2, 3, ...new Array(12).fill(3)] };
    const png = writePng({ ...spec, palette: [9, 9, 9, 9, 9, 9, 1, 2, 3, 9, 9, 9] });
    const file = await checkFile(png, 'diffusion');
    expect(readRestored(file)).toBe('pixels and chunks');
    expect(decodePng(await decompressPng(file, OPTIONS))).toEqual(decodePng(png));
  });
});

describe('the palette of a payload that is a PNG', () => {
  const random = seededRandom(5);
  const spec = { height: 24, width: 24, depth: 8, colourType: 3 };
  const entries = Array.from({ length: 3 * 200 }, () => randomInteger(random, 256));
  const used = Array.from({ length: 24 * 24 }, () => 60 + randomInteger(random, 7) + randomInteger(random, 7));

  it.each([
    ['a palette of which little is used', { palette: entries, samples: used }],
    ['one with alpha', { palette: entries, transparency: [7], samples: used }],
  ])('is that of the section too: %s', async (_title, kind) => {
    const png = writePng({ ...spec, ...kind });
    const file = await checkFile(png);
    expect(readRestored(file)).toBe('byte for byte');
    const header = readHeader(file);
    expect(header.numSteps).toBe(PNG_STEPS);
    expect(header.originalLength).toBeLessThan(25);
    expect(await decompress(file, OPTIONS)).toEqual(decodePng(png));
  });
});

describe('a PNG that is no image comes back as it is:', () => {
  const SMALL = { height: 2, width: 3, depth: 8, colourType: 0, samples: [1, 2, 3, 4, 5, 6] };
  const animationOf = (png: Uint8Array) =>
    joinPng([png.subarray(8, 33), chunk('acTL', [0, 0, 0, 1, 0, 0, 0, 0]), png.subarray(33)]);
  const animated = animationOf(writePng(SMALL));
  it.each([
    ['an animation', animated, { channels: 1, bitDepth: 8 }],
    [
      'an IEND chunk with content, which was lost',
      joinPng([writePng(SMALL).subarray(8, -12), chunk('IEND', [7])]),
      { channels: 1, bitDepth: 8 },
    ],
    ['an animation of 16 bits', animationOf(writePng({ ...SMALL, depth: 16 })), { channels: 1, bitDepth: 16 }],
    [
      'an RGBA animation of 16 bits',
      animationOf(writePng({ ...SMALL, depth: 16, colourType: 6, samples: new Array(24).fill(999) })),
      { channels: 4, bitDepth: 16 },
    ],
  ])('%s', async (_title, png, kind) => {
    const file = await checkFile(png);
    expect(readRestored(file)).toBe('byte for byte');
    expect(readHeader(file)).toMatchObject({ height: 2, width: 3, ...kind, numSteps: ORIGINAL_STEPS });
    await expect(decompress(file, OPTIONS)).rejects.toMatchObject({ code: 'unsupported-image' });
    await expect(compressPng(png, { ...OPTIONS, method: 'diffusion' })).rejects.toMatchObject({
      code: 'unsupported-image',
    });
  });

  it('one of more chunks than a recipe may have', async () => {
    const gray = writePng(SMALL);
    const empty = chunk('zzZz', []);
    const many = Buffer.alloc((MAX_RECIPE_CHUNKS + 1) * empty.length, empty);
    const png = new Uint8Array(Buffer.concat([gray.subarray(0, 33), many, gray.subarray(33)]));
    const file = await compressPng(png, OPTIONS);
    expect(isSame(await decompressPng(file, OPTIONS), png)).toBe(true);
    expect(await decompress(file, OPTIONS)).toEqual(decodePng(gray));
    await expect(compressPng(png, { ...OPTIONS, method: 'diffusion' })).rejects.toMatchObject({
      code: 'unsupported-image',
      message: expect.stringMatching(/262146 chunks/),
    });
  });

  it('a damaged one is refused', async () => {
    const png = writePng({ ...SMALL, depth: 16 });
    await expect(compressPng(png.subarray(0, -1), OPTIONS)).rejects.toMatchObject({ code: 'truncated' });
    png[50]! ^= 1;
    await expect(compressPng(png, OPTIONS)).rejects.toMatchObject({ code: 'corrupt' });
  });
});

describe('a smooth PNG of 16 bits', () => {
  const deep = makeDeepImage('smooth', { height: 90, width: 120, channels: 3 });
  const pngOf = ({ height, width, channels, data }: typeof deep) =>
    sharp(data, { raw: { height, width, channels } }).toColourspace('rgb16').png({ compressionLevel: 9 }).toBuffer();

  it('becomes less than half as large', async () => {
    const png = new Uint8Array(await pngOf(deep));
    const file = await checkFile(png);
    expect(file.length).toBeLessThan(png.length / 2);
    expect(readHeader(file)).toMatchObject({ bitDepth: 16, channels: 3 });
    expect(await decompress(file, OPTIONS)).toEqual(deep);
  });

  it('keeps its pixels and chunks, also of noise', async () => {
    for (const content of ['smooth', 'noise', 'dark', 'widened'] as const) {
      await checkFile(new Uint8Array(await pngOf(makeDeepImage(content, { height: 21, width: 17, channels: 3 }))));
    }
  });
});

describe('files of', () => {
  const SHARP: PngOptions[] = [
    {},
    { compressionLevel: 9 },
    { compressionLevel: 1 },
    { palette: true },
    { progressive: true },
    { adaptiveFiltering: true },
  ];
  it.each(SHARP)('sharp with %j keep their pixels and chunks', async (options) => {
    restoresByRecipe(await sharp(photo.data, { raw: RAW }).png(options).toBuffer());
  });

  it.each([1, 3] as const)('sharp of level 0 come back, of many blocks too: %i channels', async (channels) => {
    const { data } = makeImage('noise', { height: 260, width: 251, channels });
    const png = sharp(data, { raw: { height: 260, width: 251, channels } }).png({ compressionLevel: 0 });
    const file = await png.toBuffer();
    expect(restoresByRecipe(file)).toBe(true);
    expect(packRecipe(findRecipe(file, readPng(file)), decodePng(file)).packed.length).toBeLessThan(40);
  });

  it('fast-png keep their pixels and chunks', () => {
    restoresByRecipe(encodeWithFastPng({ ...RAW, depth: 8, data: photo.data }));
  });

  it.each(FIXTURES)('our own encoder come back: %s', (name) => {
    expect(restoresByRecipe(encodePng(decodePng(readFixture(`images/${name}`))))).toBe(true);
  });

  it.skipIf(!existsSync('/usr/bin/optipng')).each(['-o1', '-o3', '-i1'])('optipng %s come back', (option) => {
    const folder = mkdtempSync(join(tmpdir(), 'vdmz-test-'));
    const input = fixturePath('images/smooth-rgb8-97x71.png');
    execFileSync('/usr/bin/optipng', ['-quiet', '-force', option, '-out', join(folder, 'a.png'), input]);
    const png = new Uint8Array(readFileSync(join(folder, 'a.png')));
    rmSync(folder, { recursive: true });
    expect(restoresByRecipe(png)).toBe(true);
  });
});

it('keeps the pixels alone where nothing else is asked for, by the order of the palette', async () => {
  const side = 64;
  const colours = Array.from({ length: 48 }, (_, i) => (i * i * 77 + i * 31) % 256);
  const ringOf = (i: number) => Math.hypot((i % side) - side / 2, Math.floor(i / side) - side / 2) | 0;
  const samples = Array.from({ length: side * side }, (_, i) => (ringOf(i) + (i % side)) % 16);
  const png = writePng({ height: side, width: side, depth: 8, colourType: 3, palette: colours, samples });
  const file = await compressPng(png, { ...OPTIONS, pixelsOnly: true });
  expect(readRestored(file)).toBe('pixels');
  expect(await decompress(file, OPTIONS)).toEqual(decodePng(png));
  expect(file.length).toBeLessThan((await compress(decodePng(png), OPTIONS)).length);
});

it('makes a PNG of the pixels of a file that knows no original', async () => {
  const image: Image = decodePng(readFixture('images/smooth-rgb8-32x32.png'));
  const file = await compress(image, OPTIONS);
  expect(readRestored(file)).toBe('pixels');
  expect(decodePng(await decompressPng(file, OPTIONS))).toEqual(image);
});
