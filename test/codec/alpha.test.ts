import fc from 'fast-check';
import { deflateSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { decodeAlpha, encodeAlpha, formOfSection, sectionOfForm } from '../../src/codec/alpha.ts';
import { randomInteger, seededRandom } from '../helpers/random.ts';

const HEIGHT = 13;
const WIDTH = 21;
const SIZE = HEIGHT * WIDTH;

function plane(value: (row: number, column: number) => number): Uint8Array {
  return Uint8Array.from({ length: SIZE }, (_, i) => value(Math.floor(i / WIDTH), i % WIDTH));
}

/** Encodes a plane of the test's size. */
const encode = (data: Uint8Array) => encodeAlpha({ height: HEIGHT, width: WIDTH, data });

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
  ['noise of three values', 4, plane(() => [0, 128, 255][randomInteger(random, 3)]!), 90],
];

describe('the alpha coder', () => {
  it.each(PLANES)('codes %s with method %i', async (_title, method, alpha, maxBytes) => {
    const bytes = await encode(alpha);
    expect(bytes[0]).toBe(method);
    expect(bytes.length).toBeLessThanOrEqual(maxBytes);
    expect(await decodeAlpha(bytes, HEIGHT, WIDTH)).toEqual(alpha);
  });

  it('round-trips planes of every size', async () => {
    const side = fc.integer({ min: 1, max: 20 });
    await fc.assert(
      fc.asyncProperty(side, side, fc.constantFrom(1, 2, 3, 256), fc.nat(), async (height, width, levels, seed) => {
        const next = seededRandom(seed);
        const data = Uint8Array.from({ length: height * width }, () => randomInteger(next, levels));
        const section = await encodeAlpha({ height, width, data });
        expect(await decodeAlpha(section, height, width)).toEqual(data);
      }),
    );
  });

  it('refuses a plane of another size', async () => {
    await expect(encodeAlpha({ height: 2, width: 3, data: new Uint8Array(5) })).rejects.toThrow(RangeError);
    await expect(encodeAlpha({ height: 0, width: 0, data: new Uint8Array(0) })).rejects.toThrow(RangeError);
  });

  it('says in two bytes that alpha is in the payload', () => {
    const section = sectionOfForm({ alphaShift: 7 })!;
    expect(section).toEqual(Uint8Array.of(5, 7));
    expect(formOfSection(section)).toEqual({ alphaShift: 7 });
    expect(() => formOfSection(Uint8Array.of(5))).toThrow(expect.objectContaining({ code: 'corrupt' }));
    expect(() => formOfSection(Uint8Array.of(5, 0, 0))).toThrow(expect.objectContaining({ code: 'corrupt' }));
  });
});

const deflated = (size: number, value = 0): Uint8Array => deflateSync(new Uint8Array(size).fill(value));

describe('decodeAlpha refuses', () => {
  it.each([
    ['no bytes', 'truncated', []],
    ['method 5, without a WebP payload', 'corrupt', [5, 0]],
    ['method 6', 'corrupt', [6, 0]],
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
    const decoding = decodeAlpha(Uint8Array.from(bytes), HEIGHT, WIDTH);
    await expect(decoding).rejects.toMatchObject({ name: 'CodecError', code });
  });

  it('every cut of a deflated section', async () => {
    for (const [, method, alpha] of PLANES) {
      if (method === 4) continue;
      const bytes = await encode(alpha);
      for (let length = 0; length < bytes.length; length++) {
        const decoding = decodeAlpha(bytes.subarray(0, length), HEIGHT, WIDTH);
        await expect(decoding).rejects.toMatchObject({ name: 'CodecError' });
      }
    }
  });

  it('a large plane in few bytes, without allocating it', async () => {
    const decoding = decodeAlpha(Uint8Array.from([1, ...deflated(100)]), 65_535, 2_048);
    await expect(decoding).rejects.toMatchObject({ code: 'truncated' });
  });

  it('nothing but with a CodecError, whatever bits are flipped', async () => {
    for (const [, , alpha] of PLANES) {
      const bytes = await encode(alpha);
      for (let bit = 0; bit < bytes.length * 8; bit += 3) {
        const flipped = bytes.slice();
        flipped[bit >> 3]! ^= 1 << (bit & 7);
        try {
          expect(await decodeAlpha(flipped, HEIGHT, WIDTH)).toHaveLength(SIZE);
        } catch (error) {
          expect(error).toMatchObject({ name: 'CodecError' });
        }
      }
    }
  });
});
