import fc from 'fast-check';
import { deflateSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { decodeAlpha, encodeAlpha } from '../../src/codec/alpha.ts';
import { randomInteger, seededRandom } from '../helpers/random.ts';

const HEIGHT = 13;
const WIDTH = 21;
const SIZE = HEIGHT * WIDTH;

function plane(value: (row: number, column: number) => number): Uint8Array {
  return Uint8Array.from({ length: SIZE }, (_, i) => value(Math.floor(i / WIDTH), i % WIDTH));
}

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
];

describe('the alpha coder', () => {
  it.each(PLANES)('codes %s with method %i', (_title, method, alpha, maxBytes) => {
    const bytes = encodeAlpha(alpha, HEIGHT, WIDTH);
    expect(bytes[0]).toBe(method);
    expect(bytes.length).toBeLessThanOrEqual(maxBytes);
    expect(decodeAlpha(bytes, HEIGHT, WIDTH)).toEqual(alpha);
  });

  it('round-trips planes of every size', () => {
    const side = fc.integer({ min: 1, max: 20 });
    fc.assert(
      fc.property(side, side, fc.constantFrom(1, 2, 3, 256), fc.nat(), (height, width, levels, seed) => {
        const next = seededRandom(seed);
        const alpha = Uint8Array.from({ length: height * width }, () => randomInteger(next, levels));
        expect(decodeAlpha(encodeAlpha(alpha, height, width), height, width)).toEqual(alpha);
      }),
    );
  });

  it('refuses a plane of another size', () => {
    expect(() => encodeAlpha(new Uint8Array(5), 2, 3)).toThrow(RangeError);
    expect(() => encodeAlpha(new Uint8Array(0), 0, 0)).toThrow(RangeError);
  });
});

const deflated = (size: number, value = 0): Uint8Array => deflateSync(new Uint8Array(size).fill(value));

describe('decodeAlpha refuses', () => {
  it.each([
    ['no bytes', 'truncated', []],
    ['method 4', 'corrupt', [4, 0]],
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
  ])('%s', (_title, code, bytes) => {
    const decode = () => decodeAlpha(Uint8Array.from(bytes), HEIGHT, WIDTH);
    expect(decode).toThrow(expect.objectContaining({ name: 'CodecError', code }));
  });

  it('every cut of a section', () => {
    for (const [, , alpha] of PLANES) {
      const bytes = encodeAlpha(alpha, HEIGHT, WIDTH);
      for (let length = 0; length < bytes.length; length++) {
        const decode = () => decodeAlpha(bytes.subarray(0, length), HEIGHT, WIDTH);
        expect(decode).toThrow(expect.objectContaining({ name: 'CodecError' }));
      }
    }
  });

  it('a large plane in few bytes, without allocating it', () => {
    const decode = () => decodeAlpha(Uint8Array.from([1, ...deflated(100)]), 65_535, 2_048);
    expect(decode).toThrow(expect.objectContaining({ code: 'truncated' }));
  });

  it('nothing but with a CodecError, whatever bits are flipped', () => {
    for (const [, , alpha] of PLANES) {
      const bytes = encodeAlpha(alpha, HEIGHT, WIDTH);
      for (let bit = 0; bit < bytes.length * 8; bit += 3) {
        const flipped = bytes.slice();
        flipped[bit >> 3]! ^= 1 << (bit & 7);
        try {
          expect(decodeAlpha(flipped, HEIGHT, WIDTH)).toHaveLength(SIZE);
        } catch (error) {
          expect(error).toMatchObject({ name: 'CodecError' });
        }
      }
    }
  });
});
