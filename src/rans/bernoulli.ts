/** Flags of a known probability: true has [0, freqOfTrue) of 2^20, false the rest. */
import type { AnsStack } from './ans-stack.ts';
import { CDF_PRECISION } from './discretised-gaussian.ts';

const TOTAL = 1 << CDF_PRECISION;

/**
 * Adds a flag.
 * @param freqOfTrue 1..2^20 - 1
 * @throws RangeError when freqOfTrue is out of range.
 */
export function pushFlag(stack: AnsStack, flag: boolean, freqOfTrue: number): void {
  checkFreq(freqOfTrue);
  if (flag) stack.push(0, freqOfTrue, CDF_PRECISION);
  else stack.push(freqOfTrue, TOTAL - freqOfTrue, CDF_PRECISION);
}

/**
 * Takes a flag off.
 * @throws RangeError when freqOfTrue is out of range, CodecError 'truncated' when the stack has too few bits.
 */
export function popFlag(stack: AnsStack, freqOfTrue: number): boolean {
  checkFreq(freqOfTrue);
  const flag = stack.peek(CDF_PRECISION) < freqOfTrue;
  if (flag) stack.pop(0, freqOfTrue, CDF_PRECISION);
  else stack.pop(freqOfTrue, TOTAL - freqOfTrue, CDF_PRECISION);
  return flag;
}

function checkFreq(freqOfTrue: number): void {
  if (!Number.isInteger(freqOfTrue) || freqOfTrue < 1 || freqOfTrue >= TOTAL) {
    throw new RangeError(`"freqOfTrue" must be an integer in 1..${TOTAL - 1}, got ${freqOfTrue}`);
  }
}
