/** The example of absorbing diffusion in docs/format.md, byte by byte and step by step. */
import { readFileSync } from 'node:fs';
import { afterEach, expect, it, vi } from 'vitest';
import { decodePixels } from '../../src/absorbing/pixel-codec.ts';
import { PixelMixture } from '../../src/absorbing/pixel-mixture.ts';
import { compress } from '../../src/compress.ts';
import { decodeHeader } from '../../src/container/header.ts';
import { decompress } from '../../src/decompress.ts';
import { readImage } from '../../src/image/read-image.ts';
import { pixelCodingOf } from '../../src/open-pixels.ts';
import { AnsStack } from '../../src/rans/ans-stack.ts';
import { tinyPixels as model } from '../helpers/fixtures.ts';
import { blocksOf, bytesOf } from '../helpers/format-document.ts';

const [EXAMPLE] = blocksOf('absorbing');
const BYTES = bytesOf(EXAMPLE!.lines);
const NAMES = ['green', 'red', 'blue'];

afterEach(() => vi.restoreAllMocks());

it('the image compresses to the bytes in the document, and comes back', async () => {
  const image = await readImage(readFileSync(EXAMPLE!.name));
  expect(await compress(image, { model, method: 'diffusion' })).toEqual(BYTES);
  expect(await decompress(BYTES, { model })).toEqual(image);
});

/** The stack behind each symbol, and the mixture before it. */
class Trace {
  readonly lines: string[] = [];
  private readonly stack: AnsStack;

  constructor(stack: AnsStack) {
    this.stack = stack;
  }

  say(text: string): void {
    const bytes = this.stack.toBytes();
    const words = bytes.length === 0 ? 0 : (bytes.length - 4) / 3;
    const state = bytes.length === 0 ? '10000000' : Buffer.from(bytes.subarray(0, 4)).toString('hex');
    this.lines.push(`${text.padEnd(66)}  ${words} words, ${state}`);
  }

  mixture(channel: number, base: number, mixture: PixelMixture): void {
    const { means16, scales, shares } = mixture as unknown as Record<'means16' | 'scales' | 'shares', Float64Array>;
    const steps = Array.from(shares, (share) => Math.round(-16 * Math.log2(share)));
    const parts = `mean16 ${means16.join(' ')}, scale ${scales.join(' ')}, d ${steps.join(' ')}`;
    this.lines.push(`${NAMES[channel]}: base ${base}, ${parts}`);
  }
}

it('the stack is as the document says after each value', async () => {
  const stack = AnsStack.fromBytes(BYTES.subarray(decodeHeader(BYTES).payloadOffset));
  const trace = new Trace(stack);
  trace.say('start');
  const { set, pop } = PixelMixture.prototype;
  let channel = 0;
  vi.spyOn(PixelMixture.prototype, 'set').mockImplementation(function (this: PixelMixture, rows, row, base, spread) {
    set.call(this, rows, row, base, spread);
    trace.mixture(channel++, base, this);
  });
  vi.spyOn(PixelMixture.prototype, 'pop').mockImplementation(function (this: PixelMixture, from) {
    const value = pop.call(this, from);
    trace.say(`pop [${this.start(value)}, ${this.start(value + 1)}) -> ${value}`);
    return value;
  });
  const pixels = { height: 1, width: 1, data: new Uint8Array(3) };
  await decodePixels(
    pixels,
    pixelCodingOf({ weights: model.weights, channels: 3 }, { engine: 'reference' }),
    () => stack,
  );
  expect(trace.lines).toEqual(blocksOf('absorbing-trace')[0]!.lines);
});
