/** Damaged files that know their PNG: a CodecError with its code, or the right file, never another one. */
import { deflateSync, inflateSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { compressPng } from '../../src/compress-png.ts';
import { encodeHeader, encodeHeaderStart, type Header, imageChecksum } from '../../src/container/header.ts';
import { encodeOriginal, type Original, originalChecksum } from '../../src/container/original.ts';
import { PNG_STEPS } from '../../src/container/payload-kind.ts';
import { encodeVarint } from '../../src/container/varint.ts';
import { readHeader } from '../../src/decompress.ts';
import { decompressPng } from '../../src/decompress-png.ts';
import { CodecError } from '../../src/errors.ts';
import { sampleBytes } from '../../src/image/image.ts';
import { encodePng, readPng } from '../../src/image/png.ts';
import { findRecipe } from '../../src/image/png-original.ts';
import { MAX_RECIPE_CHUNKS, type PngRecipe, packRecipe, serializeRecipe } from '../../src/image/png-recipe.ts';
import { RECIPE_DICTIONARY } from '../../src/image/recipe-dictionary.ts';
import { BEST_SETTINGS } from '../../src/image/zlib-settings.ts';
import { tinyModel } from '../helpers/fixtures.ts';
import { makeImage } from '../helpers/images.ts';
import { randomInteger, seededRandom } from '../helpers/random.ts';
import { chunk, joinPng, writePng } from '../image/png-writer.ts';

const OPTIONS = { model: tinyModel, numSteps: 2 } as const;

/** The restored file, or the code of the error. Any other error fails the test. */
async function outcomeOf(file: Uint8Array): Promise<Uint8Array | string> {
  try {
    return await decompressPng(file, OPTIONS);
  } catch (error) {
    if (!(error instanceof CodecError)) throw error;
    return error.code;
  }
}

const NOTE = chunk('tEXt', [...Buffer.from('Comment\0hello')]);
const withNote = (png: Uint8Array): Uint8Array => joinPng([png.subarray(8, 33), NOTE, png.subarray(33)]);

const GRAY = encodePng(makeImage('gradient', { height: 3, width: 4, channels: 1 }));
const PALETTE = writePng({
  height: 3,
  width: 3,
  depth: 2,
  colourType: 3,
  palette: [1, 2, 3, 40, 50, 60, 7, 8, 9],
  transparency: [9],
  samples: [0, 1, 2, 2, 1, 0, 0, 0, 1],
});
const random = seededRandom(4);
/** Noise in a palette of which little is used, so that its payload has the palette. */
const SHARED = writePng({
  height: 12,
  width: 12,
  depth: 8,
  colourType: 3,
  palette: Array.from({ length: 240 }, () => randomInteger(random, 256)),
  transparency: [9],
  samples: Array.from({ length: 144 }, () => 20 + randomInteger(random, 9)),
});
const DEEP = writePng({
  height: 2,
  width: 2,
  depth: 16,
  colourType: 2,
  samples: Array.from({ length: 12 }, (_, i) => i),
});

const FILES = [
  ['gray with a note', withNote(GRAY), 'diffusion'],
  ['palette', PALETTE, 'diffusion'],
  ['16 bits', DEEP, 'best'],
  ['palette of the payload', SHARED, 'best'],
] as const;

describe.each(FILES)('the file of a PNG: %s', (_title, png, method) => {
  it('has what restores it', async () => {
    const file = await compressPng(png, { ...OPTIONS, method });
    const { numSteps, originalLength } = readHeader(file);
    expect(originalLength).toBeGreaterThan(0);
    if (png === SHARED) expect(numSteps).toBe(PNG_STEPS);
  });

  it('fails at whatever length it is cut off', async () => {
    const file = await compressPng(png, { ...OPTIONS, method });
    for (let length = 0; length < file.length; length++) {
      expect(await outcomeOf(file.subarray(0, length)), `${length} bytes`).toBeTypeOf('string');
    }
  });

  it('fails when a bit is flipped, or gives the right file where nothing depends on the bit', async () => {
    const file = await compressPng(png, { ...OPTIONS, method });
    const restored = await decompressPng(file, OPTIONS);
    // Some bit of nearly each byte; other tests flip all bits of a header and of a stack.
    for (let bit = 0; bit < 8 * file.length; bit += 11) {
      const damaged = file.slice();
      damaged[bit >> 3]! ^= 1 << (bit & 7);
      const outcome = await outcomeOf(damaged);
      if (typeof outcome === 'object') expect(Buffer.compare(outcome, restored), `bit ${bit}`).toBe(0);
    }
  });
});

describe('an original section', () => {
  const open = readPng(PALETTE);
  const { image } = open;
  const recipe = findRecipe(PALETTE, open);
  const sound = packRecipe(recipe, image);
  const checksum = originalChecksum(PALETTE, true);

  const compressed = compressPng(PALETTE, { ...OPTIONS, method: 'diffusion' });

  /** A file of the palette image, with this section. */
  async function withSection(section: Uint8Array): Promise<Uint8Array> {
    const file = await compressed;
    const old = readHeader(file);
    const header: Header = { ...old, originalLength: section.length };
    const changed = { ...header, checksum: imageChecksum(encodeHeaderStart(header), sampleBytes(image)) };
    const start = encodeHeader(old).length;
    const alpha = file.subarray(start, start + old.alphaLength);
    const stack = file.subarray(start + old.alphaLength + old.originalLength);
    return Uint8Array.of(...encodeHeader(changed), ...alpha, ...section, ...stack);
  }

  const sectionOf = (packed: Original['recipe']) => encodeOriginal({ isExact: true, checksum, recipe: packed });
  const changed = (fields: Partial<PngRecipe>) => sectionOf(packRecipe({ ...recipe, ...fields }, image));
  const { header, chunks } = recipe;
  const zlib = { ...BEST_SETTINGS, ...recipe.zlib };
  const stored = { start: zlib.start, level: 0 } as const;
  const dictionary = RECIPE_DICTIONARY;
  const inflated = inflateSync(sound.packed, { dictionary });
  /** Colours 0, 1 and 2 in their order. */
  const IN_ORDER = [0];
  const packedOf = (bytes: Uint8Array, order = IN_ORDER): Original['recipe'] => ({
    length: bytes.length,
    packed: Uint8Array.of(...deflateSync(bytes, { dictionary }), ...order),
  });
  /** With other contents of PLTE and tRNS than [0], the colours of the image, and [2], which ends 2 entries before it. */
  const withPalette = (palette: number[], transparency = [2], order = IN_ORDER, chunks = recipe.chunks) => {
    const held = { PLTE: Uint8Array.from(palette), tRNS: Uint8Array.from(transparency) };
    return sectionOf(packedOf(serializeRecipe({ ...recipe, chunks }, held), order));
  };
  /** 257, for entries one after the other. */
  const BY_NUMBER = [0x81, 2];
  const ofType = (...types: string[]) => types.map((type) => chunks.find((chunk) => chunk.type === type)!);

  /** A recipe that states so many chunks: empty ones deflate to next to nothing. */
  function recipeOfChunks(count: number): Original['recipe'] {
    const start = inflated.subarray(0, 7);
    return packedOf(Uint8Array.of(...start, ...encodeVarint(count), ...new Uint8Array(5 * 100)));
  }

  it('that is sound is followed', async () => {
    expect(await outcomeOf(await withSection(sectionOf(sound)))).toEqual(PALETTE);
    expect(await outcomeOf(await withSection(withPalette([0])))).toEqual(PALETTE);
    expect(await outcomeOf(await withSection(withPalette([3, 3])))).toEqual(PALETTE);
    expect(await outcomeOf(await withSection(withPalette([...BY_NUMBER, 0, 0, 0, 0], [2], [])))).toEqual(PALETTE);
  });

  it.each([
    ['of 4 bytes', 'truncated', Uint8Array.of(0, 1, 2, 3)],
    ['that ends within its length', 'truncated', Uint8Array.of(0x80)],
    ['without a recipe', 'truncated', sectionOf({ ...sound, packed: new Uint8Array(0) })],
    ['of another checksum', 'corrupt', encodeOriginal({ isExact: true, checksum: checksum ^ 1, recipe: sound })],
    ['that promises something else', 'corrupt', encodeOriginal({ isExact: false, checksum, recipe: sound })],
    ['that states 4 GB', 'too-large', sectionOf({ ...sound, length: 0x7fff_ffff })],
    ['that is small and makes gigabytes of chunks', 'too-large', sectionOf(recipeOfChunks(MAX_RECIPE_CHUNKS + 1))],
    ['that states 256 MB', 'truncated', sectionOf({ ...sound, length: 0x1000_0000 })],
    ['of an empty recipe', 'truncated', sectionOf(packedOf(new Uint8Array(0)))],
    ['of a recipe that is cut off', 'truncated', sectionOf(packedOf(inflated.subarray(0, -1)))],
    ['of filters of too many lines', 'corrupt', changed({ filters: Uint8Array.of(0, 0, 0, 1) })],
    ['of 16 bits', 'corrupt', changed({ header: { ...header, depth: 16, colourType: 0 } })],
    ['of a colour type that PNG has not', 'corrupt', changed({ header: { ...header, colourType: 5 } })],
    ['of another number of channels', 'corrupt', changed({ header: { ...header, depth: 8, colourType: 2 } })],
    ['of a smaller palette', 'corrupt', changed({ header: { ...header, depth: 1 } })],
    ['without a palette', 'corrupt', withPalette([0], [0], IN_ORDER, ofType('IDAT'))],
    ['of a palette after its alpha', 'corrupt', withPalette([0], [0], IN_ORDER, ofType('tRNS', 'PLTE', 'IDAT'))],
    ['of two palettes', 'corrupt', withPalette([0], [2], IN_ORDER, ofType('PLTE', 'PLTE', 'IDAT'))],
    ['of two alphas', 'corrupt', withPalette([0], [2], IN_ORDER, ofType('PLTE', 'tRNS', 'tRNS', 'IDAT'))],
    ['of an order that there is not', 'corrupt', withPalette([0], [2], [6])],
    ['of another order', 'corrupt', withPalette([0], [2], [5])],
    ['of fewer colours', 'corrupt', withPalette([2, 2], [1])],
    ['of more colours', 'corrupt', withPalette([4, 4], [3])],
    ['of 257 colours', 'corrupt', withPalette([...BY_NUMBER, 0x81, 2, 0, 0x81, 2])],
    ['of an ordering that there is not', 'corrupt', withPalette([0x85, 2, 0, 0, 0, 0], [2], [])],
    ['of the palette of a payload that is no PNG', 'corrupt', withPalette([0x84, 2], [], [])],
    ['of another entry', 'corrupt', withPalette([...BY_NUMBER, 0, 0, 1, 0], [2], [])],
    ['of an entry that is no colour left', 'corrupt', withPalette([...BY_NUMBER, 0, 0, 0, 1], [2], [])],
    ['of entries that are cut off', 'corrupt', withPalette([...BY_NUMBER, 0, 0, 0], [2], [])],
    ['of some of the colours', 'corrupt', withPalette([...BY_NUMBER, 3, 2, 1, 0, 0, 7, 8, 9], [2], [])],
    ['of runs beyond the palette', 'corrupt', withPalette([3, 4])],
    ['of runs without entries', 'corrupt', withPalette([3, 1, 0, 2])],
    ['of alpha beyond the palette', 'corrupt', withPalette([0], [4])],
    ['of level 10', 'corrupt', changed({ zlib: { ...zlib, level: 10 } })],
    ['of stored blocks in place of deflated ones', 'corrupt', changed({ zlib: { ...stored, runs: [] } })],
    [
      'of stored blocks beyond the data',
      'corrupt',
      changed({ zlib: { ...stored, runs: [{ length: 1024, count: 1 }] } }),
    ],
    ['of endless stored blocks', 'corrupt', changed({ zlib: { ...stored, runs: [{ length: 0, count: 1 << 30 }] } })],
    ['of 17 runs', 'corrupt', changed({ zlib: { ...stored, runs: new Array(17).fill({ length: 1024, count: 0 }) } })],
    ['of a window of 8 bits', 'corrupt', changed({ zlib: { ...zlib, windowBits: 8 } })],
    ['of filter 8', 'corrupt', changed({ filters: recipe.filters.slice().fill(8, 0, 1) })],
    ['without IDAT', 'corrupt', changed({ chunks: chunks.filter(({ type }) => type !== 'IDAT') })],
    ['with too much IDAT', 'corrupt', changed({ chunks: [...chunks, { ...chunks.at(-1)!, length: 0xffff_ffff }] })],
  ])('%s is refused: %s', async (_title, code, section) => {
    const file = await withSection(section);
    const before = process.memoryUsage().arrayBuffers;
    expect(await outcomeOf(file)).toBe(code);
    // What the network takes, but not what the section states.
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(200_000_000);
  });
});
