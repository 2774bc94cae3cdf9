/** What images take by a plain VDM, each in a file of its own and all in one: pixel-chain.ts with the initial bits that a file must hold. */
import { AnsStack } from '../rans/ans-stack.ts';
import { pushUniform } from '../rans/uniform.ts';
import type { Tf } from '../tensorflow.ts';
import type { RunState } from './checkpoint.ts';
import type { Plane } from './dataset.ts';
import { pixelBatch } from './pixel-batch.ts';
import { PixelChain } from './pixel-chain.ts';
import { Random } from './random.ts';

/** In bits/dim: means over the images. */
export interface PixelFileRates {
  /** Bits that an image adds to a stack that has enough of them. */
  readonly net: number;
  /** Of a file for each image: with the bits that its latents are drawn from at first, of which the stack keeps what nothing reaches. */
  readonly alone: number;
  /** Of one file for all of them, one after the other on one stack. */
  readonly together: number;
}

/** Bits a value that the first latents may take, and no image does. */
const SEED_BITS = 32;
const WORD = 16;

/**
 * Codes images on one stack, and back.
 * @param images pyramids of square images of one size, of which the finest levels are used
 * @throws Error where an image does not come back
 */
export function pixelFileRates(
  tf: Tf,
  run: RunState,
  images: readonly (readonly Plane[])[],
  numSteps: number,
): PixelFileRates {
  const all = images
    .map(([finest]) => pixelBatch([finest!]))
    .map(({ side, levels }) => ({ side, levels: Int32Array.from(levels) }));
  const [{ side, levels: first }] = all as [(typeof all)[number]];
  const chain = new PixelChain(tf, run, { numSteps, side });
  const stack = seeded(first.length * SEED_BITS);
  const start = stack.bitLength;
  const before = stack.toBytes();
  let [alone, shortest] = [0, start];
  for (const { levels } of all) {
    const least = chain.push(stack, levels);
    shortest = Math.min(shortest, least);
    alone += stack.bitLength - least;
  }
  const end = stack.bitLength;
  for (const [i, { levels }] of [...all.entries()].reverse()) {
    const popped = chain.pop(stack);
    if (levels.some((level, d) => level !== popped[d])) throw new Error(`image ${i} does not come back`);
  }
  const after = stack.toBytes();
  if (after.some((byte, i) => byte !== before[i])) throw new Error('the stack is not what it was');
  const dims = all.length * first.length;
  return { net: (end - start) / dims, alone: alone / dims, together: (end - shortest) / dims };
}

function seeded(bits: number): AnsStack {
  const random = new Random(1);
  const stack = new AnsStack();
  while (stack.bitLength < bits) pushUniform(stack, random.integer(1 << WORD), WORD);
  return stack;
}
