/**
 * The bound of a run's averaged float weights on whole images, all stages of each, for any number of steps T evenly spaced in
 * the learned time: what the model is worth before export.
 */
import type { Tf } from '../tensorflow.ts';
import type { Batch } from './batch.ts';
import type { RunState } from './checkpoint.ts';
import type { Plane } from './dataset.ts';
import { type Estimate, estimateOf, evenSteps } from './even-steps.ts';
import { Random } from './random.ts';
import { atTime, BASE_BITS, type StageTerm, stageBatches, termBits } from './stage-terms.ts';

export interface EvaluationOptions {
  readonly numSteps: number;
  /** Steps for each stage of an image, at most; with fewer than T the sum is estimated. Default: 16. */
  readonly samples?: number;
  /** Of noise and steps. Default: 1. */
  readonly seed?: number;
}

/** @param images pyramids of square images of one size, a power of two, as in Dataset.small */
export function evaluateBound(
  tf: Tf,
  run: RunState,
  images: readonly (readonly Plane[])[],
  { numSteps, samples = 16, seed = 1 }: EvaluationOptions,
): Estimate {
  const random = new Random(seed);
  const bits = new Float64Array(images.length).fill(BASE_BITS);
  for (const { batch, first } of stageBatches(images)) {
    const stage = stageBits(tf, run, { batch, numSteps, samples, random });
    for (const [i, value] of stage.entries()) bits[first + i]! += value;
  }
  return estimateOf(Array.from(bits, (value, i) => value / images[i]![0]!.data.length));
}

interface StageInputs {
  readonly batch: Batch;
  readonly numSteps: number;
  readonly samples: number;
  readonly random: Random;
}

/** Bits of each example's stage. */
function stageBits(tf: Tf, run: RunState, { batch, numSteps, samples, random }: StageInputs): Float64Array {
  const bits = new Float64Array(batch.size);
  const add = (term: StageTerm, weight: number): void => {
    for (const [i, value] of termBits(tf, run, { batch, term, random }).entries()) bits[i]! += weight * value;
  };
  add({ kind: 'recon', t: atTime(batch, 0) }, 1);
  add({ kind: 'prior', t: atTime(batch, 1) }, 1);
  const { times, weight } = evenSteps(numSteps, { samples, examples: batch.size }, random);
  for (const { t, s } of times) add({ kind: 'step', t, s }, weight);
  return bits;
}
