import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import {
  careFor,
  decodeWebpPayload,
  encodeWebpPayload,
  estimateWebp,
  formWithAlpha,
} from '../../src/codec/webp-payload.ts';
import { encodeHeader, fileChecksum, type HeaderStart } from '../../src/container/header.ts';
import { WEBP_STEPS } from '../../src/container/payload-kind.ts';
import { decompress } from '../../src/decompress.ts';
import type { Image8 } from '../../src/image/image.ts';
import { encodeWebp, type WebpCare } from '../../src/image/webp.ts';
import { fixtureImage } from '../helpers/fixtures.ts';
import { makeImage } from '../helpers/images.ts';

const START: HeaderStart = {
  version: 6,
  modelId: 0,
  height: 6,
  width: 9,
  channels: 3,
  bitDepth: 8,
  numSteps: WEBP_STEPS,
  hasOriginal: false,
};
const IMAGE = makeImage('gradient', { height: 6, width: 9, channels: 3 });
const GRAY = makeImage('gradient', { height: 6, width: 9, channels: 1 });
const payloadOf = async (image = IMAGE) => (await encodeWebpPayload(image))!;

/** A file whose checksum is right for the payload and the pixels. */
function fileOf(
  payload: Uint8Array,
  fields: Partial<HeaderStart> = {},
  { data = IMAGE.data, alpha = new Uint8Array(0) } = {},
): Uint8Array {
  const start = { ...START, ...fields };
  const checksum = fileChecksum(start, payload, data);
  const header = { ...start, checksum, alphaLength: alpha.length, lowLength: 0, originalLength: 0 };
  return Uint8Array.of(...encodeHeader(header), ...alpha, ...payload);
}

/** The VP8L chunk of pixels that are not opaque. */
async function payloadWithAlpha(): Promise<Uint8Array> {
  const { data, height, width } = makeImage('gradient', { height: 6, width: 9, channels: 4 });
  const file = await sharp(
    data.map((value, i) => (i % 4 === 3 ? 100 : value)),
    { raw: { height, width, channels: 4 } },
  )
    .webp({ lossless: true })
    .toBuffer();
  const at = file.indexOf('VP8L');
  return new Uint8Array(file.subarray(at + 8, at + 8 + file.readUInt32LE(at + 4)));
}

it('comes back', async () => {
  for (const image of [IMAGE, GRAY]) {
    const header = { ...START, channels: image.channels, checksum: 0, alphaLength: 0, lowLength: 0, originalLength: 0 };
    expect(await decodeWebpPayload(header, await payloadOf(image))).toEqual(image);
  }
});

it('comes back with its alpha, and with the colours that alpha 0 hides', async () => {
  for (const channels of [2, 4] as const) {
    const image = makeImage('gradient', { height: 6, width: 9, channels });
    for (let i = channels - 1; i < image.data.length; i += channels) image.data[i] = (i * 7) % 3 === 0 ? 0 : 255 - i;
    const form = formWithAlpha(image);
    const payload = (await encodeWebpPayload(image, false, form))!;
    expect(await decodeWebpPayload(image, payload, form)).toEqual(image);
  }
});

describe('the form with alpha', () => {
  /** All values of alpha but those left out, each of so many pixels, over gray. */
  const imageOf = (gray: number, countOf: (alpha: number) => number): Image8 => {
    const alphas = Array.from({ length: 256 }, (_, alpha) => new Array<number>(countOf(alpha)).fill(alpha)).flat();
    const data = Uint8Array.from(alphas.flatMap((alpha) => [gray, alpha]));
    return { height: 1, width: alphas.length, channels: 2, bitDepth: 8, data };
  };

  it.each([
    ['takes off a value that no pixel has', imageOf(9, (alpha) => (alpha === 70 ? 0 : 1)), { alphaShift: 70 }],
    ['takes off nothing where alpha 0 is black', imageOf(0, () => 1), { alphaShift: 0 }],
    [
      'makes one of the two values that are rarest together',
      imageOf(9, (alpha) => (alpha === 30 ? 1 : alpha === 31 ? 2 : 3)),
      { alphaShift: 30, isMerged: true },
    ],
    [
      'makes one of the last and the first value where these are',
      imageOf(9, (alpha) => (alpha === 255 || alpha === 0 ? 1 : 2)),
      { alphaShift: 255, isMerged: true },
    ],
  ])('%s', async (_title, image, form) => {
    expect(formWithAlpha(image)).toEqual(form);
    const payload = (await encodeWebpPayload(image, false, form))!;
    const { data } = await decodeWebpPayload(image, payload, form);
    const merged = (form.alphaShift + 1) & 255;
    const isSame = (value: number, i: number) =>
      value === image.data[i] || ('isMerged' in form && value === merged && image.data[i] === form.alphaShift);
    expect(data.every(isSame)).toBe(true);
  });
});

it('finds the copies in a texture that is tiled, however far away', async () => {
  const [height, width] = [300, 520];
  const tile = makeImage('noise', { height: 100, width: 130, channels: 3 });
  const data = Uint8Array.from({ length: height * width * 3 }, (_, i) => {
    const [row, column] = [Math.floor(i / (3 * width)) % 100, (Math.floor(i / 3) % width) % 130];
    return tile.data[(row * 130 + column) * 3 + (i % 3)]!;
  });
  const payload = await encodeWebpPayload({ height, width, channels: 3, bitDepth: 8, data }, true);
  expect(payload!.length).toBeLessThan(1.2 * tile.data.length);
});

it('is not tried on an image of 16384 pixels a side, which libwebp refuses', async () => {
  const image = makeImage('flat', { height: 1, width: 16_384, channels: 1 });
  expect(await encodeWebpPayload(image)).toBeUndefined();
  expect(await estimateWebp(image)).toBeUndefined();
  const widest = makeImage('flat', { height: 1, width: 16_383, channels: 1 });
  expect(await encodeWebpPayload(widest)).toBeDefined();
});

it('is made with care also in a hurry where a small image has few colours', async () => {
  const few = makeImage('text', { height: 90, width: 120, channels: 3 });
  expect(await encodeWebpPayload(few, true)).toEqual(await encodeWebpPayload(few));
});

describe('the care', () => {
  const of = (pixels: number, colours: number): Image8 => {
    const data = new Uint8Array(3 * pixels);
    for (let i = 0; i < colours; i++) data.set([i & 255, i >> 8, 7], 3 * i);
    return { height: 1024, width: pixels / 1024, channels: 3, bitDepth: 8, data };
  };

  it.each([
    [1 << 16, 300, 'thorough', 'quick'],
    [1 << 16, 200, 'thorough', 'thorough'],
    [(1 << 16) + 1024, 200, 'thorough', 'quick'],
    [1 << 22, 300, 'thorough', 'quick'],
    [(1 << 22) + 1024, 300, 'fair', 'quick'],
    [(1 << 22) + 1024, 200, 'thorough', 'quick'],
    [1 << 24, 200, 'thorough', 'quick'],
    [(1 << 24) + 1024, 200, 'fair', 'quick'],
  ])('of %i pixels and %i colours is %s, in a hurry %s', (pixels, colours, care, hurried) => {
    const image = of(pixels, colours);
    expect([careFor(image, false), careFor(image, true)]).toEqual([care, hurried]);
  });
});

it('is smaller with fair care than in a hurry', async () => {
  const { height, width, data } = await fixtureImage('photo-rgb8-256x192');
  const encode = (care: WebpCare) => encodeWebp({ height, width, channels: 3, data }, care);
  expect((await encode('fair'))!.length).toBeLessThan((await encode('quick'))!.length);
});

describe('the estimate', () => {
  it('is about the size, also where bands are tried', async () => {
    for (const size of [
      { height: 300, width: 400 },
      { height: 1500, width: 1400 },
    ]) {
      const image = makeImage('gradient', { ...size, channels: 3 });
      const [estimate, payload] = [(await estimateWebp(image))!, await payloadOf(image)];
      expect(estimate.bytes / payload.length).toBeGreaterThan(0.5);
      expect(estimate.bytes / payload.length).toBeLessThan(8);
      expect(estimate.payload?.length).toBe(size.height === 300 ? estimate.bytes : undefined);
    }
  });

  it('is none where an image is too wide', async () => {
    expect(await estimateWebp(makeImage('flat', { height: 1, width: 16_385, channels: 1 }))).toBeUndefined();
  });
});

it('is in a file with the right checksum', async () => {
  expect(await decompress(fileOf(await payloadOf()))).toEqual(IMAGE);
});

it('is not made where an image is too wide', async () => {
  expect(await encodeWebpPayload(makeImage('flat', { height: 1, width: 16_385, channels: 1 }))).toBeUndefined();
});

describe('a payload', () => {
  it.each([
    ['of another size', async () => fileOf(await payloadOf(), { height: 9, width: 6 }), '9 x 6 pixels, expected 6 x 9'],
    [
      'of a huge image',
      async () => fileOf(await payloadOf(), { height: 16_384, width: 8192 }),
      'expected 8192 x 16384',
    ],
    ['with alpha', async () => fileOf(await payloadWithAlpha()), 'has alpha'],
    [
      'without the alpha that the section promises',
      async () => fileOf(await payloadOf(), { channels: 4 }, { alpha: Uint8Array.of(5, 0) }),
      'has no alpha',
    ],
    [
      'with alpha beside a section of its own',
      async () => fileOf(await payloadWithAlpha(), { channels: 4 }, { alpha: Uint8Array.of(0, 255) }),
      'has alpha',
    ],
    [
      'beside a section whose bits are not deflated',
      async () => fileOf(await payloadWithAlpha(), { channels: 4 }, { alpha: Uint8Array.of(5, 0, 7) }),
      'deflated data are malformed',
    ],
    [
      'of a gray image with colours',
      async () => fileOf(await payloadOf(), { channels: 1 }, { data: GRAY.data }),
      'has colours',
    ],
    ['with another signature', async () => fileOf((await payloadOf()).with(0, 0x2e)), 'no lossless WebP'],
    ['of 4 bytes', async () => fileOf((await payloadOf()).subarray(0, 4)), 'no lossless WebP'],
    ['of a right size and noise', async () => fileOf((await payloadOf()).fill(0xa5, 5)), ''],
  ])('%s is corrupt', async (_title, make, message) => {
    const reading = decompress(await make());
    await expect(reading).rejects.toMatchObject({ code: 'corrupt', message: expect.stringContaining(message) });
  });
});
