/** Images drawn from a model: a decoder that is fed random bits (ancestral sampling, DDPM, arXiv:2006.11239, algorithm 2). */
import { assertLevel, type LowImage, lowImageOf } from './codec/image-codec.ts';
import { lowPixels, planeCount } from './codec/planes.ts';
import { drawStage } from './codec/stage-codec.ts';
import { type EffortOptions, stepsFor } from './effort.ts';
import { assertImage, assertSize, type Image, type Image8, requireImage8 } from './image/image.ts';
import { encoderOf } from './open-coder.ts';
import type { CodingOptions } from './options.ts';
import type { Size } from './pyramid/haar.ts';
import { PlainSamples } from './pyramid/samples.ts';
import { stageSizes } from './pyramid/stages.ts';
import { AnsStack } from './rans/ans-stack.ts';
import { xorshift } from './xorshift.ts';

export interface SampleOptions extends CodingOptions, EffortOptions {
  /** Of the random bits, 1 .. 2^32 - 1: the same seed gives the same image on every machine. Default 1. */
  readonly seed?: number | undefined;
}

export const MAX_SEED = 0xffff_ffff;
const MIDDLE_GRAY = Int16Array.of(128, 0, 0);

/**
 * Draws an RGB image whose mean is near middle gray, level by level.
 *
 * @throws RangeError for a size that no image has or a wrong option
 */
export async function sample(size: Size, options: SampleOptions = {}): Promise<Image8> {
  const { height, width } = size;
  assertSize(height, width);
  const level = stageSizes(height, width).length;
  return draw({ level, height: 1, width: 1, data: MIDDLE_GRAY }, { height, width }, 3, options);
}

/**
 * Draws the fine levels of an image anew and keeps the coarse ones, those that are left after `level` halvings: what
 * the model expects to see there. Gray or RGB; alpha is left out.
 *
 * @throws TypeError or RangeError for a malformed image, a level below 1 or a wrong option, CodecError
 *   'unsupported-image' for 16 bits a sample
 */
export async function redraw(image: Image, level: number, options: SampleOptions = {}): Promise<Image8> {
  assertImage(image);
  assertLevel(level);
  return draw(lowImageOf(requireImage8(image), level), image, planeCount(image.channels), options);
}

async function draw(known: LowImage, size: Size, planes: 1 | 3, options: SampleOptions): Promise<Image8> {
  const { height, width } = size;
  const { stack, fill } = randomStack(options);
  const coder = await encoderOf({ height, width, channels: planes }, stepsFor(options), options);
  const sizes = stageSizes(height, width);
  let low: Int16Array = known.data.slice(0, known.height * known.width * planes);
  for (let level = known.level - 1; level >= 0; level--) {
    const image = new PlainSamples(sizes[level]!, planes);
    await drawStage(stack, { level, ...sizes[level]!, low, image }, coder, fill);
    low = image.data;
  }
  return lowPixels({ height, width, data: low }, planes);
}

/** A stack of random bits, and what fills it up to so many. @throws RangeError for a seed that there is not */
export function randomStack({ seed = 1 }: Pick<SampleOptions, 'seed'>): {
  stack: AnsStack;
  fill: (bits: number) => void;
} {
  assertSeed(seed);
  const random = xorshift(seed);
  const stack = new AnsStack();
  const fill = (bits: number) => {
    while (stack.bitLength < bits) stack.push((random() >>> 8) & 0xffff, 1, 16);
  };
  return { stack, fill };
}

function assertSeed(seed: number): void {
  if (Number.isInteger(seed) && seed >= 1 && seed <= MAX_SEED) return;
  throw new RangeError(`"seed" must be an integer in 1..${MAX_SEED}, got ${seed}`);
}
