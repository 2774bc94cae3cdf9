/** PNG files that are valid and rare: each comes back, byte for byte where its encoder is zlib, by each method. */
import { describe, expect, it } from 'vitest';
import type { CompressOptions } from '../src/compress.ts';
import { compressPng } from '../src/compress-png.ts';
import { readRestored } from '../src/container/original.ts';
import { ORIGINAL_STEPS } from '../src/container/payload-kind.ts';
import { readHeader } from '../src/decompress.ts';
import { decompressPng } from '../src/decompress-png.ts';
import { isSameImage } from '../src/image/image.ts';
import { decodePng, encodePng, readPng } from '../src/image/png.ts';
import { readChunks } from '../src/image/png-chunks.ts';
import { findRecipe, followRecipe, isSame } from '../src/image/png-original.ts';
import { tinyModel } from './helpers/fixtures.ts';
import { makeImage } from './helpers/images.ts';
import { randomInteger, seededRandom } from './helpers/random.ts';
import { chunk, joinPng, type PngSpec, writePng } from './image/png-writer.ts';

const OPTIONS = { model: tinyModel, numSteps: 2, threads: 1 } as const;

const text = (type: string, content: string) => chunk(type, Buffer.from(content, 'latin1'));

/** The chunks of a PNG as its writer made them: IHDR, what is before the pixels, the pixels, IEND. */
const piecesOf = (png: Uint8Array) => readChunks(png).chunks.map(({ type, data }) => chunk(type, data));

/** With chunks put in before the pixels and after them. */
function withChunks(png: Uint8Array, before: readonly Uint8Array[], after: readonly Uint8Array[] = []): Uint8Array {
  const [header, ...rest] = piecesOf(png);
  return joinPng([header!, ...before, ...rest.slice(0, -1), ...after, rest.at(-1)!]);
}

const GRADIENT: PngSpec = {
  height: 9,
  width: 11,
  depth: 8,
  colourType: 2,
  samples: Array.from({ length: 297 }, (_, i) => (i * 7) % 256),
};
const RGB = writePng(GRADIENT);
const GRAY = writePng({ ...GRADIENT, colourType: 0, samples: [...Array(99).keys()] });

/** The image data in pieces of these lengths, and the rest. */
function cutImage(png: Uint8Array, lengths: readonly number[]): Uint8Array {
  const { chunks } = readChunks(png);
  const stream = chunks.find(({ type }) => type === 'IDAT')!.data;
  let at = 0;
  const pieces = [...lengths, stream.length].map((length) => {
    at += length;
    return chunk('IDAT', stream.subarray(at - length, at));
  });
  return joinPng([piecesOf(png)[0]!, ...pieces, chunk('IEND', [])]);
}

const random = seededRandom(1);
const NOTES = Array.from({ length: 150 }, (_, i) => text('tEXt', `Key ${i}\0${'x'.repeat(i % 7)}`));
const LONG_TEXT = text('tEXt', `Comment\0${Array.from({ length: 1 << 20 }, () => randomInteger(random, 10)).join('')}`);

const PALETTE = { height: 5, width: 7, colourType: 3 } as const;

const FILES: [string, Uint8Array][] = [
  ['150 notes before and after the pixels', withChunks(RGB, NOTES, NOTES)],
  ['a note of a megabyte', withChunks(RGB, [LONG_TEXT])],
  ['every chunk of the standard', withChunks(RGB, everyChunk(), [chunk('tIME', [7, 234, 1, 2, 3, 4, 5])])],
  ['empty IDAT chunks at both ends and between', cutImage(RGB, [0, 0, 5, 0, 0, 9, 0])],
  ['IDAT chunks of a byte each', cutImage(RGB, new Array(40).fill(1))],
  ['an IDAT chunk that is empty at the end', writePng({ ...GRADIENT, pieces: 1000 })],
  ['a palette of one entry', writePng({ ...PALETTE, depth: 1, palette: [9, 8, 7], samples: new Array(35).fill(0) })],
  [
    'a palette of 256 entries, all of them transparent to some degree',
    writePng({
      ...{ ...PALETTE, depth: 8, height: 16, width: 16, samples: [...Array(256).keys()] },
      palette: Array.from({ length: 768 }, (_, i) => (i * 5 + (i >> 8)) & 255),
      transparency: [...Array(256).keys()],
    }),
  ],
  [
    'a palette with an empty tRNS chunk',
    writePng({ ...PALETTE, depth: 2, palette: [1, 2, 3, 4, 5, 6], transparency: [], samples: new Array(35).fill(1) }),
  ],
  [
    'a gray key that no pixel has',
    writePng({ ...PALETTE, colourType: 0, depth: 2, transparency: [0, 3], samples: new Array(35).fill(2) }),
  ],
  [
    'a gray key with bits beyond the depth',
    writePng({
      ...PALETTE,
      colourType: 0,
      depth: 4,
      transparency: [255, 0xf7],
      samples: [...Array(35).keys()].map((i) => i % 16),
    }),
  ],
  [
    'an RGB key, and a palette to be quantised to',
    writePng({ ...GRADIENT, palette: [1, 2, 3, 4, 5, 6], transparency: [0, 0, 0, 7, 0, 14] }),
  ],
  ['a background in gray', withChunks(GRAY, [chunk('bKGD', [0, 200])])],
  ['a background and a histogram of a palette', withPalette([chunk('bKGD', [1]), chunk('hIST', [0, 30, 0, 5])])],
  ['bytes after the end', Uint8Array.of(...RGB, ...Buffer.from('PK and so on'))],
];

/** Chunks that come before the pixels, with contents that are well-formed. */
function everyChunk(): Uint8Array[] {
  return [
    chunk('cHRM', new Uint8Array(32)),
    chunk('gAMA', [0, 0, 177, 143]),
    chunk('sBIT', [8, 7, 6]),
    chunk('sRGB', [1]),
    chunk('cICP', [1, 13, 0, 1]),
    chunk('bKGD', [0, 1, 0, 2, 0, 3]),
    chunk('pHYs', [0, 0, 11, 19, 0, 0, 11, 19, 1]),
    text('sPLT', 'name\0\x08abcdef'),
    text('iTXt', 'Title\0\0\0en\0\0caf\xc3\xa9'),
    text('zTXt', 'Note\0\0x\x9c\x03\0\0\0\0\x01'),
    text('eXIf', 'MM\0*\0\0\0\x08'),
    text('prVt', 'of somebody'),
  ];
}

function withPalette(chunks: readonly Uint8Array[]): Uint8Array {
  const png = writePng({ ...PALETTE, depth: 1, palette: [1, 2, 3, 4, 5, 6], samples: new Array(35).fill(1) });
  const [header, palette, ...rest] = piecesOf(png);
  return joinPng([header!, palette!, ...chunks, ...rest]);
}

async function checkFile(png: Uint8Array, method: CompressOptions['method']): Promise<void> {
  const file = await compressPng(png, { ...OPTIONS, method });
  expect(isSame(await decompressPng(file, OPTIONS), png)).toBe(true);
  expect(readRestored(file)).toBe('byte for byte');
}

describe.each(['best', 'diffusion'] as const)('by the method %s', (method) => {
  it.each(FILES)('%s', async (_title, png) => {
    await checkFile(png, method);
  });
});

describe('the longest side', () => {
  const image = makeImage('flat', { height: 65_535, width: 1, channels: 1 });

  it('of a column comes back by diffusion', async () => {
    const file = await compressPng(encodePng(image), { ...OPTIONS, method: 'diffusion' });
    expect(isSameImage(decodePng(await decompressPng(file, OPTIONS)), image)).toBe(true);
  });

  it.each([
    [65_535, 1],
    [1, 65_535],
  ])('of %i x %i pixels comes back by its recipe', (height, width) => {
    const turned = { ...image, height, width };
    const png = encodePng(turned);
    const restored = followRecipe(findRecipe(png, readPng(png)), turned);
    expect(isSameImage(decodePng(restored), turned)).toBe(true);
  });
});

it('an animation with its frames is kept', async () => {
  const control = (sequence: number) => chunk('fcTL', [0, 0, 0, sequence, ...new Array(22).fill(1)]);
  const frame = chunk('fdAT', [0, 0, 0, 2, 1, 2, 3]);
  const png = withChunks(RGB, [chunk('acTL', [0, 0, 0, 2, 0, 0, 0, 0]), control(0)], [control(1), frame]);
  await checkFile(png, 'best');
  expect(readHeader(await compressPng(png, OPTIONS))).toMatchObject({
    height: 9,
    width: 11,
    channels: 3,
    numSteps: ORIGINAL_STEPS,
  });
  expect(() => decodePng(png)).toThrow('animated');
});
