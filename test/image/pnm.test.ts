import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CodecError } from '../../src/errors.ts';
import { decodePnm } from '../../src/image/pnm.ts';
import { readImage } from '../../src/image/read-image.ts';

const text = (...parts: (string | readonly number[])[]): Uint8Array =>
  Uint8Array.from(parts.flatMap((part) => (typeof part === 'string' ? [...Buffer.from(part, 'latin1')] : [...part])));

describe('decodePnm', () => {
  it.each([
    ['PBM in text, 1 is black', text('P1\n# a comment\n3 2\n101\n0 1 0\n'), 1, [0, 255, 0, 255, 0, 255]],
    ['PGM in text', text('P2 2 2 # more\n255\n0 1\n2\n255'), 1, [0, 1, 2, 255]],
    ['PPM in text', text('P3\n1 2\n15\n0 1 2 15 14 13\n'), 3, [0, 17, 34, 255, 238, 221]],
    ['PBM', text('P4\n9 2\n', [0b10000000, 0x80, 0x00, 0x7f]), 1, [0, ...Array(7).fill(255), 0, ...Array(9).fill(255)]],
    ['PGM', text('P5\n#c\n2 1\n255\n', [7, 10]), 1, [7, 10]],
    ['PGM whose first sample looks like a space', text('P5 2 1 255\n', [32, 10]), 1, [32, 10]],
    ['PPM', text('P6 1 1 255 ', [1, 2, 3]), 3, [1, 2, 3]],
    [
      'PAM, RGBA',
      text('P7\nWIDTH 1\nHEIGHT 1\nDEPTH 4\nMAXVAL 255\nTUPLTYPE RGB_ALPHA\nENDHDR\n', [1, 2, 3, 4]),
      4,
      [1, 2, 3, 4],
    ],
    ['PAM, where 1 is white', text('P7\nWIDTH 2\n# c\nHEIGHT 1\nDEPTH 1\nMAXVAL 1\nENDHDR\n', [0, 1]), 1, [0, 255]],
  ])('reads %s', async (_title, bytes, channels, data) => {
    const image = await readImage(bytes);
    expect(image).toMatchObject({ channels, bitDepth: 8 });
    expect([...image.data]).toEqual(data);
  });

  it.each([
    ['PGM', text('P5 2 1 65535\n', [1, 2, 0xff, 0xfe]), 1, [258, 65_534]],
    ['PGM in text', text('P2 2 1 65535\n258 65534'), 1, [258, 65_534]],
    ['PPM whose largest sample is 257', text('P6 1 1 257\n', [0, 1, 1, 1, 0, 0]), 3, [255, 65_535, 0]],
  ])('reads %s of 16 bits', (_title, bytes, channels, data) => {
    expect(decodePnm(bytes)).toMatchObject({ channels, bitDepth: 16, data: Uint16Array.from(data) });
  });

  it.each([
    ['truncated', text('P5 2 2 255\n', [1, 2, 3])],
    ['truncated', text('P5 2 2')],
    ['truncated', text('P2 2 2 255 1 2 3 ')],
    ['truncated', text('P1 2 2 101   ')],
    ['truncated', text('P7\nWIDTH 2\n')],
    ['corrupt', text('P5 2 x 255\n', [1, 2])],
    ['corrupt', text('P5 0 2 255\n', [1, 2])],
    ['corrupt', text('P5 2 1 0\n', [0, 0])],
    ['corrupt', text('P5 2 1 65536\n', [0, 0, 0, 0])],
    ['corrupt', text('P5 2 1 5\n', [5, 6])],
    ['corrupt', text('P3 1 1 255 1 2 256')],
    ['corrupt', text('P1 2 1 12')],
    ['corrupt', text('P7\nWIDTH 1\nHEIGHT 1\nDEPTH 1\nMAXVAL x\nENDHDR\n', [1])],
    ['too-large', text('P5 99999 2 255\n', [1])],
    ['truncated', text('P5 60000 2000 255\n', [1])],
    ['unsupported-image', text('P5 1 1 1023\n', [1, 1])],
    ['unsupported-image', text('P5 1 1 255\n', [1, 2])],
    ['unsupported-image', text('P7\nWIDTH 1\nHEIGHT 1\nDEPTH 5\nMAXVAL 1\nENDHDR\n', [1, 1, 1, 1, 1])],
  ])('refuses as %s: %j', (code, bytes) => {
    expect(() => decodePnm(bytes)).toThrow(expect.objectContaining({ code }));
  });

  it('gives an image or a CodecError for anything', () => {
    const header = fc.tuple(
      fc.integer({ min: 1, max: 7 }),
      fc.stringMatching(/^[0-9 \n#P]{0,20}$/),
      fc.uint8Array({ maxLength: 20 }),
    );
    fc.assert(
      fc.property(header, ([kind, words, rest]) => {
        try {
          const { height, width, channels, data } = decodePnm(text(`P${kind}\n`, words, [...rest]));
          expect(data).toHaveLength(height * width * channels);
        } catch (error) {
          expect(error).toBeInstanceOf(CodecError);
        }
      }),
      { seed: 1, numRuns: 3000 },
    );
  });
});
