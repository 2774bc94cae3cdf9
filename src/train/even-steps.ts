/** Steps of a chain of T, to estimate the sum of their terms by some of them. */
import type { Random } from './random.ts';

export interface EvenSteps {
  /** Indices of the sampled steps, 1..T: from t = step / T to s = (step - 1) / T; one list for each example. */
  readonly steps: readonly (readonly number[])[];
  /** Of each sampled step the times t and s of all examples. */
  readonly times: readonly { readonly t: Float32Array; readonly s: Float32Array }[];
  /** What each sampled step counts. */
  readonly weight: number;
}

/**
 * All steps, or `samples` of them, one from each of as many even parts: an unbiased estimate. Examples take the steps of a
 * part in turn, so that a mean over examples hardly depends on which steps were drawn.
 */
export function evenSteps(numSteps: number, { samples, examples }: StepSampling, random: Random): EvenSteps {
  const count = Math.min(samples, numSteps);
  const offsets = Array.from({ length: count }, () => random.uniform());
  const stepsOf = (example: number): number[] =>
    offsets.map((offset, part) => 1 + Math.floor(((part + ((offset + example / examples) % 1)) * numSteps) / count));
  const steps = Array.from({ length: examples }, (_, example) => stepsOf(example));
  const timesOf = (k: number, before: number) => Float32Array.from(steps, (list) => (list[k]! - before) / numSteps);
  const times = offsets.map((_, k) => ({ t: timesOf(k, 0), s: timesOf(k, 1) }));
  return { steps, times, weight: numSteps / count };
}

export interface StepSampling {
  /** Steps for each example, at most. */
  readonly samples: number;
  readonly examples: number;
}

/** A mean over images and its standard error, as if images drew their steps independently, which is an upper bound. */
export interface Estimate {
  readonly bitsPerDim: number;
  readonly standardError: number;
  readonly images: number;
}

/** @param rates bits per dim of each image, two or more */
export function estimateOf(rates: readonly number[]): Estimate {
  const mean = rates.reduce((sum, rate) => sum + rate, 0) / rates.length;
  const squares = rates.reduce((sum, rate) => sum + (rate - mean) ** 2, 0);
  const standardError = Math.sqrt(squares / (rates.length - 1) / rates.length);
  return { bitsPerDim: mean, standardError, images: rates.length };
}
