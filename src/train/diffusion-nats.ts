/** What a diffusion step costs in nats, of a chain or of infinitely many. */
import type { Tensor, Tf } from '../tensorflow.ts';
import type { Variance } from '../training-methods.ts';
import { rateNats, stepNats } from './gaussian-terms.ts';
import { stepVariance } from './step-variance.ts';

/** Where a step from n_t^2 goes: to n_s^2, or, of infinitely many, with the rate d n_t^2 / dt = gamma'(t) n_t^2. */
export type NoiseBelow = { readonly varS: Tensor } | { readonly rate: Tensor };

export interface DiffusionTerms {
  /** u - uHat, [batch, h, w, 9] as the next three */
  readonly error: Tensor;
  readonly sd: Tensor;
  readonly tau: Tensor;
  readonly g: Tensor;
  readonly varT: Tensor;
  readonly below: NoiseBelow;
}

/** [batch, h, w, 9]; of infinitely many steps, the density at t of what they cost together. */
export function diffusionNats(tf: Tf, variance: Variance, { error, varT, below, ...outputs }: DiffusionTerms): Tensor {
  if ('rate' in below) return rateNats(tf, { error, varT, rate: below.rate });
  const noise = { varS: below.varS, varT };
  return stepNats(tf, { error, modelVariance: stepVariance(tf, variance, { ...noise, ...outputs }), ...noise });
}
