import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { crc32 } from '../../src/container/checksum.ts';
import {
  decodeHeader,
  encodeHeader,
  encodeHeaderStart,
  type Header,
  imageChecksum,
  versionOf,
} from '../../src/container/header.ts';
import {
  DIFFUSION_STEPS,
  hasAlphaSection,
  hasLowSection,
  isAbsorbingPayload,
  isKept,
  isOriginalPayload,
} from '../../src/container/payload-kind.ts';
import { STEP_COUNTS } from '../../src/diffusion/chains.ts';
import type { BitDepth, ChannelCount } from '../../src/image/image.ts';

const HEADER: Header = {
  version: 6,
  modelId: 0xdead_beef,
  height: 32,
  width: 300,
  channels: 3,
  bitDepth: 8,
  numSteps: 8,
  checksum: 0x8123_4567,
  alphaLength: 0,
  lowLength: 0,
  hasOriginal: false,
  originalLength: 0,
};
const BYTES = [0x76, 0x64, 0x6d, 0x7a, 6, 3, 32, 0xac, 2, 8, 0xde, 0xad, 0xbe, 0xef, 0x81, 0x23, 0x45, 0x67];
/** The same image with alpha, whose section of 5 bytes follows. */
const ALPHA_BYTES = [...BYTES.slice(0, 5), 4, ...BYTES.slice(6), 5, 0, 0, 0, 0, 0];
/** The original PNG of that image. */
const KEPT_BYTES = [...BYTES.slice(0, 9), 3, ...BYTES.slice(14)];
/** The same image by absorbing diffusion. */
const ABSORBING_BYTES = [...BYTES.slice(0, 4), 9, ...BYTES.slice(5, 9), 6, ...BYTES.slice(10)];

const uint32 = fc.integer({ min: 0, max: 0xffff_ffff });
const headers: fc.Arbitrary<Header> = fc
  .record({
    modelId: uint32,
    height: fc.integer({ min: 1, max: 65_535 }),
    width: fc.integer({ min: 1, max: 2_048 }),
    channels: fc.constantFrom<ChannelCount[]>(1, 2, 3, 4),
    bitDepth: fc.constantFrom<BitDepth[]>(8, 16),
    numSteps: fc.constantFrom(0, 1, 2, 3, 4, 5, 6, 8, 16),
    checksum: uint32,
    hasOriginal: fc.boolean(),
    alphaLength: fc.integer({ min: 0, max: 300 }),
    lowLength: fc.integer({ min: 0, max: 300 }),
    originalLength: fc.integer({ min: 0, max: 300 }),
  })
  .map((header) => ({
    ...header,
    version: versionOf(header),
    modelId: isKept(header) ? 0 : header.modelId,
    alphaLength: hasAlphaSection(header) ? header.alphaLength : 0,
    lowLength: hasLowSection(header) ? header.lowLength : 0,
    ...(header.hasOriginal && !isOriginalPayload(header) ? someOriginal(header) : NO_ORIGINAL),
  }));

const someOriginal = ({ originalLength }: Pick<Header, 'originalLength'>) => ({
  originalLength: Math.max(originalLength, 1),
});
const NO_ORIGINAL = { hasOriginal: false, originalLength: 0 };

describe('header', () => {
  it('has the documented bytes', () => {
    expect([...encodeHeader(HEADER)]).toEqual(BYTES);
    expect([...encodeHeader({ ...HEADER, channels: 4, alphaLength: 5 })]).toEqual(ALPHA_BYTES.slice(0, -5));
    expect([...encodeHeader({ ...HEADER, modelId: 0, numSteps: 3 })]).toEqual(KEPT_BYTES);
    expect([...encodeHeader({ ...HEADER, version: 9, numSteps: 6 })]).toEqual(ABSORBING_BYTES);
  });

  it('takes at most 16 bytes beside an original file', () => {
    const kept = { ...HEADER, modelId: 0, numSteps: 3, channels: 4, bitDepth: 16 } as const;
    expect(encodeHeader({ ...kept, height: 65_535, width: 2048 })).toHaveLength(16);
    expect(encodeHeader({ ...kept, height: 2047, width: 65_535 })).toHaveLength(16);
  });

  it('takes at most 18 bytes for a small RGB image', () => {
    expect(encodeHeader({ ...HEADER, height: 32, width: 32 })).toHaveLength(17);
  });

  it('round-trips', () => {
    fc.assert(
      fc.property(headers, (header) => {
        const bytes = encodeHeader(header);
        const file = Uint8Array.from([
          ...bytes,
          ...new Uint8Array(header.alphaLength + header.lowLength + header.originalLength),
        ]);
        expect(decodeHeader(file)).toEqual({ header, payloadOffset: bytes.length });
      }),
    );
  });

  it('gives the same bytes again for everything it accepts', () => {
    const changed = fc.tuple(
      fc.constantFrom(BYTES, ALPHA_BYTES, KEPT_BYTES, ABSORBING_BYTES),
      fc.nat({ max: 17 }),
      fc.nat({ max: 255 }),
    );
    fc.assert(
      fc.property(changed, ([original, index, byte]) => {
        const file = Uint8Array.from(original);
        file[index] = byte;
        try {
          const { header, payloadOffset } = decodeHeader(file);
          expect(encodeHeader(header)).toEqual(file.slice(0, payloadOffset));
        } catch (error) {
          expect(error).toMatchObject({ name: 'CodecError' });
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('reads a file that lies within a larger buffer', () => {
    const larger = Uint8Array.from([9, 9, 9, ...BYTES, 9]);
    expect(decodeHeader(larger.subarray(3, -1))).toEqual({ header: HEADER, payloadOffset: BYTES.length });
  });

  it.each([BYTES, ALPHA_BYTES, KEPT_BYTES, ABSORBING_BYTES])(
    'is truncated at every shorter length (%#)',
    (...bytes) => {
      for (let length = 1; length < bytes.length; length++) {
        const code = 'truncated';
        expect(() => decodeHeader(Uint8Array.from(bytes.slice(0, length)))).toThrow(expect.objectContaining({ code }));
      }
    },
  );

  const withBytes = (offset: number, ...bytes: number[]) => [
    ...BYTES.slice(0, offset),
    ...bytes,
    ...BYTES.slice(offset + bytes.length),
  ];
  it.each([
    ['no bytes', [], 'not-our-format'],
    ['another magic', withBytes(3, 0x78), 'not-our-format'],
    ['a short file of another format', [0x50, 0x4b], 'not-our-format'],
    ['version 1', withBytes(4, 1), 'unsupported-version'],
    ['an earlier version', withBytes(4, 5), 'unsupported-version'],
    ['a later version', withBytes(4, 12), 'unsupported-version'],
    ['a later version that is cut', withBytes(4, 12).slice(0, 5), 'unsupported-version'],
    ['version 9 of Gaussian diffusion', withBytes(4, 9), 'corrupt'],
    ['version 9 of an original file', [...KEPT_BYTES.slice(0, 4), 9, ...KEPT_BYTES.slice(5)], 'corrupt'],
    ['version 6 of absorbing diffusion', withBytes(9, 6), 'corrupt'],
    ['the steps of version 8', withBytes(9, 7), 'corrupt'],
    ['them in version 9', [...ABSORBING_BYTES.slice(0, 9), 7, ...ABSORBING_BYTES.slice(10)], 'corrupt'],
    ['steps of bands in version 6', withBytes(9, 9), 'corrupt'],
    ['steps of bands in version 9', [...ABSORBING_BYTES.slice(0, 9), 9, ...ABSORBING_BYTES.slice(10)], 'corrupt'],
    ['version 10 without bands', [...ABSORBING_BYTES.slice(0, 4), 10, ...ABSORBING_BYTES.slice(5)], 'corrupt'],
    ['steps that there are not', withBytes(9, 10), 'corrupt'],
    ['0 channels', withBytes(5, 0), 'corrupt'],
    ['5 channels', withBytes(5, 5), 'corrupt'],
    ['a reserved bit', withBytes(5, 0x23), 'corrupt'],
    ['height 0', withBytes(6, 0), 'corrupt'],
    ['a longer encoding of the height', [...BYTES.slice(0, 6), 0xa0, 0, ...BYTES.slice(7)], 'corrupt'],
    ['a height of 65536', [...BYTES.slice(0, 6), 0x80, 0x80, 4, ...BYTES.slice(7)], 'too-large'],
    ['60000 x 60000', [...BYTES.slice(0, 6), 0xe0, 0xd4, 3, 0xe0, 0xd4, 3, ...BYTES.slice(9)], 'too-large'],
    ['an empty original section', [...withBytes(5, 0x83), 0], 'corrupt'],
    [
      'an original file with an original section',
      [...KEPT_BYTES.slice(0, 5), 0x83, ...KEPT_BYTES.slice(6), 1, 0],
      'corrupt',
    ],
  ])('refuses %s', (_title, bytes, code) => {
    expect(() => decodeHeader(Uint8Array.from(bytes))).toThrow(expect.objectContaining({ name: 'CodecError', code }));
  });

  it.each([
    [5, 'an older', BYTES],
    [7, 'an older', ABSORBING_BYTES],
    [8, 'an older', [...ABSORBING_BYTES.slice(0, 9), 7, ...ABSORBING_BYTES.slice(10)]],
    [12, 'a newer', ABSORBING_BYTES],
  ])('refuses version %i with advice: %s program', (version, age, bytes) => {
    const message = `file has format version ${version}, this program reads versions 6, 9, 10 and 11; use ${age} program`;
    expect(() => decodeHeader(Uint8Array.from(bytes).with(4, version))).toThrow(
      expect.objectContaining({ name: 'CodecError', code: 'unsupported-version', message, byteOffset: 4 }),
    );
  });

  it.each([
    ['version', 9],
    ['modelId', -1],
    ['modelId', 0x1_0000_0000],
    ['height', 0],
    ['height', 65_536],
    ['width', 1.5],
    ['channels', 5],
    ['numSteps', -1],
    ['numSteps', 256],
    ['numSteps', 7],
    ['numSteps', 9],
    ['numSteps', 10],
    ['numSteps', 0],
    ['checksum', -1],
    ['alphaLength', 1],
  ])('cannot encode %s = %d', (field, value) => {
    expect(() => encodeHeader({ ...HEADER, [field]: value })).toThrow(RangeError);
  });

  it.each([
    { version: 6, numSteps: 6 },
    { version: 6, numSteps: 7 },
    { version: 7, numSteps: 6 },
    { version: 8, numSteps: 6 },
    { version: 8, numSteps: 7 },
    { version: 9, numSteps: 7 },
    { version: 9, numSteps: 8 },
    { version: 9, numSteps: 9 },
    { version: 10, numSteps: 6 },
    { version: 10, numSteps: 10 },
    { version: 11, numSteps: 9 },
    { version: 9, numSteps: 0, modelId: 0 },
  ])('cannot encode %j', (fields) => {
    expect(() => encodeHeader({ ...HEADER, ...(fields as object) })).toThrow(RangeError);
  });

  it('cannot encode more pixels than the limit', () => {
    expect(() => encodeHeader({ ...HEADER, height: 65_535, width: 65_535 })).toThrow(RangeError);
  });
});

it('knows the steps of diffusion that there are', () => {
  expect(DIFFUSION_STEPS).toEqual(STEP_COUNTS);
});

it('states version 9 for absorbing diffusion alone, 10 where it is in bands and 11 after a small image, which need a model', () => {
  const all = Array.from({ length: 256 }, (_, numSteps) => ({ numSteps }));
  expect(all.filter((steps) => versionOf(steps) === 9)).toEqual([{ numSteps: 6 }]);
  expect(all.filter((steps) => versionOf(steps) === 10)).toEqual([{ numSteps: 9 }]);
  expect(all.filter((steps) => versionOf(steps) === 11)).toEqual([{ numSteps: 10 }]);
  expect(all.filter((steps) => versionOf(steps) === 6).length).toBe(253);
  expect(all.filter(isAbsorbingPayload)).toEqual([{ numSteps: 6 }, { numSteps: 9 }, { numSteps: 10 }]);
  expect(all.filter(isAbsorbingPayload).some(isKept)).toBe(false);
});

describe('imageChecksum', () => {
  const data = Uint8Array.of(1, 2, 3, 250);

  it('is the CRC-32 of the bytes before it and the pixels', () => {
    const start = encodeHeaderStart(HEADER);
    expect([...start]).toEqual(BYTES.slice(0, 14));
    expect(imageChecksum(start, data)).toBe(crc32(Uint8Array.from([...start, ...data])));
  });

  it('can be checked from the decoded header', () => {
    const checksum = imageChecksum(encodeHeaderStart(HEADER), data);
    const { header } = decodeHeader(encodeHeader({ ...HEADER, checksum }));
    expect(imageChecksum(encodeHeaderStart(header), data)).toBe(header.checksum);
    expect(imageChecksum(encodeHeaderStart({ ...header, numSteps: 16 }), data)).not.toBe(header.checksum);
  });
});
