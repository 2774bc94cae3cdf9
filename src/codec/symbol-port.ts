/**
 * One way through a list of symbols for encoder and decoder: code that walks it names each symbol's distribution and is
 * told the symbol. The encoder's port knows the symbols and notes their intervals, to be pushed from the last to the
 * first; the decoder's port pops them.
 */
import type { AnsStack } from '../rans/ans-stack.ts';
import { popFlag } from '../rans/bernoulli.ts';
import type { CategoricalCdf } from '../rans/categorical.ts';
import { CDF_PRECISION, gaussianFreq, popGaussian, pushGaussian } from '../rans/discretised-gaussian.ts';
import type { GaussianMixture } from '../rans/gaussian-mixture.ts';

export interface SymbolPort {
  /** @param wanted the symbol, which only an encoder needs to know */
  categorical(cdf: CategoricalCdf, wanted: number): number;
  gaussian(mean16: number, scale: number, wanted: number): number;
  /** A bin of a mixture, not the value: beyond its last bins the caller is to go on. */
  mixtureBin(mixture: GaussianMixture, wanted: number): number;
  /** @param freqOfTrue 1..2^20 - 1 */
  flag(freqOfTrue: number, wanted: boolean): boolean;
}

export class PoppingPort implements SymbolPort {
  private readonly stack: AnsStack;

  constructor(stack: AnsStack) {
    this.stack = stack;
  }

  categorical(cdf: CategoricalCdf): number {
    return cdf.pop(this.stack);
  }

  gaussian(mean16: number, scale: number): number {
    return popGaussian(this.stack, mean16, scale);
  }

  mixtureBin(mixture: GaussianMixture): number {
    return mixture.pop(this.stack);
  }

  flag(freqOfTrue: number): boolean {
    return popFlag(this.stack, freqOfTrue);
  }
}

/** Three integers a symbol: start, freq, INTERVAL; or value, mean16, scale of a Gaussian. */
const NOTE_LENGTH = 3;
const INTERVAL = -1;

export class NotingPort implements SymbolPort {
  private notes = new Int32Array(1 << 14);
  private length = 0;

  categorical(cdf: CategoricalCdf, wanted: number): number {
    this.note(cdf.start(wanted), cdf.freq(wanted), INTERVAL);
    return wanted;
  }

  gaussian(mean16: number, scale: number, wanted: number): number {
    this.note(wanted, mean16, scale);
    return wanted;
  }

  mixtureBin(mixture: GaussianMixture, wanted: number): number {
    const start = mixture.start(wanted);
    this.note(start, mixture.start(wanted + 1) - start, INTERVAL);
    return wanted;
  }

  flag(freqOfTrue: number, wanted: boolean): boolean {
    if (wanted) this.note(0, freqOfTrue, INTERVAL);
    else this.note(freqOfTrue, (1 << CDF_PRECISION) - freqOfTrue, INTERVAL);
    return wanted;
  }

  /** Pushes all symbols, the last one first. */
  pushOnto(stack: AnsStack): void {
    for (let i = this.length - NOTE_LENGTH; i >= 0; i -= NOTE_LENGTH) {
      const [first, second, third] = [this.notes[i]!, this.notes[i + 1]!, this.notes[i + 2]!];
      if (third === INTERVAL) stack.push(first, second, CDF_PRECISION);
      else pushGaussian(stack, first, second, third);
    }
  }

  /** Number of symbols so far. */
  get count(): number {
    return this.length / NOTE_LENGTH;
  }

  /** Information content in bits of the symbols from one on to before another. */
  contentBits(from = 0, to = this.count): number {
    let bits = 0;
    for (let i = from * NOTE_LENGTH; i < to * NOTE_LENGTH; i += NOTE_LENGTH) {
      const [first, second, third] = [this.notes[i]!, this.notes[i + 1]!, this.notes[i + 2]!];
      bits += CDF_PRECISION - Math.log2(third === INTERVAL ? second : gaussianFreq(first, second, third));
    }
    return bits;
  }

  private note(first: number, second: number, third: number): void {
    if (this.length + NOTE_LENGTH > this.notes.length) this.grow();
    this.notes[this.length++] = first;
    this.notes[this.length++] = second;
    this.notes[this.length++] = third;
  }

  private grow(): void {
    const notes = new Int32Array(2 * this.notes.length);
    notes.set(this.notes);
    this.notes = notes;
  }
}
