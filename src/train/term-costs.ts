/** What each term of the bound costs: L0, each of T steps evenly spaced in time, and the prior (Improved DDPM, arXiv:2102.09672, figure 2). */
import type { Tf } from '../tensorflow.ts';
import type { RunState } from './checkpoint.ts';
import type { Plane } from './dataset.ts';
import { Random } from './random.ts';
import { atTime, BASE_BITS, type StageTerm, stageBatches, termBits } from './stage-terms.ts';

/** Means over images in bits per dim, whose sum is the bound. */
export interface TermCosts {
  /** What is coded without the model. */
  readonly base: number;
  readonly recon: number;
  /** [T], the least noisy first. */
  readonly steps: readonly number[];
  readonly prior: number;
}

export interface TermOptions {
  readonly numSteps: number;
  /** Of noise. Default: 1. */
  readonly seed?: number;
}

/** @param images pyramids of square images of one size, a power of two */
export function termCosts(
  tf: Tf,
  run: RunState,
  images: readonly (readonly Plane[])[],
  { numSteps, seed = 1 }: TermOptions,
): TermCosts {
  const random = new Random(seed);
  const values = images.length * images[0]![0]!.data.length;
  const steps = new Array<number>(numSteps).fill(0);
  const costs = { recon: 0, prior: 0 };
  for (const { batch } of stageBatches(images)) {
    const cost = (term: StageTerm): number =>
      termBits(tf, run, { batch, term, random }).reduce((sum, bits) => sum + bits, 0) / values;
    costs.recon += cost({ kind: 'recon', t: atTime(batch, 0) });
    costs.prior += cost({ kind: 'prior', t: atTime(batch, 1) });
    for (const k of steps.keys()) {
      steps[k]! += cost({ kind: 'step', t: atTime(batch, (k + 1) / numSteps), s: atTime(batch, k / numSteps) });
    }
  }
  return { base: (BASE_BITS * images.length) / values, ...costs, steps };
}
