import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeVarint, encodeVarint } from '../../src/container/varint.ts';

const MAX = 0xffff_ffff;

describe('varint', () => {
  it.each([
    [0, [0]],
    [127, [127]],
    [128, [0x80, 1]],
    [300, [0xac, 2]],
    [16_383, [0xff, 0x7f]],
    [16_384, [0x80, 0x80, 1]],
    [MAX, [0xff, 0xff, 0xff, 0xff, 0x0f]],
  ])('encodes %i', (value, bytes) => {
    expect([...encodeVarint(value)]).toEqual(bytes);
    expect(decodeVarint(Uint8Array.from(bytes), 0)).toEqual({ value, end: bytes.length });
  });

  it('round-trips every value at any offset', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: MAX }), fc.uint8Array({ maxLength: 5 }), (value, before) => {
        const bytes = Uint8Array.from([...before, ...encodeVarint(value), 0x55]);
        expect(decodeVarint(bytes, before.length)).toEqual({ value, end: bytes.length - 1 });
      }),
    );
  });

  it('gives the same bytes again for everything it accepts', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 6 }), (bytes) => {
        try {
          const { value, end } = decodeVarint(bytes, 0);
          expect(encodeVarint(value)).toEqual(bytes.slice(0, end));
        } catch (error) {
          expect(error).toMatchObject({ name: 'CodecError' });
        }
      }),
    );
  });

  it.each([
    ['no bytes', [], 'truncated'],
    ['an end within the number', [0x80], 'truncated'],
    ['a needless zero byte', [0x80, 0], 'corrupt'],
    ['2^32', [0x80, 0x80, 0x80, 0x80, 0x10], 'corrupt'],
    ['a sixth byte', [0x80, 0x80, 0x80, 0x80, 0x80, 1], 'corrupt'],
  ])('refuses %s', (_title, bytes, code) => {
    expect(() => decodeVarint(Uint8Array.from(bytes), 0)).toThrow(expect.objectContaining({ code }));
  });

  it.each([-1, 0.5, MAX + 1, Number.NaN])('cannot encode %d', (value) => {
    expect(() => encodeVarint(value)).toThrow(RangeError);
  });
});
