/**
 * One way through a list of bits for encoder and decoder: code that walks it names each bit's probability and is told the
 * bit. The encoder's port knows the bits and notes them, to be pushed from the last to the first; the decoder's pops them.
 */
import type { AnsStack } from '../rans/ans-stack.ts';
import { PROBABILITY_BITS } from './logistic.ts';

export interface BitPort {
  /**
   * @param freqOfOne of 2^16, neither 0 nor all
   * @param wanted the bit, which only an encoder needs to know
   */
  code(freqOfOne: number, wanted: number): number;
}

const TOTAL = 1 << PROBABILITY_BITS;

export class PoppingBits implements BitPort {
  private readonly stack: AnsStack;

  constructor(stack: AnsStack) {
    this.stack = stack;
  }

  code(freqOfOne: number): number {
    const { stack } = this;
    if (stack.peek(PROBABILITY_BITS) < freqOfOne) {
      stack.pop(0, freqOfOne, PROBABILITY_BITS);
      return 1;
    }
    stack.pop(freqOfOne, TOTAL - freqOfOne, PROBABILITY_BITS);
    return 0;
  }
}

export class NotingBits implements BitPort {
  /** 2 * freqOfOne + bit */
  private readonly notes: Uint32Array;
  private length = 0;

  /** @param capacity bits that can be noted at a time */
  constructor(capacity: number) {
    this.notes = new Uint32Array(capacity);
  }

  code(freqOfOne: number, wanted: number): number {
    this.notes[this.length++] = 2 * freqOfOne + wanted;
    return wanted;
  }

  /** Pushes all bits, the last one first, and forgets them. */
  pushOnto(stack: AnsStack): void {
    while (this.length > 0) {
      const note = this.notes[--this.length]!;
      const freqOfOne = note >> 1;
      if ((note & 1) === 1) stack.push(0, freqOfOne, PROBABILITY_BITS);
      else stack.push(freqOfOne, TOTAL - freqOfOne, PROBABILITY_BITS);
    }
  }
}
