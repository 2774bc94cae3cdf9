/** An image coded on a stack that has bits already: what it costs in a long chain of images, where initial bits are paid once. */
import { pushImage } from './codec/image-codec.ts';
import type { TileObserver } from './codec/tile-observer.ts';
import { type EffortOptions, stepsFor } from './effort.ts';
import type { Image8 } from './image/image.ts';
import type { Model } from './model/model.ts';
import { encoderOf } from './open-coder.ts';
import { AnsStack } from './rans/ans-stack.ts';
import { xorshift } from './xorshift.ts';

export interface NetChainOptions extends EffortOptions {
  readonly model: Model;
  /** As in CodingOptions. */
  readonly threads?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** More than the largest tile takes from the stack before it gives back: 13 bits a coefficient. */
const SEED_BYTES = 60_001;
const SEED = 0x2545_f491;
/** Of the base: Y, and with three planes Co and Cg. */
const BASE_BITS = { 1: 8, 3: 26 } as const;

/** Codes an image without its alpha; the observer hears of every tile. @returns bits added, and those of them for the base */
export async function pushNetChain(
  image: Image8,
  observer: TileObserver,
  { model, threads, signal, ...effort }: NetChainOptions,
): Promise<{ netBits: number; baseBits: number }> {
  const stack = AnsStack.fromBytes(pseudoRandomBytes(SEED_BYTES));
  const before = stack.bitLength;
  const coder = await encoderOf(image, stepsFor(effort), { model, threads, signal, observer, isChained: true });
  await pushImage(stack, image, coder);
  return { netBits: stack.bitLength - before, baseBits: BASE_BITS[coder.options.planes] };
}

function pseudoRandomBytes(count: number): Uint8Array {
  const random = xorshift(SEED);
  return Uint8Array.from({ length: count }, () => random() & 255);
}
