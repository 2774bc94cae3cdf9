/** Where samples of an image go or come from: both ways of a stack, in the order of decoding. */
import type { AnsStack } from '../rans/ans-stack.ts';
import type { ByteDistribution } from '../rans/byte-mixture.ts';
import { CDF_PRECISION } from '../rans/discretised-gaussian.ts';

/** Is given what each sample is coded by, and gives the sample. */
export interface SamplePort {
  /** @param wanted the sample, which only an encoder knows */
  code(distribution: ByteDistribution, wanted: number): number;
}

export class PoppingPort implements SamplePort {
  private readonly stack: AnsStack;

  constructor(stack: AnsStack) {
    this.stack = stack;
  }

  code(distribution: ByteDistribution): number {
    return distribution.pop(this.stack);
  }
}

/** An encoder's port: it notes intervals, to push them from the last to the first. */
export class NotingPort implements SamplePort {
  private notes = new Int32Array(1 << 14);
  private length = 0;

  code(distribution: ByteDistribution, wanted: number): number {
    if (this.length === this.notes.length) this.grow();
    const start = distribution.start(wanted);
    this.notes[this.length++] = start;
    this.notes[this.length++] = distribution.start(wanted + 1) - start;
    return wanted;
  }

  /** Pushes all that was noted, and forgets it. */
  pushOnto(stack: AnsStack): void {
    for (let i = this.length - 2; i >= 0; i -= 2) stack.push(this.notes[i]!, this.notes[i + 1]!, CDF_PRECISION);
    this.length = 0;
  }

  private grow(): void {
    const notes = new Int32Array(2 * this.notes.length);
    notes.set(this.notes);
    this.notes = notes;
  }
}
