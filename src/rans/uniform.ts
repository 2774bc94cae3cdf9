/** Numbers of a known bit length, all equally likely: the cost is exactly that many bits. */
import { type AnsStack, MAX_PRECISION } from './ans-stack.ts';

/**
 * Adds an integer in [0, 2^bits).
 * @param bits 1..20
 * @throws RangeError when the value or bits is out of range.
 */
export function pushUniform(stack: AnsStack, value: number, bits: number): void {
  checkBits(bits);
  if (!Number.isInteger(value) || value < 0 || value >= 1 << bits) {
    throw new RangeError(`"value" must be an integer in 0..${(1 << bits) - 1}, got ${value}`);
  }
  stack.push(value, 1, bits);
}

/**
 * Takes an integer in [0, 2^bits) off.
 * @throws RangeError when bits is out of range, CodecError 'truncated' when the stack has too few bits.
 */
export function popUniform(stack: AnsStack, bits: number): number {
  checkBits(bits);
  const value = stack.peek(bits);
  stack.pop(value, 1, bits);
  return value;
}

function checkBits(bits: number): void {
  if (!Number.isInteger(bits) || bits < 1 || bits > MAX_PRECISION) {
    throw new RangeError(`"bits" must be an integer in 1..${MAX_PRECISION}, got ${bits}`);
  }
}
