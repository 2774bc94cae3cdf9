/** An image coded on a stack that has bits already: what it costs in a long chain of images, where initial bits are paid once. */
import { pushPixels } from './absorbing/pixel-codec.ts';
import { ContentStack } from './codec/content-stack.ts';
import { pushImage } from './codec/image-codec.ts';
import { seededStack } from './codec/seeded-stack.ts';
import type { TileObserver } from './codec/tile-observer.ts';
import { type EffortOptions, stepsFor } from './effort.ts';
import type { Image8 } from './image/image.ts';
import type { AbsorbingModel } from './model/absorbing-model.ts';
import type { Model } from './model/model.ts';
import { encoderOf } from './open-coder.ts';
import { pixelCodingOf, pixelsOf } from './open-pixels.ts';
import { AnsStack } from './rans/ans-stack.ts';

export interface NetChainOptions extends EffortOptions {
  readonly model: Model;
  /** As in CodingOptions. */
  readonly threads?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Of the base: Y, and with three planes Co and Cg. */
const BASE_BITS = { 1: 8, 3: 26 } as const;

/** Codes an image without its alpha; the observer hears of every tile. @returns bits added, and those of them for the base */
export const pushNetChain: PushChain = (image, observer, options) =>
  pushOnto(seededStack(), { image, observer, isChained: true }, options);

/** The same on an empty stack, as in a file of its own. */
export const pushFileChain: PushChain = (image, observer, options) =>
  pushOnto(new AnsStack(), { image, observer, isChained: false }, options);

type PushChain = (
  image: Image8,
  observer: TileObserver,
  options: NetChainOptions,
) => Promise<{ netBits: number; baseBits: number }>;

async function pushOnto(
  stack: AnsStack,
  { image, ...how }: { image: Image8; observer: TileObserver; isChained: boolean },
  { model, threads, signal, ...effort }: NetChainOptions,
): ReturnType<PushChain> {
  const before = stack.bitLength;
  const coder = await encoderOf(image, stepsFor(effort), { model, threads, signal, ...how });
  await pushImage(stack, image, coder);
  return { netBits: stack.bitLength - before, baseBits: BASE_BITS[coder.options.planes] };
}

/** The same by absorbing diffusion, which draws nothing from the stack. @returns bits added, and their information content */
export async function pushNetPixels(
  image: Image8,
  { model, threads, signal }: Pick<NetChainOptions, 'threads' | 'signal'> & { readonly model: AbsorbingModel },
): Promise<{ netBits: number; contentBits: number }> {
  const stack = new ContentStack();
  const { weights } = model;
  await pushPixels(stack, pixelsOf(image), pixelCodingOf({ weights, channels: image.channels }, { threads, signal }));
  return { netBits: stack.bitLength, contentBits: stack.contentBits };
}
