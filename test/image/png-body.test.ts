import { describe, expect, it } from 'vitest';
import { decodePng } from '../../src/image/png.ts';
import { decodeKind, decodePngBody, encodeKind, encodePngBody } from '../../src/image/png-body.ts';
import { fixtureNames, readFixture } from '../helpers/fixtures.ts';

it.each(fixtureNames('images'))('%s comes back from its body, which has 44 bytes less', (name) => {
  const png = readFixture(`images/${name}`);
  const body = encodePngBody(png);
  expect(body.length).toBe(png.length - 44);
  expect(decodePngBody(body, decodePng(png))).toEqual(png);
});

describe('the kind of samples', () => {
  const size = { height: 3, width: 5 };

  it.each([
    [{ depth: 1, colourType: 0, interlaced: false }, 0x00],
    [{ depth: 2, colourType: 3, interlaced: true }, 0x1b],
    [{ depth: 4, colourType: 3, interlaced: false }, 0x23],
    [{ depth: 8, colourType: 6, interlaced: true }, 0x3e],
    [{ depth: 16, colourType: 2, interlaced: false }, 0x42],
  ])('%j is %i', (kind, byte) => {
    expect(encodeKind({ ...size, ...kind })).toBe(byte);
    expect(decodeKind(byte, size)).toEqual({ ...size, ...kind });
  });

  it.each([0x01, 0x05, 0x07, 0x02, 0x40 + 3, 0x50, 0x80, 0xff])('is not %i', (byte) => {
    expect(() => decodeKind(byte, size)).toThrow(expect.objectContaining({ code: 'corrupt' }));
  });
});
