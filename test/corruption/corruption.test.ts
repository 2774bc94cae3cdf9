/** Damaged, foreign and hostile files: a CodecError with its code in every case, never a wrong image, never a hang. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compress } from '../../src/compress.ts';
import { encodeHeader, encodeHeaderStart, type Header, imageChecksum } from '../../src/container/header.ts';
import { ORIGINAL_STEPS, PNG_STEPS, SAMPLES_STEPS } from '../../src/container/payload-kind.ts';
import { decompress, readHeader } from '../../src/decompress.ts';
import { decompressPng } from '../../src/decompress-png.ts';
import { CodecError, type CodecErrorCode } from '../../src/errors.ts';
import type { Image } from '../../src/image/image.ts';
import { encodePngBody } from '../../src/image/png-body.ts';
import { makeDeepImage } from '../helpers/deep-images.ts';
import { fixtureImage, fixtureNames, readFixture, tinyModel } from '../helpers/fixtures.ts';
import { makeImage } from '../helpers/images.ts';
import { randomInteger, seededRandom } from '../helpers/random.ts';
import { chunk, writePng } from '../image/png-writer.ts';

const model = tinyModel;
const CODES: readonly CodecErrorCode[] = [
  'not-our-format',
  'unsupported-version',
  'unknown-model',
  'truncated',
  'corrupt',
  'too-large',
];
/** Far above what any file here takes: a few milliseconds. */
const MAX_MILLISECONDS = 5_000;

/** The code that decompressing fails with, or the image it gives. Any other error fails the test. */
async function outcomeOf(file: Uint8Array): Promise<CodecErrorCode | Image> {
  const started = performance.now();
  try {
    return await decompress(file, { model });
  } catch (error) {
    if (!(error instanceof CodecError)) throw error;
    expect(CODES).toContain(error.code);
    expect(error.message).not.toBe('');
    return error.code;
  } finally {
    expect(performance.now() - started).toBeLessThan(MAX_MILLISECONDS);
  }
}

/** Images to damage the files of: of every kind, each a few hundred bytes at most. */
const VICTIMS = {
  'gray, one pixel': makeImage('noise', { height: 1, width: 1, channels: 1 }),
  'RGBA, one pixel': makeImage('noise', { height: 1, width: 1, channels: 4 }),
  'gray row': makeImage('gradient', { height: 1, width: 9, channels: 1 }),
  'RGB gradient': makeImage('gradient', { height: 4, width: 7, channels: 3 }),
  'gray noise with alpha': makeImage('noise', { height: 5, width: 3, channels: 2 }),
  'flat RGBA': makeImage('flat', { height: 3, width: 5, channels: 4 }),
};

/** A gray image of two values, and an alpha of that value and another random number, 0..4. */
function spots(alphaOf: (spot: number, other: number) => number): Image {
  const random = seededRandom(9);
  const data = new Uint8Array(2 * 12 * 11);
  for (let i = 0; i < data.length; i += 2) {
    data[i] = 100 * randomInteger(random, 2);
    data[i + 1] = alphaOf(data[i]!, randomInteger(random, 5));
  }
  return { height: 12, width: 11, channels: 2, bitDepth: 8, data };
}

const VICTIM_FILES = [
  ...Object.entries(VICTIMS).map(([title, image]) => [title, image, 'diffusion'] as const),
  ['RGB of 16 bits', makeDeepImage('smooth', { height: 4, width: 7, channels: 3 }), 'diffusion'] as const,
  ['gray with alpha, of 16 bits', makeDeepImage('shifted', { height: 3, width: 9, channels: 2 }), 'diffusion'] as const,
  ['flat RGB of 16 bits, kept', makeDeepImage('flat', { height: 12, width: 9, channels: 3 }), 'best'] as const,
  ['flat RGB, kept as WebP', makeImage('flat', { height: 12, width: 9, channels: 3 }), 'best'] as const,
  ['gray with alpha, both in a WebP', spots((spot) => 255 - spot), 'best'] as const,
  ['gray with alpha of all values, both in a WebP', await fixtureImage('inverse-gray-alpha8-32x32'), 'best'] as const,
  ['gray with alpha as a WebP of its own', spots((_spot, other) => 51 * other), 'diffusion'] as const,
];

describe.each(VICTIM_FILES)('the file of a %s', (_title, image, method) => {
  it('fails at whatever length it is cut off', async () => {
    const file = await compress(image, { model, numSteps: 4, method });
    for (let length = 0; length < file.length; length++) {
      const outcome = await outcomeOf(file.subarray(0, length));
      expect(outcome, `${length} bytes`).toBeTypeOf('string');
    }
  });

  it('fails when a bit is flipped, or gives the right image where nothing depends on the bit', async () => {
    const file = await compress(image, { model, numSteps: 4, method });
    let harmless = 0;
    for (let bit = 0; bit < 8 * file.length; bit++) {
      const damaged = file.slice();
      damaged[bit >> 3]! ^= 1 << (bit & 7);
      const outcome = await outcomeOf(damaged);
      if (typeof outcome === 'object') {
        expect(outcome, `bit ${bit}`).toEqual(image);
        harmless++;
      }
    }
    // The choice of colours, 5 bits, where no block is narrow enough to use it; the unused bits at the end of deflated alpha.
    if (image.channels === 1 || image.channels === 3) expect(harmless).toBeLessThanOrEqual(5);
  });

  it('fails when bytes are added, put in, or left out', async () => {
    const file = await compress(image, { model, numSteps: 4, method });
    for (let at = 0; at <= file.length; at++) {
      const [before, after] = [file.subarray(0, at), file.subarray(at)];
      expect(await outcomeOf(Uint8Array.of(...before, 0, ...after)), `0 at ${at}`).toBeTypeOf('string');
      expect(await outcomeOf(Uint8Array.of(...before, 255, ...after)), `255 at ${at}`).toBeTypeOf('string');
      if (at < file.length)
        expect(await outcomeOf(Uint8Array.of(...before, ...after.subarray(1)))).toBeTypeOf('string');
    }
  });
});

describe('a file that is damaged in several places', () => {
  it('fails or gives the right image', async () => {
    const names = ['disc-gray-alpha8-25x25', 'gradient-rgb8-17x5', 'flat-gray8-24x24', 'flat-rgba8-7x7'];
    const victims = await Promise.all(
      names.map(async (name) => {
        const image = await fixtureImage(name);
        return { image, file: await compress(image, { model, numSteps: 2, method: 'diffusion' }) };
      }),
    );
    const change = fc.record({ at: fc.nat(), byte: fc.integer({ min: 0, max: 255 }) });
    const changes = fc.array(change, { minLength: 1, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...victims), changes, async ({ image, file }, list) => {
        const damaged = file.slice();
        for (const { at, byte } of list) damaged[at % file.length] = byte;
        const outcome = await outcomeOf(damaged);
        if (typeof outcome === 'object') expect(outcome).toEqual(image);
      }),
      { numRuns: 300, seed: 1 },
    );
  });

  it('fails when its payload is noise', async () => {
    const image = await fixtureImage('disc-rgba8-40x33');
    const file = await compress(image, { model, numSteps: 2, method: 'diffusion' });
    const random = seededRandom(1);
    for (let run = 0; run < 60; run++) {
      const start = randomInteger(random, file.length);
      const damaged = file.map((byte, i) => (i < start ? byte : randomInteger(random, 256)));
      expect(await outcomeOf(damaged)).toBeTypeOf('string');
    }
  });
});

const HEADER: Header = {
  version: 6,
  modelId: model.id,
  height: 1,
  width: 1,
  channels: 3,
  bitDepth: 8,
  numSteps: 4,
  checksum: 0,
  alphaLength: 0,
  lowLength: 0,
  hasOriginal: false,
  originalLength: 0,
};

/** A file with a header as stated, and a payload of noise. */
function fileOf(fields: Partial<Header>, payloadBytes: number): Uint8Array {
  const random = seededRandom(payloadBytes);
  const payload = Array.from({ length: payloadBytes }, () => 1 + randomInteger(random, 255));
  return Uint8Array.of(...encodeHeader({ ...HEADER, ...fields }), ...payload);
}

/** Replaces the bytes of a file's start. */
function withBytes(file: Uint8Array, at: number, bytes: readonly number[]): Uint8Array {
  const changed = file.slice();
  changed.set(bytes, at);
  return changed;
}

/** Both sides as varints of three bytes: 65535. */
const HUGE_SIDES = [0xff, 0xff, 0x03, 0xff, 0xff, 0x03];
const START = encodeHeader(HEADER);
const HUGE = Uint8Array.of(...START.subarray(0, 6), ...HUGE_SIDES, ...START.subarray(8));

const NOISE = { modelId: 0, numSteps: SAMPLES_STEPS, height: 2, width: 3 } as const;

describe('a file', () => {
  const text = new TextEncoder();
  const cases: [string, CodecErrorCode, Uint8Array][] = [
    ['that is empty', 'not-our-format', new Uint8Array(0)],
    ['that is text', 'not-our-format', text.encode('vdm, but not quite')],
    ['that is a PNG', 'not-our-format', readFixture('images/noise-rgb8-1x1.png')],
    ['that is 4 KiB of zeros', 'not-our-format', new Uint8Array(4096)],
    ['that ends within the magic', 'truncated', text.encode('vdm')],
    ['of the magic alone', 'truncated', text.encode('vdmz')],
    ['of a future version', 'unsupported-version', withBytes(START, 4, [12])],
    ['of the version of other payloads', 'corrupt', withBytes(START, 4, [9])],
    ['of version 8', 'unsupported-version', withBytes(START, 4, [8])],
    ['of version 4', 'unsupported-version', withBytes(START, 4, [4])],
    ['of another model', 'unknown-model', fileOf({ modelId: 0x1234_5678 }, 10)],
    ['of five channels', 'corrupt', withBytes(START, 5, [5])],
    ['of height 0', 'corrupt', withBytes(START, 6, [0])],
    ['of steps of another version', 'corrupt', withBytes(START, 8, [6])],
    ['of steps of an older version', 'corrupt', withBytes(START, 8, [7])],
    ['of 9 steps, which no model has', 'corrupt', withBytes(START, 8, [10])],
    ['of 255 steps', 'corrupt', withBytes(START, 8, [255])],
    ['of 65535 x 65535 pixels', 'too-large', HUGE],
    ['without a payload', 'truncated', START],
    ['with a payload of 3 bytes', 'corrupt', fileOf({}, 3)],
    ['with an alpha section longer than the file', 'truncated', fileOf({ channels: 4, alphaLength: 11 }, 10)],
    ['with an empty alpha section', 'truncated', fileOf({ channels: 2, alphaLength: 0 }, 4)],
    ['with a low section longer than the file', 'truncated', fileOf({ bitDepth: 16, lowLength: 11 }, 10)],
    ['of too few samples', 'truncated', fileOf(NOISE, 17)],
    ['of too many samples', 'corrupt', fileOf(NOISE, 19)],
    ['of samples that are not those of the checksum', 'corrupt', fileOf(NOISE, 18)],
    ['of samples of 16 bits that end early', 'truncated', fileOf({ ...NOISE, bitDepth: 16 }, 35)],
    [
      'of an original PNG that is not that of the checksum',
      'corrupt',
      fileOf({ ...NOISE, numSteps: ORIGINAL_STEPS }, 30),
    ],
  ];
  it.each(cases)('%s is refused: %s', async (_title, code, file) => {
    const outcome = await outcomeOf(file);
    // Noise may be found out by what it decodes to or by where it ends.
    expect(outcome).toBe(code);
  });

  it('of a model that is not installed says which one, without being told a model', async () => {
    const reading = decompress(fileOf({ modelId: 0xabc }, 10));
    await expect(reading).rejects.toMatchObject({ code: 'unknown-model', message: /model 00000abc/ });
  });

  it('of another model than the one given names both', async () => {
    const given = model.id.toString(16).padStart(8, '0');
    const message = `file needs model 00000abc, but was given model ${given} (tiny)`;
    await expect(decompress(fileOf({ modelId: 0xabc }, 10), { model })).rejects.toThrow(message);
  });

  it('with a header of the right image and a payload of another is refused', async () => {
    const [one, other] = await Promise.all([1, 2].map((seed) => fileOfSeed(seed)));
    const length = encodeHeader(readHeader(one!)).length;
    expect(await outcomeOf(Uint8Array.of(...one!.subarray(0, length), ...other!.subarray(length)))).toBe('corrupt');
  });
});

const fileOfSeed = (seed: number) =>
  compress(makeImage('noise', { height: 3, width: 3, channels: 3, seed }), { model, numSteps: 2, method: 'diffusion' });

describe('a PNG payload', () => {
  const PNG_START = { modelId: 0, numSteps: PNG_STEPS, height: 2, width: 3, channels: 1 } as const;
  const fileAround = (body: Uint8Array) => Uint8Array.of(...encodeHeader({ ...HEADER, ...PNG_START }), ...body);
  const SOUND = { height: 2, width: 3, depth: 8, colourType: 0, samples: [1, 2, 3, 4, 5, 6] };
  const sound = encodePngBody(writePng(SOUND));
  const DEEP = encodePngBody(writePng({ ...SOUND, depth: 16 }));

  it.each([
    ['without a byte', new Uint8Array(0), /has no kind/],
    ['of a kind that PNG has not', withBytes(sound, 0, [0x35]), /no colour type 5 with 8 bits/],
    ['of a depth that PNG has not', withBytes(sound, 0, [0x50]), /no colour type 0 with 0 bits/],
    ['of 16 bits', DEEP, /16 bits a sample, expected 8/],
    [
      'of more channels',
      encodePngBody(writePng({ ...SOUND, colourType: 2, samples: new Uint8Array(18) })),
      /3 channels.* states 1/,
    ],
    ['of another size', encodePngBody(writePng({ ...SOUND, height: 1, samples: [1, 2, 3] })), /deflated data hold 4/],
    ['with a header of its own', Uint8Array.of(sound[0]!, ...writePng(SOUND).subarray(8, -12)), /second IHDR/],
    ['with an end of its own', Uint8Array.of(...sound, ...chunk('IEND', [])), /chunks after its end/],
    ['with bytes after its last chunk', Uint8Array.of(...sound, 0), /not sound/],
    ['without its last byte', sound.subarray(0, -1), /not sound/],
  ])('%s is corrupt', async (_title, body, message) => {
    const reading = decompress(fileAround(body));
    await expect(reading).rejects.toMatchObject({ code: 'corrupt', message: expect.stringMatching(message) });
  });

  it.each([
    ['of 8 bits without low bits', 'corrupt', sound, 0],
    ['of 16 bits with low bits', 'corrupt', DEEP, 2],
    ['of 8 bits with half a low section', 'truncated', sound, 1],
    ['of 16 bits and another checksum', 'corrupt', DEEP, 0],
  ])('%s is refused in a file of 16 bits: %s', async (_title, code, body, lowLength) => {
    const start = encodeHeader({ ...HEADER, ...PNG_START, bitDepth: 16, lowLength });
    expect(await outcomeOf(Uint8Array.of(...start, ...body, ...new Uint8Array(lowLength)))).toBe(code);
  });
});

describe('an original PNG', () => {
  const SMALL = { height: 2, width: 3, depth: 8, colourType: 0, samples: [1, 2, 3, 4, 5, 6] };
  const [GRAY, DEEP] = [writePng(SMALL), writePng({ ...SMALL, depth: 16 })];
  const KIND = { modelId: 0, numSteps: ORIGINAL_STEPS, height: 2, width: 3, channels: 1 } as const;

  /** A file whose checksum is right. */
  function fileAround(payload: Uint8Array, fields: Partial<Header> = {}): Uint8Array {
    const header = { ...HEADER, ...KIND, ...fields };
    const checksum = imageChecksum(encodeHeaderStart(header), payload);
    return Uint8Array.of(...encodeHeader({ ...header, checksum }), ...payload);
  }

  it.each([
    ['that is text', fileAround(new TextEncoder().encode('hello, no PNG'), { height: 100, width: 100 })],
    ['that is cut off', fileAround(GRAY.subarray(0, -1))],
    ['of another height', fileAround(GRAY, { height: 3 })],
    ['of another width', fileAround(GRAY, { width: 2 })],
    ['of 8 bits', fileAround(GRAY, { bitDepth: 16 })],
    ['of 16 bits', fileAround(DEEP)],
  ])('%s is corrupt as an image and as a file', async (_title, file) => {
    expect(await outcomeOf(file)).toBe('corrupt');
    await expect(decompressPng(file)).rejects.toMatchObject({ code: 'corrupt' });
  });

  it('of other channels is no image of the header', async () => {
    expect(await outcomeOf(fileAround(GRAY, { channels: 3 }))).toBe('corrupt');
  });

  it('that is sound comes back', async () => {
    expect(await outcomeOf(fileAround(GRAY))).toMatchObject({ channels: 1, bitDepth: 8 });
    expect(await decompressPng(fileAround(DEEP, { bitDepth: 16 }))).toEqual(DEEP);
  });
});

describe('a small file that claims 65535 x 2000 pixels', () => {
  it.each([
    ['gray', { channels: 1 }, 0],
    ['gray', { channels: 1 }, 100],
    ['RGB', { channels: 3 }, 1000],
    ['RGB in 16 steps', { channels: 3, numSteps: 16 }, 5000],
    ['RGBA with constant alpha', { channels: 4, alphaLength: 2 }, 1000],
    ['16 bits that repeat', { channels: 3, bitDepth: 16, lowLength: 2 }, 1000],
    ['16 bits, modelled', { channels: 1, bitDepth: 16, lowLength: 900 }, 1000],
  ] as const)('%s %j with %i bytes of noise fails fast and takes little memory', async (_title, fields, size) => {
    const file = fileOf({ height: 65_535, width: 2000, ...fields }, size);
    if ('alphaLength' in fields) file.set([0, 7], file.length - size);
    const started = performance.now();
    const before = process.memoryUsage().arrayBuffers;
    expect(await outcomeOf(file)).toBeTypeOf('string');
    expect(performance.now() - started).toBeLessThan(2000);
    // One plane of such an image is 131 MB.
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(50_000_000);
  });
});

it('readHeader refuses what decompress refuses by the header', () => {
  for (const name of fixtureNames('images'))
    expect(() => readHeader(readFixture(`images/${name}`))).toThrow(CodecError);
  expect(() => readHeader(HUGE)).toThrow(expect.objectContaining({ code: 'too-large' }));
});
