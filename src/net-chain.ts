/** An image coded on a stack that has bits already: what it costs in a long chain of images, where initial bits are paid once. */
import { Coder } from './codec/coder.ts';
import { pushImage } from './codec/image-codec.ts';
import { planeCount } from './codec/planes.ts';
import type { TileObserver } from './codec/tile-observer.ts';
import { type EffortOptions, stepsFor } from './effort.ts';
import type { Image } from './image/image.ts';
import type { Model } from './model/model.ts';
import { engineFor } from './options.ts';
import { AnsStack } from './rans/ans-stack.ts';

export interface NetChainOptions extends EffortOptions {
  readonly model: Model;
  /** As in CodingOptions. */
  readonly threads?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** More than the largest tile takes from the stack before it gives back: 13 bits a coefficient. */
const SEED_BYTES = 60_001;
/** Of the base: Y, and with three planes Co and Cg. */
const BASE_BITS = { 1: 8, 3: 26 } as const;

/** Codes an image without its alpha; the observer hears of every tile. @returns bits added, and those of them for the base */
export async function pushNetChain(
  image: Image,
  observer: TileObserver,
  { model, threads, signal, ...effort }: NetChainOptions,
): Promise<{ netBits: number; baseBits: number }> {
  const { height, width } = image;
  const planes = planeCount(image.channels);
  const stack = AnsStack.fromBytes(pseudoRandomBytes(SEED_BYTES));
  const before = stack.bitLength;
  const engine = await engineFor(model, { threads });
  const options = { model, engine, numSteps: stepsFor(effort), observer, signal };
  await pushImage(stack, image, new Coder({ ...options, planes, height, width }));
  return { netBits: stack.bitLength - before, baseBits: BASE_BITS[planes] };
}

function pseudoRandomBytes(count: number): Uint8Array {
  let state = 0x2545_f491;
  return Uint8Array.from({ length: count }, () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state & 255;
  });
}
