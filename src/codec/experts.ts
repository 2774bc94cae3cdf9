/**
 * A detail without latents as a mixture of what three experts say of it, which are trusted by how well they did (Jacobs et al.,
 * Adaptive mixtures of local experts, 1991). Their means are those of two regressions, of long and of short memory, and the one
 * half-way; their classes go by the errors nearby, the colour of the low image, and the network's deviation.
 *
 * Doubles with IEEE + - * / and floor alone, in the order written here.
 */
import { NUM_COEFFICIENTS } from '../diffusion/dimensions.ts';
import { NUM_SCALES } from '../rans/discretised-gaussian.ts';
import { GaussianMixture } from '../rans/gaussian-mixture.ts';
import { checked } from './coefficient-maps.ts';
import { NUM_COLOUR_CLASSES } from './colour-classes.ts';
import { NUM_ERROR_CLASSES, NUM_SCALE_CLASSES, scaleClass } from './error-classes.ts';
import { Expert, NUM_COMPONENTS } from './expert.ts';
import type { SymbolPort } from './symbol-port.ts';

const NUM_EXPERTS = 3;
const TRUST_RATE = 1 / 16;
/** Trust is learned towards no less than this. */
const MIN_TRUST = 1 / 96;
const LEARNED_TRUST = 1 - NUM_EXPERTS * MIN_TRUST;
/** Scale indices to a class of the third expert. */
const SCALES_OF_CLASS = 2;
const NUM_FINE_CLASSES = NUM_SCALES / SCALES_OF_CLASS;

/** A detail that is to be coded. */
export interface Expected {
  readonly c: number;
  /** As the network has it. */
  readonly scale: number;
  /** 16 times what the regressions say of the detail with what is rounded away. */
  readonly long16: number;
  readonly short16: number;
  /** 16 times what is rounded away. */
  readonly shift16: number;
}

export interface DetailClasses {
  /** 0..NUM_ERROR_CLASSES - 1 */
  readonly error: number;
  /** 0..NUM_COLOUR_CLASSES - 1 */
  readonly colour: number;
}

export class Experts {
  private readonly mixture = new GaussianMixture(NUM_EXPERTS * NUM_COMPONENTS);
  private readonly experts = [NUM_SCALE_CLASSES * NUM_ERROR_CLASSES, NUM_COLOUR_CLASSES, NUM_FINE_CLASSES].map(
    (classes, i) => new Expert(this.mixture, i * NUM_COMPONENTS, NUM_COEFFICIENTS * classes),
  );
  /** [9, scale classes, experts]: of sum 1. */
  private readonly trusts = new Float64Array(NUM_COEFFICIENTS * NUM_SCALE_CLASSES * NUM_EXPERTS).fill(1 / NUM_EXPERTS);
  private readonly parts = new Float64Array(NUM_EXPERTS);

  /** 16 times what all of them together expect of the detail with what is rounded away. */
  mean16(expected: Expected): number {
    return this.meanOf(kindOf(expected), expected);
  }

  /** Codes a detail and learns from it. @returns the detail @throws CodecError 'truncated' or 'corrupt' */
  code(port: SymbolPort, expected: Expected, classes: DetailClasses, wanted: number): number {
    const kind = kindOf(expected);
    this.expect(kind, expected, classes);
    const { mixture } = this;
    const bin = port.mixtureBin(mixture, mixture.binOf(wanted));
    const { centre, widestScale } = mixture;
    const value = checked(mixture.isEscape(bin) ? port.gaussian(16 * centre, widestScale, wanted) : centre + bin);
    this.learn(kind, bin, value);
    return value;
  }

  private expect(kind: number, expected: Expected, { error, colour }: DetailClasses): void {
    const { mixture, trusts } = this;
    const [long, short, middle] = this.experts as [Expert, Expert, Expert];
    const { c, scale, long16, short16, shift16 } = expected;
    const row = kind * NUM_EXPERTS;
    const fineClass = Math.floor(scale / SCALES_OF_CLASS);
    long.say(kind * NUM_ERROR_CLASSES + error, scale, long16 - shift16, trusts[row]!);
    short.say(c * NUM_COLOUR_CLASSES + colour, scale, short16 - shift16, trusts[row + 1]!);
    middle.say(c * NUM_FINE_CLASSES + fineClass, scale, (long16 + short16) / 2 - shift16, trusts[row + 2]!);
    mixture.setCentre(Math.floor((this.meanOf(kind, expected) - shift16 + 8) / 16));
  }

  private meanOf(kind: number, { long16, short16 }: Expected): number {
    const row = kind * NUM_EXPERTS;
    return long16 + (this.trusts[row + 1]! + this.trusts[row + 2]! / 2) * (short16 - long16);
  }

  private learn(kind: number, bin: number, value: number): void {
    const { experts, parts, trusts } = this;
    let total = 0;
    for (let i = 0; i < NUM_EXPERTS; i++) {
      parts[i] = experts[i]!.learn(bin, 16 * value);
      total += parts[i]!;
    }
    if (total === 0) return;
    for (let i = 0; i < NUM_EXPERTS; i++) {
      const trust = trusts[kind * NUM_EXPERTS + i]!;
      const wanted = MIN_TRUST + LEARNED_TRUST * (parts[i]! / total);
      trusts[kind * NUM_EXPERTS + i] = trust + TRUST_RATE * (wanted - trust);
    }
  }
}

const kindOf = ({ c, scale }: Expected): number => c * NUM_SCALE_CLASSES + scaleClass(scale);
