import { AnsStack } from '../../src/rans/ans-stack.ts';
import { randomInteger, seededRandom } from './random.ts';

/** A stack of at most this many seeded random bytes, a state and whole words: bits that bits-back coding can spend. */
export function stackOfBytes(count: number, seed = 1): AnsStack {
  const random = seededRandom(seed);
  // At least 16, because the first byte of a lone state must be.
  return AnsStack.fromFirstBytes(Uint8Array.from({ length: count }, () => 16 + randomInteger(random, 240)));
}
