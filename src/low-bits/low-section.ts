/**
 * The low section of a file: what the image of 8 bits leaves of samples of 16.
 *
 *     method (1) | shift of the colours (1)
 *     | method 1: a byte for each sample; method 2: for each block its length (varint) and its stack
 */
import { decodeVarint, encodeVarint } from '../container/varint.ts';
import { CodecError } from '../errors.ts';
import type { Image8, Image16 } from '../image/image.ts';
import { concatenate } from '../image/png-chunks.ts';
import { AnsStack } from '../rans/ans-stack.ts';
import { NotingBits, PoppingBits } from './bit-port.ts';
import { LowBitModel } from './low-bit-model.ts';
import { MAX_SHIFT, type SplitImage, shiftsOf } from './split.ts';

/** Low bits repeat the high ones, as in images of 8 bits that were widened. */
const METHOD_REPEATED = 0;
const METHOD_PLAIN = 1;
const METHOD_MODELLED = 2;
const START_BYTES = 2;

/** Most samples of a block, which bounds what an encoder has to note; a row is never more. */
const BLOCK_SAMPLES = 1 << 18;

export interface LowOptions {
  readonly onProgress?: ((fraction: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Encodes the low bits of an image by whichever method makes them smallest. */
export async function encodeLow(image: SplitImage, options: LowOptions = {}): Promise<Uint8Array> {
  const shift = image.shifts[0]!;
  if (isRepeated(image)) return Uint8Array.of(METHOD_REPEATED, shift);
  const modelled = concatenate(await encodeBlocks(image, options));
  return modelled.length < image.samples.length
    ? concatenate([Uint8Array.of(METHOD_MODELLED, shift), modelled])
    : concatenate([Uint8Array.of(METHOD_PLAIN, shift), plainOf(image)]);
}

/**
 * Decodes samples from their low bits and the image of their high bits.
 * @throws CodecError 'truncated' or 'corrupt'.
 */
export async function decodeLow(section: Uint8Array, high: Image8, options: LowOptions = {}): Promise<Image16> {
  if (section.length < START_BYTES) throw new CodecError('truncated', 'low section ends within its start');
  const [method, shift] = section as unknown as [number, number];
  if (shift > MAX_SHIFT) throw new CodecError('corrupt', `shift must be 0..${MAX_SHIFT}, found ${shift}`);
  const content = section.subarray(START_BYTES);
  checkLength(method, content.length, high);
  const { height, width, channels } = high;
  const samples = new Uint16Array(high.data.length);
  const image = { height, width, channels, high: high.data, samples, shifts: shiftsOf(channels, shift) };
  if (method === METHOD_REPEATED) repeatHigh(image);
  else if (method === METHOD_PLAIN) addPlain(image, content);
  else await decodeBlocks(image, content, options);
  return { height, width, channels, bitDepth: 16, data: samples };
}

/** Checks what can be checked before anything of the image's size is allocated. */
function checkLength(method: number, found: number, { height, data }: Image8): void {
  if (method > METHOD_MODELLED) throw new CodecError('corrupt', `low method must be 0..2, found ${method}`);
  // A block takes a byte or more.
  const least = [0, data.length, Math.ceil(height / rowsPerBlock(data.length / height))][method]!;
  if (found < least) throw new CodecError('truncated', `low section has ${found} bytes, expected ${least} or more`);
  if (method !== METHOD_MODELLED && found > least) throw goesOn();
}

const goesOn = () => new CodecError('corrupt', 'low section goes on after the last sample');

const rowsPerBlock = (rowSamples: number): number => Math.max(1, Math.floor(BLOCK_SAMPLES / rowSamples));

const highOf = ({ high, shifts, channels }: SplitImage, i: number): number => high[i]! << shifts[i % channels]!;

const lowOf = ({ samples, shifts, channels }: SplitImage, i: number): number =>
  samples[i]! & ((1 << shifts[i % channels]!) - 1);

/** The low bits that repeat the upper ones of the high bits. */
const repeated = ({ high, shifts, channels }: SplitImage, i: number): number =>
  high[i]! >> (MAX_SHIFT - shifts[i % channels]!);

const isRepeated = (image: SplitImage): boolean =>
  image.samples.every((_, i) => lowOf(image, i) === repeated(image, i));

function repeatHigh(image: SplitImage): void {
  for (let i = 0; i < image.samples.length; i++) image.samples[i] = highOf(image, i) + repeated(image, i);
}

const plainOf = (image: SplitImage): Uint8Array => Uint8Array.from(image.samples, (_, i) => lowOf(image, i));

function addPlain(image: SplitImage, content: Uint8Array): void {
  for (let i = 0; i < content.length; i++) {
    const open = 1 << image.shifts[i % image.channels]!;
    if (content[i]! >= open) throw new CodecError('corrupt', `low bits must be below ${open}, found ${content[i]}`);
    image.samples[i] = highOf(image, i) + content[i]!;
  }
}

/** For each block the length of its stack, and the stack. */
async function encodeBlocks(image: SplitImage, options: LowOptions): Promise<Uint8Array[]> {
  const model = new LowBitModel(image);
  const blocks = blocksOf(image);
  const port = new NotingBits(MAX_SHIFT * blocks[0]!.end);
  const pieces: Uint8Array[] = [];
  for (const { start, end } of blocks) {
    for (let i = start; i < end; i++) model.code(port, i, lowOf(image, i));
    const stack = new AnsStack();
    port.pushOnto(stack);
    const bytes = stack.toBytes();
    pieces.push(encodeVarint(bytes.length), bytes);
    await blockDone(end / image.samples.length, options);
  }
  return pieces;
}

async function decodeBlocks(image: SplitImage, content: Uint8Array, options: LowOptions): Promise<void> {
  const model = new LowBitModel(image);
  let offset = 0;
  for (const { start, end } of blocksOf(image)) {
    const length = decodeVarint(content, offset);
    offset = length.end + length.value;
    if (offset > content.length) throw new CodecError('truncated', 'low section ends within a block');
    const stack = AnsStack.fromBytes(content.subarray(length.end, offset));
    const port = new PoppingBits(stack);
    for (let i = start; i < end; i++) image.samples[i] = highOf(image, i) + model.code(port, i, 0);
    if (!stack.isPristine) throw new CodecError('corrupt', 'low bits of a block go on after its last sample');
    await blockDone(end / image.samples.length, options);
  }
  if (offset < content.length) throw goesOn();
}

/** Whole rows, as many as a block may have; ranges of samples. */
function blocksOf({ samples, width, channels }: SplitImage): { start: number; end: number }[] {
  const size = rowsPerBlock(width * channels) * width * channels;
  return Array.from({ length: Math.ceil(samples.length / size) }, (_, i) => ({
    start: i * size,
    end: Math.min(samples.length, (i + 1) * size),
  }));
}

/** Reports progress, and lets timers and signals in. @throws the signal's reason */
async function blockDone(fraction: number, { onProgress, signal }: LowOptions): Promise<void> {
  onProgress?.(fraction);
  await new Promise((resolve) => setImmediate(resolve));
  signal?.throwIfAborted();
}
