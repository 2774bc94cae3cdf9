/**
 * Fixed noise schedules as shapes: the fraction of the way from gamma(0) to gamma(1) at time t, where gamma = -logSnr. The
 * end points are the run's own, so that what a shape is worth can be told from what the end points are.
 */

import type { ScheduleKind } from '../training-methods.ts';

export type FixedShape = Exclude<ScheduleKind, 'learned'>;

/** The offset of Improved DDPM (arXiv:2102.09672, section 3.2), and the last time before alpha is 0. */
const COSINE_OFFSET = 0.008;
const COSINE_END = 0.999;

/** -logSnr at time t in [0, 1]. */
const GAMMAS: Readonly<Record<FixedShape, (t: number) => number>> = {
  straight: (t) => t,
  // DDPM's betas from 1e-4 to 0.02 over 1000 steps, in continuous time (VDM, arXiv:2107.00630, appendix).
  linear: (t) => Math.log(Math.expm1(1e-4 + 10 * t * t)),
  cosine: (t) => {
    const alphaSquared = cosineOf(t * COSINE_END) / cosineOf(0);
    return Math.log((1 - alphaSquared) / alphaSquared + COSINE_FLOOR);
  },
};

/** sigma^2 / alpha^2 at t = 0, where the cosine schedule has no noise: that of the linear one. */
const COSINE_FLOOR = 1e-4;

const cosineOf = (t: number): number => Math.cos((((t + COSINE_OFFSET) / (1 + COSINE_OFFSET)) * Math.PI) / 2) ** 2;

/** @param t in [0, 1] @returns 0 at t = 0, 1 at t = 1, rising */
export function shapeAt(shape: FixedShape, t: number): number {
  const gamma = GAMMAS[shape];
  return (gamma(t) - gamma(0)) / (gamma(1) - gamma(0));
}
