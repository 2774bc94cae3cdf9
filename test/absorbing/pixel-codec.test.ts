import { describe, expect, it } from 'vitest';
import type { Pixels } from '../../src/absorbing/neighbourhood.ts';
import {
  decodePixels,
  encodePixels,
  type PixelCoding,
  popPixels,
  pushPixels,
} from '../../src/absorbing/pixel-codec.ts';
import { createPixelNetwork } from '../../src/absorbing/pixel-network.ts';
import { DenseKernel } from '../../src/kernels/dense.ts';
import { loadDense, loadSharedDense } from '../../src/kernels/load.ts';
import { pixelsOf } from '../../src/open-pixels.ts';
import { AnsStack } from '../../src/rans/ans-stack.ts';
import { tinyPixels } from '../helpers/fixtures.ts';
import { makeGaps } from '../helpers/gaps.ts';
import { CONTENT_NAMES } from '../helpers/images.ts';
import { copyOf, makePixels, plainCoding } from '../helpers/pixels.ts';
import { stackOfBytes } from '../helpers/stacks.ts';

const kernelCoding = (planes: 1 | 3, threads = 1): PixelCoding => ({
  ...plainCoding(planes),
  network: createPixelNetwork(
    tinyPixels.weights,
    new DenseKernel((threads > 1 ? loadSharedDense : loadDense)()!, threads),
  ),
});

const CODINGS = { 1: kernelCoding(1), 3: kernelCoding(3) } as const;

/** What comes off, into pixels that hold other things. */
async function popped(stack: AnsStack, { height, width }: Pixels, coding: PixelCoding): Promise<Pixels> {
  const pixels = { height, width, data: new Uint8Array(height * width * 3).fill(201) };
  await popPixels(stack, pixels, coding);
  return pixels;
}

async function checkPixels(pixels: Pixels, planes: 1 | 3): Promise<void> {
  const stack = stackOfBytes(40);
  const before = stack.toBytes();
  const given = copyOf(pixels);
  await pushPixels(stack, given, CODINGS[planes]);
  expect(given).toEqual(pixels);
  expect(await popped(stack, pixels, CODINGS[planes])).toEqual(pixels);
  expect(stack.toBytes()).toEqual(before);
}

const SIZES = [
  [1, 1],
  [1, 17],
  [17, 1],
  [2, 2],
  [13, 7],
  [5, 40],
] as const;

describe('pixels on a stack that has bits', () => {
  const cases = SIZES.flatMap(([height, width]) => ([1, 3] as const).map((planes) => ({ height, width, planes })));
  it.each(cases)('come back: $height x $width, $planes planes', async ({ planes, ...size }) => {
    for (const content of CONTENT_NAMES) await checkPixels(makePixels(content, { ...size, planes }), planes);
  });
});

describe('the stack', () => {
  const pixels = makePixels('gradient', { height: 45, width: 60 });

  it('is the same from plain TypeScript, the kernel and threads', async () => {
    const stacks = [plainCoding(3), kernelCoding(3), kernelCoding(3, 2), kernelCoding(3, 4)].map(async (coding) => {
      const stack = new AnsStack();
      await pushPixels(stack, copyOf(pixels), coding);
      return stack.toBytes();
    });
    const [plain, ...others] = await Promise.all(stacks);
    for (const bytes of others) expect(bytes).toEqual(plain);
    expect(await popped(AnsStack.fromBytes(plain!), pixels, plainCoding(3))).toEqual(pixels);
  });

  it('is the same when two images are coded at once on one network', async () => {
    const other = makePixels('noise', { height: 50, width: 41, planes: 1 });
    const alone = new AnsStack();
    await pushPixels(alone, pixels, CODINGS[3]);
    const busy = { ...CODINGS[3], onProgress: () => new Promise<void>((resolve) => setImmediate(resolve)) };
    const together = [new AnsStack(), new AnsStack()] as const;
    await Promise.all([pushPixels(together[0], pixels, busy), pushPixels(together[1], other, { ...busy, planes: 1 })]);
    expect(together[0].toBytes()).toEqual(alone.toBytes());
    expect(await popped(together[1], other, CODINGS[1])).toEqual(other);
  });

  it.each([7, 10, 25, 100])('that is cut after %i bytes is truncated', async (length) => {
    const stack = new AnsStack();
    await pushPixels(stack, pixels, CODINGS[3]);
    const cut = AnsStack.fromFirstBytes(stack.toBytes().subarray(0, length));
    const error = { name: 'CodecError', code: 'truncated' };
    await expect(popped(cut, pixels, CODINGS[3])).rejects.toMatchObject(error);
  });

  it('that is cut gives the first pixels all the same', async () => {
    const stack = new AnsStack();
    await pushPixels(stack, pixels, CODINGS[3]);
    const bytes = stack.toBytes();
    const start = { ...pixels, data: new Uint8Array(pixels.data.length) };
    const cut = AnsStack.fromFirstBytes(bytes.subarray(0, bytes.length >> 1));
    await expect(popPixels(cut, start, CODINGS[3])).rejects.toMatchObject({ code: 'truncated' });
    expect(start.data.slice(0, 3 * 60)).toEqual(pixels.data.slice(0, 3 * 60));
  });
});

/** Decodes stacks in their byte form. */
async function decoded(stacks: readonly Uint8Array[], { height, width }: Pixels, coding: PixelCoding): Promise<Pixels> {
  const pixels = { height, width, data: new Uint8Array(height * width * 3).fill(201) };
  let next = 0;
  await decodePixels(pixels, coding, (isLast) => {
    expect(isLast).toBe(next === stacks.length - 1);
    return AnsStack.fromBytes(stacks[next++]!);
  });
  expect(next).toBe(stacks.length);
  return pixels;
}

async function encoded(pixels: Pixels, coding: PixelCoding): Promise<Uint8Array[]> {
  return (await encodePixels(pixels, coding)).map((stack) => stack.toBytes());
}

describe('stacks of segments', () => {
  const pixels = makePixels('gradient', { height: 13, width: 17 });

  it('of a small image are one, that of its pixels alone', async () => {
    const alone = new AnsStack();
    await pushPixels(alone, copyOf(pixels), CODINGS[3]);
    const stacks = await encoded(pixels, CODINGS[3]);
    expect(stacks).toEqual([alone.toBytes()]);
    expect(await decoded(stacks, pixels, CODINGS[3])).toEqual(pixels);
  });

  it('of a large image are several, with diagonals longer than a batch', async () => {
    const large = makePixels('flat', { height: 300, width: 1500, planes: 1 });
    const stacks = await encoded(large, CODINGS[1]);
    expect(stacks.length).toBe(2);
    const restored = await decoded(stacks, large, CODINGS[1]);
    expect(Buffer.compare(restored.data, large.data)).toBe(0);
  });

  it('that go on after the last pixel are corrupt, unless they may', async () => {
    const [longer] = await encodePixels(pixels, CODINGS[3]);
    const other = stackOfBytes(40);
    await pushPixels(other, copyOf(pixels), CODINGS[3]);
    expect(other.bitLength).toBeGreaterThan(longer!.bitLength);
    await expect(decoded([other.toBytes()], pixels, CODINGS[3])).rejects.toMatchObject({ code: 'corrupt' });
    expect(await decoded([other.toBytes()], pixels, { ...CODINGS[3], mayGoOn: true })).toEqual(pixels);
  });
});

describe('colours that weigh', () => {
  const weighing = (coding: PixelCoding): PixelCoding => ({ ...coding, weighsColours: true });
  const sizeOf = async (pixels: Pixels, coding: PixelCoding) =>
    (await encoded(pixels, coding)).reduce((sum, { length }) => sum + length, 0);

  it.each([1, 3] as const)('make an image with gaps in its histogram smaller: %i planes', async (planes) => {
    const pixels = pixelsOf(makeGaps({ height: 64, width: 72, channels: planes }));
    const [plain, kernel] = [weighing(plainCoding(planes)), weighing(CODINGS[planes])];
    const stacks = await encoded(pixels, kernel);
    expect(await encoded(pixels, plain)).toEqual(stacks);
    for (const coding of [plain, kernel]) expect(await decoded(stacks, pixels, coding)).toEqual(pixels);
    expect(await sizeOf(pixels, kernel)).toBeLessThan(0.97 * (await sizeOf(pixels, CODINGS[planes])));
  });

  it('come back from a stack that has bits', async () => {
    const pixels = pixelsOf(makeGaps({ height: 70, width: 64, channels: 3 }));
    const stack = stackOfBytes(40);
    const before = stack.toBytes();
    await pushPixels(stack, copyOf(pixels), weighing(CODINGS[3]));
    expect(await popped(stack, pixels, weighing(CODINGS[3]))).toEqual(pixels);
    expect(stack.toBytes()).toEqual(before);
  });

  it.each(['noise', 'black', 'corners', 'redBlue'] as const)('come back from %s', async (content) => {
    const pixels = makePixels(content, { height: 64, width: 64 });
    const stacks = await encoded(pixels, weighing(CODINGS[3]));
    expect(await decoded(stacks, pixels, weighing(CODINGS[3]))).toEqual(pixels);
  });

  it('weigh nothing in images of fewer than 4096 pixels', async () => {
    const pixels = pixelsOf(makeGaps({ height: 63, width: 65, channels: 3 }));
    expect(await encoded(pixels, weighing(CODINGS[3]))).toEqual(await encoded(pixels, CODINGS[3]));
  });
});

describe('progress', () => {
  it.each([
    [1, 1],
    [1, 16],
    [1, 17],
    [1, 40],
    [9, 23],
  ])('rises to 1 in both directions: %i x %i', async (height, width) => {
    const pixels = makePixels('gradient', { height, width });
    const stack = new AnsStack();
    for (const work of [pushPixels, popPixels]) {
      const heard: number[] = [];
      await work(stack, pixels, { ...CODINGS[3], onProgress: async (fraction) => void heard.push(fraction) });
      expect(heard.every((fraction, i) => fraction > (heard[i - 1] ?? 0))).toBe(true);
      expect(heard.at(-1)).toBe(1);
    }
  });
});
