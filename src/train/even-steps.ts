/** Steps of a chain of T, to estimate the sum of their terms by some of them. */
import type { Random } from './random.ts';

export interface EvenSteps {
  /** Indices of the sampled steps, 1..T: from t = step / T to s = (step - 1) / T; one list for each example. */
  readonly steps: readonly (readonly number[])[];
  /** What each sampled step counts. */
  readonly weight: number;
}

/** All steps, or `samples` of them, one from each of as many even parts: an unbiased estimate with little variance. */
export function evenSteps(numSteps: number, { samples, examples }: StepSampling, random: Random): EvenSteps {
  const count = Math.min(samples, numSteps);
  const stepsOf = (): number[] =>
    Array.from({ length: count }, (_, part) => 1 + Math.floor(((part + random.uniform()) * numSteps) / count));
  return { steps: Array.from({ length: examples }, stepsOf), weight: numSteps / count };
}

export interface StepSampling {
  /** Steps for each example, at most. */
  readonly samples: number;
  readonly examples: number;
}

/** A mean over images and its standard error. */
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
