/** A stack that has bits already, as under a long chain of images: what is pushed costs its own bits, and no initial ones. */
import { AnsStack } from '../rans/ans-stack.ts';
import { xorshift } from '../xorshift.ts';

/** More than the largest tile takes from the stack before it gives back: 13 bits a coefficient. */
const SEED_BYTES = 60_001;
const SEED = 0x2545_f491;

export const seededStack = (): AnsStack => AnsStack.fromBytes(pseudoRandomBytes(SEED_BYTES));

function pseudoRandomBytes(count: number): Uint8Array {
  const random = xorshift(SEED);
  return Uint8Array.from({ length: count }, () => random() & 255);
}
