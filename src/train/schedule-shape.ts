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
  cosine: (t) => Math.log(cosineNoise(t) + COSINE_FLOOR),
};

/** Their derivatives by t. */
const SLOPES: Readonly<Record<FixedShape, (t: number) => number>> = {
  straight: () => 1,
  linear: (t) => (20 * t) / -Math.expm1(-(1e-4 + 10 * t * t)),
  cosine: (t) => {
    const angleSlope = (COSINE_END * Math.PI) / 2 / (1 + COSINE_OFFSET);
    const noise = cosineNoise(t);
    // 1 / alpha^2 = 1 + noise grows by 2 tan(angle) of itself with the angle.
    const noiseSlope = 2 * Math.tan(angleOf(t * COSINE_END)) * angleSlope * (1 + noise);
    return noiseSlope / (noise + COSINE_FLOOR);
  },
};

/** sigma^2 / alpha^2 at t = 0, where the cosine schedule has no noise: that of the linear one. */
const COSINE_FLOOR = 1e-4;

const angleOf = (t: number): number => (((t + COSINE_OFFSET) / (1 + COSINE_OFFSET)) * Math.PI) / 2;

const cosineOf = (t: number): number => Math.cos(angleOf(t)) ** 2;

/** sigma^2 / alpha^2 of the cosine schedule at t of the way to its end. */
function cosineNoise(t: number): number {
  const alphaSquared = cosineOf(t * COSINE_END) / cosineOf(0);
  return (1 - alphaSquared) / alphaSquared;
}

/** @param t in [0, 1] @returns 0 at t = 0, 1 at t = 1, rising */
export function shapeAt(shape: FixedShape, t: number): number {
  const gamma = GAMMAS[shape];
  return (gamma(t) - gamma(0)) / rangeOf(shape);
}

/** Derivative of shapeAt by t. @param t in [0, 1] */
export const shapeSlopeAt = (shape: FixedShape, t: number): number => SLOPES[shape](t) / rangeOf(shape);

const rangeOf = (shape: FixedShape): number => GAMMAS[shape](1) - GAMMAS[shape](0);
