import { AnsStack } from '../../src/rans/ans-stack.ts';
import { randomInteger, seededRandom } from './random.ts';

/** A stack that holds this many seeded random bytes: bits that bits-back coding can spend. */
export function stackOfBytes(count: number, seed = 1): AnsStack {
  const random = seededRandom(seed);
  // No zeros, because the first byte of a state must not be one.
  return AnsStack.fromBytes(Uint8Array.from({ length: count }, () => 1 + randomInteger(random, 255)));
}
