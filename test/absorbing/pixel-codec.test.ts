import { afterEach, describe, expect, it, vi } from 'vitest';
import { Adaptation } from '../../src/absorbing/adaptation.ts';
import { ColourCoding } from '../../src/absorbing/colour-coding.ts';
import { diagonalAt, diagonalCount, SLOPE } from '../../src/absorbing/diagonals.ts';
import { KernelPredictor } from '../../src/absorbing/kernel-predictor.ts';
import type { Pixels } from '../../src/absorbing/neighbourhood.ts';
import {
  decodePixels,
  encodePixels,
  type PixelCoding,
  popPixels,
  pushPixels,
} from '../../src/absorbing/pixel-codec.ts';
import { DenseKernel } from '../../src/kernels/dense.ts';
import { loadDense, loadSharedDense } from '../../src/kernels/load.ts';
import { pixelCodingOf, pixelsOf } from '../../src/open-pixels.ts';
import { AnsStack } from '../../src/rans/ans-stack.ts';
import { tinyPixels } from '../helpers/fixtures.ts';
import { makeGaps } from '../helpers/gaps.ts';
import { CONTENT_NAMES } from '../helpers/images.ts';
import { copyOf, lenderOf, makePixels, plainCoding } from '../helpers/pixels.ts';
import { stackOfBytes } from '../helpers/stacks.ts';

afterEach(() => vi.restoreAllMocks());

const kernelCoding = (planes: 1 | 3, threads = 1): PixelCoding => ({
  ...plainCoding(planes),
  predictors: lenderOf(
    new KernelPredictor(tinyPixels.weights, new DenseKernel((threads > 1 ? loadSharedDense : loadDense)()!, threads)),
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

  it.each([1, 3] as const)(
    'is the same where threads share the batches, and comes off by others: %i planes',
    async (planes) => {
      // Batches of up to 40 rows, and pixels enough for colours that weigh.
      const pixels = pixelsOf(makeGaps({ height: 40, width: 240, channels: planes }));
      const codings = [plainCoding(planes), kernelCoding(planes), kernelCoding(planes, 2)];
      const stacks: Uint8Array[] = [];
      for (const coding of codings) {
        const stack = new AnsStack();
        await pushPixels(stack, copyOf(pixels), coding);
        stacks.push(stack.toBytes());
      }
      for (const bytes of stacks) expect(bytes).toEqual(stacks[0]);
      for (const coding of codings)
        expect(await popped(AnsStack.fromBytes(stacks[0]!), pixels, coding)).toEqual(pixels);
    },
  );

  it('is the same after an image that was given up while threads were at it', async () => {
    const pixels = pixelsOf(makeGaps({ height: 60, width: 300, channels: 3 }));
    const coding = kernelCoding(3, 2);
    const reason = new Error('given up');
    const onProgress = async (fraction: number) => {
      if (fraction > 0.5) throw reason;
    };
    await expect(pushPixels(new AnsStack(), copyOf(pixels), { ...coding, onProgress })).rejects.toBe(reason);
    const [stack, expected] = [new AnsStack(), new AnsStack()];
    await pushPixels(stack, copyOf(pixels), coding);
    await pushPixels(expected, copyOf(pixels), CODINGS[3]);
    expect(stack.toBytes()).toEqual(expected.toBytes());
  });

  it.each([1, 2])('is the same when two images are coded at once by one model with %i threads', async (threads) => {
    const codingOf = (channels: 1 | 3) => pixelCodingOf({ weights: tinyPixels.weights, channels }, { threads });
    const other = makePixels('noise', { height: 50, width: 41, planes: 1 });
    const alone = new AnsStack();
    await pushPixels(alone, pixels, CODINGS[3]);
    const together = [new AnsStack(), new AnsStack()] as const;
    await Promise.all([pushPixels(together[0], pixels, codingOf(3)), pushPixels(together[1], other, codingOf(1))]);
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
  const sizeOf = async (pixels: Pixels, coding: PixelCoding) =>
    (await encoded(pixels, coding)).reduce((sum, { length }) => sum + length, 0);

  it.each([1, 3] as const)('make an image with gaps in its histogram smaller: %i planes', async (planes) => {
    const pixels = pixelsOf(makeGaps({ height: 64, width: 72, channels: planes }));
    const [plain, kernel] = [plainCoding(planes), CODINGS[planes]];
    const stacks = await encoded(pixels, kernel);
    expect(await encoded(pixels, plain)).toEqual(stacks);
    for (const coding of [plain, kernel]) expect(await decoded(stacks, pixels, coding)).toEqual(pixels);
    const size = await sizeOf(pixels, kernel);
    vi.spyOn(ColourCoding.prototype, 'pays', 'get').mockReturnValue(false);
    expect(size).toBeLessThan(0.97 * (await sizeOf(pixels, kernel)));
  });

  it('come back from a stack that has bits', async () => {
    const pixels = pixelsOf(makeGaps({ height: 70, width: 64, channels: 3 }));
    const stack = stackOfBytes(40);
    const before = stack.toBytes();
    await pushPixels(stack, copyOf(pixels), CODINGS[3]);
    expect(await popped(stack, pixels, CODINGS[3])).toEqual(pixels);
    expect(stack.toBytes()).toEqual(before);
  });

  it('of an image before are forgotten', async () => {
    const [before, pixels] = [
      makePixels('noise', { height: 80, width: 80 }),
      makePixels('gradient', { height: 64, width: 90 }),
    ];
    const alone = await encoded(pixels, kernelCoding(3));
    const coding = kernelCoding(3);
    for (const other of [before, makePixels('gradient', { height: 9, width: 9 })]) await encoded(other, coding);
    expect(await encoded(pixels, coding)).toEqual(alone);
  });

  it.each(['noise', 'black', 'corners', 'redBlue'] as const)('come back from %s', async (content) => {
    const pixels = makePixels(content, { height: 64, width: 64 });
    const stacks = await encoded(pixels, CODINGS[3]);
    expect(await decoded(stacks, pixels, CODINGS[3])).toEqual(pixels);
  });

  it.each([
    [63, 65, 0],
    [64, 64, 3],
    [4095, 1, 0],
    [1, 4096, 3],
  ])('are looked at in images of 4096 pixels or more: %i x %i', async (height, width, looks) => {
    const begin = vi.spyOn(ColourCoding.prototype, 'begin');
    await encoded(makePixels('gradient', { height, width }), CODINGS[3]);
    expect(begin).toHaveBeenCalledTimes(looks * diagonalCount({ height, width }));
  });
});

/** The intervals of all samples in the order of decoding: [batches][channels][samples] starts. */
async function startsOf(pixels: Pixels, planes: 1 | 3): Promise<number[][][]> {
  const starts: number[] = [];
  const push = vi.spyOn(AnsStack.prototype, 'push').mockImplementation((start) => void starts.push(start));
  await pushPixels(new AnsStack(), copyOf(pixels), CODINGS[planes]);
  push.mockRestore();
  return Array.from({ length: diagonalCount(pixels) }, (_, index) => {
    const { length } = diagonalAt(pixels, index);
    return Array.from({ length: planes }, () => Array.from({ length }, () => starts.pop()!));
  });
}

/** With another value of a channel at a place. */
function changed(pixels: Pixels, pixel: number, channel: number, planes: 1 | 3): Pixels {
  const other = copyOf(pixels);
  const value = (pixels.data[3 * pixel + channel]! + 90) & 255;
  if (planes === 1) other.data.fill(value, 3 * pixel, 3 * pixel + 3);
  else other.data[3 * pixel + channel] = value;
  return other;
}

describe('what a sample is', () => {
  const CHANNELS = { green: 1, red: 0, blue: 2 } as const;
  const cases = [
    { planes: 1, height: 24, width: 60, channel: 'green' },
    { planes: 1, height: 24, width: 180, channel: 'green' },
    { planes: 3, height: 24, width: 60, channel: 'green' },
    { planes: 3, height: 24, width: 60, channel: 'red' },
    { planes: 3, height: 24, width: 60, channel: 'blue' },
    { planes: 3, height: 24, width: 180, channel: 'red' },
  ] as const;

  it.each(cases)(
    'changes no other of its channel in its batch: $channel, $planes planes, $height x $width',
    async ({ planes, channel, ...size }) => {
      const pixels = pixelsOf(makeGaps({ ...size, channels: planes }));
      const before = await startsOf(pixels, planes);
      const order = ['green', 'red', 'blue'].indexOf(channel);
      const index = diagonalCount(size) - 60;
      const { row, column, length } = diagonalAt(size, index);
      expect(length).toBeGreaterThan(5);
      for (let i = 0; i < length; i += 2) {
        const pixel = (row + i) * size.width + column - SLOPE * i;
        const after = await startsOf(changed(pixels, pixel, CHANNELS[channel], planes), planes);
        expect(after.slice(0, index)).toEqual(before.slice(0, index));
        expect(after[index]!.slice(0, order)).toEqual(before[index]!.slice(0, order));
        const others = (starts: number[][]) => starts.map((channels) => channels.toSpliced(i, 1));
        expect(others(after[index]!)[order]).toEqual(others(before[index]!)[order]);
        expect(after[index]![order]![i]).not.toBe(before[index]![order]![i]);
        // It is learned from when the channel ends.
        expect(after[index + 1]).not.toEqual(before[index + 1]);
      }
    },
  );
});

it.each([
  [1, 1],
  [3, 1],
  [16, 1],
  [17, 1],
  [33, 3],
  [100, 1],
  [300, 1],
] as const)('of a batch of %i rows experts are judged by 16 samples at most', async (height, planes) => {
  const calls: string[] = [];
  for (const name of ['learn', 'judge', 'endBatch'] as const) {
    const original = Adaptation.prototype[name] as (...args: unknown[]) => void;
    vi.spyOn(Adaptation.prototype, name).mockImplementation(function note(this: Adaptation, ...args: unknown[]) {
      calls.push(name === 'endBatch' ? name : `${name} ${args[0]} of ${args[1]}`);
      original.apply(this, args);
    } as never);
  }
  const pixels = makePixels('gradient', { height, width: Math.min(5 * height + 3, 1400), planes });
  await encoded(pixels, CODINGS[planes]);
  // Diagonals in parts of 256 pixels, as few as there can be.
  const lengths = Array.from({ length: diagonalCount(pixels) }, (_, index) => diagonalAt(pixels, index).length);
  const batches = lengths.flatMap((length) => (length > 256 ? [256, length - 256] : [length]));
  const expected = batches.flatMap((length) => {
    const stride = Math.ceil(length / 16);
    const channel = (plane: number) =>
      Array.from({ length }, (_, i) => [
        `learn ${i} of ${plane}`,
        ...(i % stride === 0 ? [`judge ${i} of ${plane}`] : []),
      ]).flat();
    const all = Array.from({ length: planes }, (_, plane) => channel(plane));
    for (const list of all) expect(list.length - length).toBeLessThanOrEqual(16);
    return [...all.flat(), 'endBatch'];
  });
  expect(calls.length).toBe(expected.length);
  expect(calls.join() === expected.join()).toBe(true);
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
