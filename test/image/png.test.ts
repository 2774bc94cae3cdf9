import { deflateSync } from 'node:zlib';
import fc from 'fast-check';
import { decode as decodeWithFastPng } from 'fast-png';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { type ChannelCount, type Image, MAX_SIDE } from '../../src/image/image.ts';
import { decodePng, encodePng } from '../../src/image/png.ts';
import { randomInteger, seededRandom } from '../helpers/random.ts';
import { chunk, headerChunk, joinPng, type PngSpec, writePng } from './png-writer.ts';

/** Pixels as sharp sees them, widened to RGBA: what every decoder must agree on. */
async function rgbaBySharp(png: Uint8Array): Promise<Uint8Array> {
  const pixels = await sharp(png, { ignoreIcc: true }).toColourspace('srgb').ensureAlpha().raw().toBuffer();
  return Uint8Array.from(pixels);
}

/** Samples of 16 bits. */
async function samplesBySharp(png: Uint8Array, channels: number): Promise<Uint16Array> {
  const space = channels < 3 ? 'grey16' : 'rgb16';
  const pixels = await sharp(png, { ignoreIcc: true }).toColourspace(space).raw({ depth: 'ushort' }).toBuffer();
  return new Uint16Array(Uint8Array.from(pixels).buffer);
}

function widened({ channels, data }: Image): Uint8Array {
  const rgba = new Uint8Array((data.length / channels) * 4);
  for (let i = 0; i < rgba.length / 4; i++) {
    const pixel = data.subarray(i * channels, (i + 1) * channels);
    const [red, green, blue] = channels < 3 ? [pixel[0]!, pixel[0]!, pixel[0]!] : pixel;
    rgba.set([red!, green!, blue!, channels % 2 === 0 ? pixel[channels - 1]! : 255], i * 4);
  }
  return rgba;
}

const SAMPLES_PER_PIXEL: Record<number, number> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };

function randomSamples({ height, width, depth, colourType }: Omit<PngSpec, 'samples'>, seed: number): number[] {
  const random = seededRandom(seed);
  const length = height * width * SAMPLES_PER_PIXEL[colourType]!;
  return Array.from({ length }, () => randomInteger(random, 1 << depth));
}

const palette = (entries: number): number[] => Array.from({ length: entries * 3 }, (_, i) => (i * 53 + 7) & 255);

/** [title, channels expected, kind of file] */
const KINDS: [string, ChannelCount, Omit<PngSpec, 'height' | 'width' | 'samples'>][] = [
  ['1-bit gray', 1, { depth: 1, colourType: 0 }],
  ['2-bit gray', 1, { depth: 2, colourType: 0 }],
  ['4-bit gray', 1, { depth: 4, colourType: 0 }],
  ['8-bit gray', 1, { depth: 8, colourType: 0 }],
  ['gray + alpha', 2, { depth: 8, colourType: 4 }],
  ['RGB', 3, { depth: 8, colourType: 2 }],
  ['RGBA', 4, { depth: 8, colourType: 6 }],
  ['RGB in 5 pieces', 3, { depth: 8, colourType: 2, pieces: 5 }],
  ['1-bit palette', 3, { depth: 1, colourType: 3, palette: palette(2) }],
  ['2-bit palette', 3, { depth: 2, colourType: 3, palette: palette(4) }],
  ['4-bit palette', 3, { depth: 4, colourType: 3, palette: palette(16) }],
  ['8-bit palette', 3, { depth: 8, colourType: 3, palette: palette(256) }],
  ['palette with some alpha', 4, { depth: 4, colourType: 3, palette: palette(16), transparency: [0, 128, 255, 7] }],
  ['palette with all alpha', 4, { depth: 1, colourType: 3, palette: palette(2), transparency: [255, 254] }],
  ['1-bit gray with a key', 2, { depth: 1, colourType: 0, transparency: [0, 1] }],
  ['2-bit gray with a key', 2, { depth: 2, colourType: 0, transparency: [0, 2] }],
  ['4-bit gray with a key', 2, { depth: 4, colourType: 0, transparency: [0, 0] }],
  ['8-bit gray with a key', 2, { depth: 8, colourType: 0, transparency: [0, 77] }],
];

const SIZES = [
  [1, 1],
  [1, 7],
  [5, 1],
  [3, 2],
  [8, 8],
  [9, 13],
  [33, 21],
] as const;

describe('decodePng', () => {
  describe.each([false, true])('with interlaced = %s', (interlaced) => {
    it.each(KINDS)('agrees with sharp on %s', async (_title, channels, kind) => {
      for (const [height, width] of SIZES) {
        const spec = { height, width, interlaced, ...kind };
        const png = writePng({ ...spec, samples: randomSamples(spec, height * 100 + width) });
        const image = decodePng(png);
        expect([image.height, image.width, image.channels, image.bitDepth]).toEqual([height, width, channels, 8]);
        expect(widened(image)).toEqual(await rgbaBySharp(png));
      }
    });

    it.each([0, 2, 4, 6])(
      'agrees with sharp on random residuals of every filter, colour type %i',
      async (colourType) => {
        for (const filter of [0, 1, 2, 3, 4]) {
          const spec = { height: 11, width: 9, depth: 8, colourType, interlaced, filter };
          const png = writePng({ ...spec, samples: randomSamples(spec, filter) });
          expect(widened(decodePng(png))).toEqual(await rgbaBySharp(png));
        }
      },
    );
  });

  describe.each([
    ['gray', 1, 0],
    ['gray + alpha', 2, 4],
    ['RGB', 3, 2],
    ['RGBA', 4, 6],
  ] as const)('of 16-bit %s', (_title, channels, colourType) => {
    it.each([false, true])('gives the samples, as sharp does, interlaced: %s', async (interlaced) => {
      for (const [height, width] of SIZES) {
        const spec = { height, width, depth: 16, colourType, interlaced };
        const samples = Uint16Array.from(randomSamples(spec, height * 100 + width));
        const png = writePng({ ...spec, samples });
        expect(decodePng(png)).toEqual({ height, width, channels, bitDepth: 16, data: samples });
        expect(await samplesBySharp(png, channels)).toEqual(samples);
      }
    });

    it('agrees with sharp on random residuals of every filter', async () => {
      for (const filter of [0, 1, 2, 3, 4]) {
        const spec = { height: 11, width: 9, depth: 16, colourType, filter };
        const png = writePng({ ...spec, samples: randomSamples(spec, filter) });
        expect(decodePng(png).data).toEqual(await samplesBySharp(png, channels));
      }
    });
  });

  it('compares all bits of keys of 16 bits', () => {
    const samples = [0x0102, 0x0103, 0x0202, 0x0102];
    const png = writePng({ height: 2, width: 2, depth: 16, colourType: 0, samples, transparency: [1, 2] });
    const data = Uint16Array.of(0x0102, 0, 0x0103, 65_535, 0x0202, 65_535, 0x0102, 0);
    expect(decodePng(png)).toEqual({ height: 2, width: 2, channels: 2, bitDepth: 16, data });
  });

  it('makes the one colour of an RGB key transparent', async () => {
    const samples = [1, 2, 3, 1, 2, 4, 9, 2, 3, 1, 2, 3];
    const png = writePng({ height: 1, width: 4, depth: 8, colourType: 2, samples, transparency: [0, 1, 0, 2, 0, 3] });
    const image = decodePng(png);
    expect([...image.data]).toEqual([1, 2, 3, 0, 1, 2, 4, 255, 9, 2, 3, 255, 1, 2, 3, 0]);
    expect(image.data).toEqual(await rgbaBySharp(png));
  });

  it('compares gray keys before scaling', () => {
    const png = writePng({ height: 1, width: 4, depth: 2, colourType: 0, samples: [0, 1, 2, 3], transparency: [0, 1] });
    expect([...decodePng(png).data]).toEqual([0, 255, 85, 0, 170, 255, 255, 255]);
  });

  it('keeps the colour of transparent pixels', () => {
    const png = writePng({ height: 1, width: 1, depth: 8, colourType: 6, samples: [10, 20, 30, 0] });
    expect([...decodePng(png).data]).toEqual([10, 20, 30, 0]);
  });

  it('agrees with sharp on adaptive and interlaced files that sharp writes', async () => {
    const noise = await sharp({
      create: {
        width: 50,
        height: 37,
        channels: 3,
        background: 'black',
        noise: { type: 'gaussian', mean: 128, sigma: 20 },
      },
    })
      .blur(1)
      .raw()
      .toBuffer();
    const raw = { width: 50, height: 37, channels: 3 as const };
    for (const options of [{ adaptiveFiltering: true }, { progressive: true }, { palette: true, colours: 9 }]) {
      const png = await sharp(noise, { raw }).png(options).toBuffer();
      expect(widened(decodePng(png))).toEqual(await rgbaBySharp(png));
    }
  });

  it('reads a file that lies within a larger buffer', () => {
    const png = writePng({ height: 1, width: 3, depth: 8, colourType: 0, samples: [5, 6, 7] });
    const larger = new Uint8Array(png.length + 10).fill(99);
    larger.set(png, 4);
    expect([...decodePng(larger.subarray(4, 4 + png.length)).data]).toEqual([5, 6, 7]);
  });
});

const GRAY = { height: 4, width: 4, depth: 8, colourType: 0, samples: new Uint8Array(16) };
const PALETTE = { ...GRAY, colourType: 3, palette: palette(3) };
const header = (changes: Partial<PngSpec>): Uint8Array => headerChunk({ ...GRAY, ...changes });
const END = chunk('IEND', []);

describe('decodePng refuses', () => {
  it.each([
    ['no bytes', 'not-our-format', new Uint8Array(0)],
    ['another format', 'not-our-format', Uint8Array.from([...'GIF89a'].map((letter) => letter.charCodeAt(0)))],
    ['a cut signature', 'truncated', writePng(GRAY).subarray(0, 5)],
    ['a file without chunks', 'truncated', joinPng([])],
    ['a file that does not begin with IHDR', 'corrupt', joinPng([END])],
    ['a file without pixels', 'corrupt', joinPng([header({}), END])],
    ['a second header', 'corrupt', joinPng([header({}), header({}), END])],
    ['a short header', 'corrupt', joinPng([chunk('IHDR', [0, 0, 0, 1]), END])],
    ['width 0', 'corrupt', joinPng([header({ width: 0 }), END])],
    ['a side that is too long', 'too-large', joinPng([header({ width: MAX_SIDE + 1 })])],
    ['too many pixels', 'too-large', joinPng([header({ height: 60_000, width: 60_000 })])],
    ['4-bit RGB', 'corrupt', joinPng([header({ depth: 4, colourType: 2 })])],
    ['colour type 1', 'corrupt', joinPng([header({ colourType: 1 })])],
    ['an animation', 'unsupported-image', joinPng([header({}), chunk('acTL', [0, 0, 0, 2, 0, 0, 0, 0]), END])],
    ['an unknown critical chunk', 'unsupported-image', joinPng([header({}), chunk('CgBI', []), END])],
    [
      'large size over few data',
      'truncated',
      joinPng([header({ height: 30_000, width: 4_000 }), writePng(GRAY).subarray(33)]),
    ],
    ['too few scanlines', 'truncated', joinSized(5)],
    ['too many scanlines', 'corrupt', joinSized(3)],
    ['a bomb', 'corrupt', joinPng([header({}), chunk('IDAT', deflateSync(new Uint8Array(1 << 24))), END])],
    ['data that are no zlib stream', 'corrupt', joinPng([header({}), chunk('IDAT', new Array(50).fill(7)), END])],
    ['an unknown filter', 'corrupt', writePng({ ...GRAY, filter: 5 })],
    ['a palette that is missing', 'corrupt', writePng({ ...GRAY, colourType: 3 })],
    ['a palette of 4 bytes', 'corrupt', writePng({ ...PALETTE, palette: [1, 2, 3, 4] })],
    ['a palette of 0 entries', 'corrupt', writePng({ ...PALETTE, palette: [] })],
    ['a palette that is too long', 'corrupt', writePng({ ...PALETTE, depth: 1, palette: palette(3) })],
    ['an index outside the palette', 'corrupt', writePng({ ...PALETTE, samples: new Uint8Array(16).fill(3) })],
    ['more alpha values than entries', 'corrupt', writePng({ ...PALETTE, transparency: [1, 2, 3, 4] })],
    ['a key of the wrong size', 'corrupt', writePng({ ...GRAY, transparency: [1] })],
    [
      'a key beside alpha',
      'corrupt',
      writePng({ ...GRAY, colourType: 4, samples: new Uint8Array(32), transparency: [0, 1] }),
    ],
  ])('%s', (_title, code, png) => {
    expect(() => decodePng(png)).toThrow(expect.objectContaining({ name: 'CodecError', code }));
  });

  it('a file cut at any length', () => {
    const png = writePng({ ...GRAY, samples: randomSamples(GRAY, 1) });
    for (let length = 1; length < png.length; length++) {
      expect(() => decodePng(png.subarray(0, length))).toThrow(expect.objectContaining({ code: 'truncated' }));
    }
  });

  it('a file with any bit flipped', () => {
    const png = writePng({ ...GRAY, samples: randomSamples(GRAY, 1) });
    for (let bit = 0; bit < png.length * 8; bit++) {
      const flipped = png.slice();
      flipped[bit >> 3]! ^= 1 << (bit & 7);
      expect(() => decodePng(flipped)).toThrow(expect.objectContaining({ name: 'CodecError' }));
    }
  });
});

/** A header of 4 rows less or more than the 4 there are pixels for. */
function joinSized(height: number): Uint8Array {
  const png = writePng(GRAY);
  return joinPng([header({ height }), png.subarray(33)]);
}

describe('encodePng', () => {
  const images = fc
    .record({
      height: fc.integer({ min: 1, max: 12 }),
      width: fc.integer({ min: 1, max: 12 }),
      channels: fc.constantFrom<ChannelCount[]>(1, 2, 3, 4),
      seed: fc.nat(),
      levels: fc.constantFrom(1, 2, 5, 256),
    })
    .map(({ height, width, channels, seed, levels }): Image => {
      const random = seededRandom(seed);
      const data = Uint8Array.from({ length: height * width * channels }, () => randomInteger(random, levels));
      return { height, width, channels, bitDepth: 8, data };
    });

  it('is undone by decodePng', () => {
    fc.assert(
      fc.property(images, (image) => {
        expect(decodePng(encodePng(image))).toEqual(image);
      }),
    );
  });

  it('is read the same by fast-png and by sharp', async () => {
    await fc.assert(
      fc.asyncProperty(images, async (image) => {
        const png = encodePng(image);
        expect(decodeWithFastPng(png, { checkCrc: true })).toMatchObject({
          channels: image.channels,
          data: image.data,
        });
        expect(await rgbaBySharp(png)).toEqual(widened(image));
      }),
      { numRuns: 30 },
    );
  });

  it('is read the same by fast-png and by sharp with 16 bits a sample', async () => {
    await fc.assert(
      fc.asyncProperty(images, async ({ height, width, channels, data: bytes }) => {
        const data = Uint16Array.from(bytes, (value, i) => value * 256 + ((i * 77) & 255));
        const png = encodePng({ height, width, channels, bitDepth: 16, data });
        expect(decodePng(png)).toEqual({ height, width, channels, bitDepth: 16, data });
        expect(decodeWithFastPng(png, { checkCrc: true })).toMatchObject({ channels, data });
        expect(await samplesBySharp(png, channels)).toEqual(data);
      }),
      { numRuns: 30 },
    );
  });

  it('refuses an image whose data do not fit its size', () => {
    const image: Image = { height: 2, width: 2, channels: 1, bitDepth: 8, data: new Uint8Array(5) };
    expect(() => encodePng(image)).toThrow(RangeError);
  });
});
