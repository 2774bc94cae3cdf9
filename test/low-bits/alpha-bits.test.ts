import { describe, expect, it } from 'vitest';
import { readAlpha } from '../../src/codec/planes.ts';
import { encodeVarint } from '../../src/container/varint.ts';
import type { Image8 } from '../../src/image/image.ts';
import { decodeAlphaBits, encodeAlphaBits, MAX_ALPHA_PIXELS } from '../../src/low-bits/alpha-bits.ts';
import { fixtureImage } from '../helpers/fixtures.ts';
import { CONTENT_NAMES, makeImage } from '../helpers/images.ts';
import { decodeModelled } from '../helpers/reference-low-bits.ts';

/** The image as it is before its alpha is decoded. */
const withoutAlpha = (image: Image8): Image8 => ({
  ...image,
  data: image.data.map((value, i) => ((i + 1) % image.channels === 0 ? 0 : value)),
});

/** The alpha that the reference decoder of low sections gives. */
function referenceAlpha(bytes: Uint8Array, image: Image8): number[] {
  const section = Uint8Array.of(2, 0, ...encodeVarint(bytes.length), ...bytes);
  const samples = decodeModelled(section, { ...image, high: withoutAlpha(image).data });
  return samples.filter((_, i) => (i + 1) % image.channels === 0);
}

describe('alpha comes back, also from the reference decoder,', () => {
  it.each(CONTENT_NAMES)('of %s', (content) => {
    for (const [height, width] of [
      [1, 1],
      [1, 9],
      [9, 1],
      [13, 7],
    ] as const) {
      for (const channels of [2, 4] as const) {
        const image = makeImage(content, { height, width, channels });
        const bytes = encodeAlphaBits(image);
        expect(decodeAlphaBits(bytes, withoutAlpha(image))).toEqual(readAlpha(image));
        expect(referenceAlpha(bytes, image)).toEqual([...readAlpha(image)]);
      }
    }
  });
});

it('takes next to nothing where it follows from the colours', async () => {
  const image = await fixtureImage('shaded-rgba8-34x27');
  expect(encodeAlphaBits(image).length).toBeLessThan(70);
  expect(encodeAlphaBits({ ...image, channels: 2, data: noisyGray(readAlpha(image)) }).length).toBeGreaterThan(300);
});

/** The alpha beside a gray that has nothing to do with it. */
function noisyGray(alpha: Uint8Array): Uint8Array {
  const gray = makeImage('noise', { height: 1, width: alpha.length, channels: 1 });
  return Uint8Array.from({ length: 2 * alpha.length }, (_, i) => (i % 2 === 0 ? gray : { data: alpha }).data[i >> 1]!);
}

describe('decodeAlphaBits refuses', () => {
  const image = makeImage('gradient', { height: 9, width: 11, channels: 4 });
  const bytes = encodeAlphaBits(image);

  it('every cut', () => {
    for (let length = 0; length < bytes.length; length++) {
      const decode = () => decodeAlphaBits(bytes.subarray(0, length), image);
      expect(decode, `${length} bytes`).toThrow(expect.objectContaining({ name: 'CodecError' }));
    }
  });

  it('bytes after its end', () => {
    const decode = () => decodeAlphaBits(Uint8Array.of(...bytes, 0, 0, 1), image);
    expect(decode).toThrow(expect.objectContaining({ code: 'corrupt' }));
  });

  it('more pixels than take half a second, before anything of their size is allocated', () => {
    const huge = { ...image, height: 1, width: MAX_ALPHA_PIXELS + 1, data: new Uint8Array(0) };
    expect(() => decodeAlphaBits(bytes, huge)).toThrow(expect.objectContaining({ code: 'corrupt' }));
  });
});
