import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeVarint, encodeVarint } from '../../src/container/varint.ts';
import type { ChannelCount, Image16 } from '../../src/image/image.ts';
import { decodeLow, encodeLow } from '../../src/low-bits/low-section.ts';
import { highImage, splitImage } from '../../src/low-bits/split.ts';
import { DEEP_CONTENT_NAMES, makeDeepImage } from '../helpers/deep-images.ts';
import { decodeModelled } from '../helpers/reference-low-bits.ts';

const METHODS = { repeated: 0, plain: 1, modelled: 2 };

/** Encodes and decodes; of a modelled section, the reference decoder must give the same samples. */
async function checkSection(image: Image16): Promise<Uint8Array> {
  const split = splitImage(image);
  const section = await encodeLow(split);
  expect(await decodeLow(section, highImage(split))).toEqual(image);
  if (section[0] === METHODS.modelled) expect(decodeModelled(section, split)).toEqual([...image.data]);
  return section;
}

describe('low bits come back, also from the reference decoder,', () => {
  const SIZES = [
    [1, 1],
    [1, 9],
    [9, 1],
    [2, 2],
    [13, 7],
  ] as const;

  it.each(DEEP_CONTENT_NAMES)('of %s', async (content) => {
    for (const [height, width] of SIZES) {
      for (const channels of [1, 2, 3, 4] as const) {
        const image = makeDeepImage(content, { height, width, channels });
        // A start, and a byte for each sample.
        expect((await checkSection(image)).length).toBeLessThanOrEqual(2 + image.data.length);
      }
    }
  });

  it('of an image of several blocks, each of whole rows', async () => {
    const image = makeDeepImage('smooth', { height: 5, width: 60_000, channels: 1 });
    const section = await encodeLow(splitImage(image));
    expect(await decodeLow(section, highImage(splitImage(image)))).toEqual(image);
    expect(section[0]).toBe(METHODS.modelled);
  });

  it('of anything', async () => {
    const bits = fc.constantFrom(16, 12, 9, 8, 3);
    const images = fc
      .tuple(
        fc.constantFrom<ChannelCount[]>(1, 2, 3, 4),
        fc.integer({ min: 1, max: 9 }),
        bits,
        fc.integer({ min: 1, max: 9 }),
      )
      .chain(([channels, width, depth, height]) =>
        fc
          .array(fc.integer({ min: 0, max: 2 ** depth - 1 }), {
            minLength: height * width * channels,
            maxLength: height * width * channels,
          })
          .map((values): Image16 => {
            return { height, width, channels, bitDepth: 16, data: Uint16Array.from(values) };
          }),
      );
    await fc.assert(
      fc.asyncProperty(images, async (image) => {
        await checkSection(image);
      }),
      { numRuns: 60, seed: 1 },
    );
  });
});

describe('a section', () => {
  const bytesOf = async (content: (typeof DEEP_CONTENT_NAMES)[number], channels: ChannelCount) =>
    (await encodeLow(splitImage(makeDeepImage(content, { height: 90, width: 120, channels })))).length;

  it('is 2 bytes where low bits repeat the high ones', async () => {
    expect(await bytesOf('widened', 3)).toBe(2);
    expect(await bytesOf('widened', 4)).toBe(2);
    expect(await bytesOf('black', 1)).toBe(2);
    expect(await bytesOf('white', 2)).toBe(2);
    expect(await bytesOf('darkest', 3)).toBe(2);
  });

  it('is no more than the low bits of noise, and its start', async () => {
    expect(await bytesOf('noise', 3)).toBe(2 + 90 * 120 * 3);
  });

  it('is next to nothing where low bits are always the same', async () => {
    expect(await bytesOf('flat', 4)).toBeLessThan(60);
    // 4 bits of 8 are 0.
    expect(await bytesOf('shifted', 1)).toBeLessThan((await bytesOf('smooth', 1)) + 100);
  });

  it('is small where samples are smooth', async () => {
    // Without a model 10,800 bytes a channel.
    expect(await bytesOf('smooth', 1)).toBeLessThan(3000);
    expect(await bytesOf('smooth', 3)).toBeLessThan(9000);
    // 2 bits of noise are 2,700 bytes, 4 low bits 5,400.
    expect(await bytesOf('dark', 1)).toBeLessThan(4000);
  });

  it('reports how far it is, and stops when it is told to', async () => {
    const split = splitImage(makeDeepImage('smooth', { height: 5, width: 60_000, channels: 1 }));
    const fractions: number[] = [];
    const section = await encodeLow(split, { onProgress: (fraction) => fractions.push(fraction) });
    expect(fractions).toEqual([4 / 5, 1]);
    const reason = new Error('stopped');
    const signal = AbortSignal.abort(reason);
    await expect(encodeLow(split, { signal })).rejects.toBe(reason);
    await expect(decodeLow(section, highImage(split), { signal })).rejects.toBe(reason);
  });
});

describe('a damaged section', () => {
  const image = makeDeepImage('smooth', { height: 16, width: 25, channels: 1 });
  const split = splitImage(image);
  const high = highImage(split);
  const noise = makeDeepImage('noise', { height: 6, width: 5, channels: 3 });
  const sound = encodeLow(split);

  it.each([
    ['without bytes', 'truncated', () => []],
    ['of its method alone', 'truncated', () => [0]],
    ['of method 3', 'corrupt', () => [3, 8]],
    ['of a shift of 9', 'corrupt', () => [0, 9]],
    ['that goes on after repeating', 'corrupt', () => [0, 8, 0]],
    ['of too few plain bytes', 'truncated', () => [1, 8, ...new Array<number>(399).fill(1)]],
    ['of too many plain bytes', 'corrupt', () => [1, 8, ...new Array<number>(401).fill(1)]],
    ['of plain bytes with too many bits', 'corrupt', () => [1, 7, ...new Array<number>(400).fill(128)]],
    ['without blocks', 'truncated', () => [2, 8]],
    ['of a block that is longer than the section', 'truncated', () => [2, 8, 200, 1, 1, 2, 3]],
    ['of an empty block', 'truncated', () => [2, 8, 0]],
    ['of a block of 2 bytes', 'corrupt', () => [2, 8, 2, 1, 2]],
    ['that goes on after its last block', 'corrupt', (bytes: Uint8Array) => [...bytes, 0]],
    ['whose block goes on', 'corrupt', (bytes: Uint8Array) => lengthened(bytes)],
  ])('%s is refused: %s', async (_title, code, make) => {
    const section = Uint8Array.from(make(await sound));
    await expect(decodeLow(section, high)).rejects.toMatchObject({ name: 'CodecError', code });
  });

  it('is refused at whatever length it is cut off', async () => {
    for (const source of [image, noise]) {
      const parts = splitImage(source);
      const section = await encodeLow(parts);
      for (let length = 0; length < section.length; length++) {
        const decoding = decodeLow(section.subarray(0, length), highImage(parts));
        await expect(decoding).rejects.toMatchObject({ name: 'CodecError' });
      }
    }
  });

  it('gives an error or other samples when a byte changes, never a hang', async () => {
    const section = await sound;
    expect(section[0]).toBe(METHODS.modelled);
    for (let at = 0; at < section.length; at++) {
      const damaged = section.slice();
      damaged[at]! ^= 0x41;
      const outcome = await decodeLow(damaged, high).catch((error) => error);
      expect(outcome).not.toEqual(image);
      if (outcome instanceof Error) expect(outcome.name).toBe('CodecError');
    }
  });
});

/** With a word more below the stack of the only block. */
function lengthened(section: Uint8Array): number[] {
  const length = decodeVarint(section, 2);
  return [...section.subarray(0, 2), ...encodeVarint(length.value + 3), ...section.subarray(length.end), 1, 2, 3];
}
