import fc from 'fast-check';
import { deflateSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { decodeAlpha, encodeAlpha, formOfSection, partMerged, sectionOfForm } from '../../src/codec/alpha.ts';
import { readAlpha } from '../../src/codec/planes.ts';
import type { Image8 } from '../../src/image/image.ts';
import { makeImage } from '../helpers/images.ts';
import { randomInteger, seededRandom } from '../helpers/random.ts';

const HEIGHT = 13;
const WIDTH = 21;
const SIZE = HEIGHT * WIDTH;

function plane(value: (row: number, column: number) => number): Uint8Array {
  return Uint8Array.from({ length: SIZE }, (_, i) => value(Math.floor(i / WIDTH), i % WIDTH));
}

/** An image of the test's size, all black. */
const blackWith = (alpha: Uint8Array, height = HEIGHT, width = WIDTH): Image8 => ({
  height,
  width,
  channels: 2,
  bitDepth: 8,
  data: Uint8Array.from({ length: 2 * alpha.length }, (_, i) => (i % 2 === 0 ? 0 : alpha[i >> 1]!)),
});

const BLACK = blackWith(new Uint8Array(SIZE));
const encode = (alpha: Uint8Array) => encodeAlpha(blackWith(alpha));

const random = seededRandom(5);
const LETTERS = [0, 3, 77, 200, 201];

/** [title, method expected, plane, most bytes] */
const PLANES: [string, number, Uint8Array, number][] = [
  ['opaque', 0, plane(() => 255), 2],
  ['empty', 0, plane(() => 0), 2],
  ['a mask', 3, plane((row, column) => (row > 4 && column < 9 ? 255 : 0)), 25],
  ['a noisy mask of other values', 3, plane(() => (randomInteger(random, 2) === 0 ? 17 : 19)), 3 + HEIGHT * 3 + 5],
  ['a gradient', 1, plane((row, column) => row * 9 + column * 6), 60],
  ['repeats of letters', 2, plane((_row, column) => LETTERS[(column * column) % 5]!), 60],
  ['noise', 1, plane(() => randomInteger(random, 256)), SIZE + 6],
  ['noise of three values', 6, plane(() => [0, 128, 255][randomInteger(random, 3)]!), 90],
  ['a soft edge', 4, plane((row, column) => Math.min(255, (row * row + column * column) >> 1)), 90],
];

describe('the alpha coder', () => {
  it.each(PLANES)('codes %s with method %i', async (_title, method, alpha, maxBytes) => {
    const bytes = await encode(alpha);
    expect(bytes[0]).toBe(method);
    expect(bytes.length).toBeLessThanOrEqual(maxBytes);
    expect(await decodeAlpha(bytes, BLACK)).toEqual(alpha);
  });

  it('round-trips planes of every size', async () => {
    const side = fc.integer({ min: 1, max: 20 });
    await fc.assert(
      fc.asyncProperty(side, side, fc.constantFrom(1, 2, 3, 256), fc.nat(), async (height, width, levels, seed) => {
        const next = seededRandom(seed);
        const data = Uint8Array.from({ length: height * width }, () => randomInteger(next, levels));
        const image = blackWith(data, height, width);
        expect(await decodeAlpha(await encodeAlpha(image), image)).toEqual(data);
      }),
    );
  });

  it('models alpha only where there is time for it', async () => {
    const slope = (height: number, width: number) =>
      Uint8Array.from({ length: height * width }, (_, i) => ((i % width) >> 1) + randomInteger(random, 4));
    const methodOf = async (height: number, width: number, isHurried = false) =>
      (await encodeAlpha(blackWith(slope(height, width), height, width), { isHurried }))[0];
    expect(await methodOf(256, 256)).toBe(6);
    expect(await methodOf(257, 256)).not.toBe(6);
    expect(await methodOf(16, 256, true)).not.toBe(6);
  });

  it('refuses an image without alpha', async () => {
    const image = makeImage('flat', { height: 2, width: 3, channels: 3 });
    await expect(encodeAlpha(image)).rejects.toThrow(RangeError);
  });
});

describe('alpha in the payload', () => {
  it('is said in two bytes', () => {
    const section = sectionOfForm({ alphaShift: 7 }, BLACK)!;
    expect(section).toEqual(Uint8Array.of(5, 7));
    expect(formOfSection(section)).toEqual({ alphaShift: 7, isMerged: false });
    expect(() => formOfSection(Uint8Array.of(5))).toThrow(expect.objectContaining({ code: 'truncated' }));
  });

  it.each([7, 255])('may have two values as one, %i and the next, which are parted again', (low) => {
    const high = (low + 1) & 255;
    const image = blackWith(plane(() => [low, high, 9, 254][randomInteger(random, 4)]!));
    const section = sectionOfForm({ alphaShift: low, isMerged: true }, image)!;
    expect(formOfSection(section)).toEqual({ alphaShift: low, isMerged: true });
    const merged = blackWith(readAlpha(image).map((value) => (value === low ? high : value)));
    const restored = { ...merged, data: merged.data.slice() };
    partMerged(restored, section);
    expect(restored).toEqual(image);
    for (let length = 2; length < section.length; length++) {
      const part = () => partMerged(merged, section.subarray(0, length));
      expect(part).toThrow(expect.objectContaining({ name: 'CodecError' }));
    }
    const others = blackWith(plane(() => low));
    expect(() => partMerged(others, section)).toThrow(expect.objectContaining({ code: 'corrupt' }));
  });
});

const deflated = (size: number, value = 0): Uint8Array => deflateSync(new Uint8Array(size).fill(value));

describe('decodeAlpha refuses', () => {
  it.each([
    ['no bytes', 'truncated', []],
    ['method 5, without a WebP payload', 'corrupt', [5, 0]],
    ['a model without a stack', 'truncated', [6]],
    ['a stack that is none', 'corrupt', [6, 1, 2, 3, 4]],
    ['a stack that ends too early', 'truncated', [6, 0x40, 0, 0, 5]],
    ['method 7', 'corrupt', [7, 0]],
    ['a WebP of 3 bytes', 'corrupt', [4, 0x2f, 0, 0]],
    ['a WebP of another size', 'corrupt', [4, 0x2f, WIDTH, 0, 0, 0, 0]],
    ['a constant without its value', 'corrupt', [0]],
    ['a constant of two values', 'corrupt', [0, 1, 2]],
    ['nothing deflated', 'truncated', [1]],
    ['a byte too few', 'truncated', [1, ...deflated(SIZE - 1)]],
    ['a byte too many', 'corrupt', [2, ...deflated(SIZE + 1)]],
    ['a bomb', 'corrupt', [2, ...deflated(1 << 24)]],
    ['stored data beyond the size', 'corrupt', [2, ...deflateSync(new Uint8Array(SIZE * 2), { level: 0 })]],
    ['data that are not deflated', 'corrupt', [1, 7, 7, 7, 7]],
    ['a missing second value', 'truncated', [3, 1]],
    ['missing bits', 'truncated', [3, 1, 2]],
    ['equal values', 'corrupt', [3, 2, 2, ...deflated(HEIGHT * 3)]],
    ['values that fall', 'corrupt', [3, 2, 1, ...deflated(HEIGHT * 3)]],
    ['bits beyond a row', 'corrupt', [3, 1, 2, ...deflated(HEIGHT * 3, 1)]],
  ])('%s', async (_title, code, bytes) => {
    const decoding = decodeAlpha(Uint8Array.from(bytes), BLACK);
    await expect(decoding).rejects.toMatchObject({ name: 'CodecError', code });
  });

  it('every cut of a deflated section', async () => {
    for (const [, method, alpha] of PLANES) {
      if (method === 4) continue;
      const bytes = await encode(alpha);
      for (let length = 0; length < bytes.length; length++) {
        const decoding = decodeAlpha(bytes.subarray(0, length), BLACK);
        await expect(decoding).rejects.toMatchObject({ name: 'CodecError' });
      }
    }
  });

  it('a large plane in few bytes, without allocating it', async () => {
    const huge = { ...BLACK, height: 65_535, width: 2_048 };
    const inflating = decodeAlpha(Uint8Array.from([1, ...deflated(100)]), huge);
    await expect(inflating).rejects.toMatchObject({ code: 'truncated' });
    const popping = decodeAlpha(Uint8Array.of(6, 1, 0, 0, 0), huge);
    await expect(popping).rejects.toMatchObject({ code: 'corrupt' });
  });

  it('nothing but with a CodecError, whatever bits are flipped', async () => {
    for (const [, , alpha] of PLANES) {
      const bytes = await encode(alpha);
      for (let bit = 0; bit < bytes.length * 8; bit += 3) {
        const flipped = bytes.slice();
        flipped[bit >> 3]! ^= 1 << (bit & 7);
        try {
          expect(await decodeAlpha(flipped, BLACK)).toHaveLength(SIZE);
        } catch (error) {
          expect(error).toMatchObject({ name: 'CodecError' });
        }
      }
    }
  });
});
