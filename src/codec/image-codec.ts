/** The colours of an image on the stack: the finest stage is pushed first and the base last, so decoding goes upward. */
import type { ChannelCount, Image8 } from '../image/image.ts';
import { halfSize, type Size } from '../pyramid/haar.ts';
import { PlainSamples } from '../pyramid/samples.ts';
import { buildPyramid, ONE_PIXEL, stageSizes } from '../pyramid/stages.ts';
import type { AnsStack } from '../rans/ans-stack.ts';
import { popBase, pushBase } from './base-codec.ts';
import { chooseColours } from './choose-colours.ts';
import type { Coder } from './coder.ts';
import { coloursOf, popColourChoice, pushColourChoice } from './colours.ts';
import { PixelSamples, planeCount } from './planes.ts';
import { popStage, pushStage } from './stage-codec.ts';

/** Puts an image without its alpha on the stack. */
export async function pushImage(stack: AnsStack, image: Image8, coder: Coder): Promise<void> {
  const { stages, base } = buildPyramid(new PixelSamples(image), coder.options.planes);
  const choice = chooseColours(stages[0], coder.options.planes);
  const [finest, ...coarser] = stages;
  if (finest !== undefined) await pushStage(stack, finest, coder, coloursOf(choice, coder.options.planes));
  for (const stage of coarser) await pushStage(stack, stage, coder);
  pushBase(stack, base);
  pushColourChoice(stack, choice, coder.options);
}

/** Undoes pushImage. Returns an image whose alpha, if it has one, is 0. */
export async function popImage(stack: AnsStack, channels: ChannelCount, coder: Coder): Promise<Image8> {
  const { height, width, planes } = coder.options;
  const choice = popColourChoice(stack, coder.options);
  let low: Int16Array = new Int16Array(0);
  for await (const image of popLowImages(stack, coder)) low = image.data;
  // Made only now, when the coarser stages have proved the size.
  const whole = { height, width, channels, bitDepth: 8, data: new Uint8Array(height * width * channels) } as const;
  const image = new PixelSamples(whole);
  if (height * width === 1) image.write(ONE_PIXEL, low);
  else await popStage(stack, { level: 0, height, width, low, image }, coder, coloursOf(choice, planes));
  return whole;
}

/** What the start of the stack holds of an image: its low images, the base first, the one of half the size last. */
export async function* popPreviews(stack: AnsStack, coder: Coder): AsyncGenerator<LowImage> {
  popColourChoice(stack, coder.options);
  yield* popLowImages(stack, coder);
}

/** The image that is left after `level` halvings. */
export interface LowImage extends Size {
  readonly level: number;
  /** [height, width, planes] */
  readonly data: Int16Array;
}

/** @throws RangeError for halvings that leave an image as it is */
export function assertLevel(level: number): void {
  if (!Number.isInteger(level) || level < 1) throw new RangeError(`"level" must be an integer from 1 on, got ${level}`);
}

/** The low image of a level, from 1 on, or the last one there is. */
export function lowImageOf(image: Image8, level: number): LowImage {
  const planes = planeCount(image.channels);
  const { stages, base } = buildPyramid(new PixelSamples(image), planes);
  const stage = stages[Math.min(level, stages.length) - 1];
  if (stage === undefined) return { level: 0, height: 1, width: 1, data: base };
  return { level: stage.level + 1, ...halfSize(stage), data: stage.low };
}

async function* popLowImages(stack: AnsStack, coder: Coder): AsyncGenerator<LowImage> {
  const { height, width, planes } = coder.options;
  const sizes = stageSizes(height, width);
  let low = popBase(stack, planes);
  yield { level: sizes.length, height: 1, width: 1, data: low };
  for (let level = sizes.length - 1; level >= 1; level--) {
    const image = new PlainSamples(sizes[level]!, planes);
    await popStage(stack, { level, ...sizes[level]!, low, image }, coder);
    low = image.data;
    yield { level, ...sizes[level]!, data: low };
  }
}
