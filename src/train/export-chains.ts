/**
 * The tables of every condition as integers: input scales, and the Gaussians of chains, prior and direct coding
 * (src/model/model.ts), from the learned noise levels and the coefficients' standard deviations.
 */

import { ROUNDING_VARIANCE } from '../diffusion/dimensions.ts';
import { MAX_INPUT_SCALE } from '../model/bounds.ts';
import { type Chain, type Condition, type Head, NUM_TAU } from '../model/model.ts';
import { scaleIndexForVariance, scaleSigma } from '../rans/discretised-gaussian.ts';

const SKIP_EXPONENT = 20;
const GAIN_EXPONENT = 12;
const SCALES_PER_OCTAVE = 16;
/** Octaves of the scale grid below 1. */
const SCALE_OCTAVES_BELOW_ONE = 5;

export interface ConditionStatistics {
  /** [TIME_GRID + 1] noise levels n_t */
  readonly noise: readonly number[];
  /** [9] standard deviations of the coefficients */
  readonly sd: readonly number[];
}

export function fillChains(condition: Condition, { noise, sd }: ConditionStatistics): void {
  for (const [k, inScale] of condition.inScales.entries()) {
    inScale.set(
      sd.map((value) => Math.min(MAX_INPUT_SCALE, Math.round(MAX_INPUT_SCALE / Math.hypot(value, noise[k]!)))),
    );
  }
  fillHead(condition.direct, sd.map(withoutLatents), (tau) => tau * tau);
  for (const chain of condition.chains) fillChain(chain, { noise, sd });
}

interface HeadTerm {
  /** The mean is skip * y + gain * F. */
  readonly skip: number;
  readonly gain: number;
  /** tau at G = 0. */
  readonly tau: number;
}

const withoutLatents = (sd: number): HeadTerm => ({ skip: 0, gain: sd, tau: sd });

/** uHat = sd^2 / (sd^2 + n^2) y + n sd / sqrt(sd^2 + n^2) F */
function posterior(sd: number, n: number): HeadTerm {
  const total = Math.hypot(sd, n);
  const gain = (n * sd) / total;
  return { skip: (sd / total) ** 2, gain, tau: gain };
}

/**
 * The chain's forward scales follow the learned noise levels on the grid of scales; its reverse Gaussians are those of
 * the posterior with the exact variances that result, each without the variance that rounding adds.
 */
function fillChain({ levels, forwardScale, heads, prior }: Chain, { noise, sd }: ConditionStatistics): void {
  let varS = 0;
  for (const [i, level] of levels.entries()) {
    const n = noise[level]!;
    // Training rounds y too, so what the network knows as n has variance n^2 + 1/12; rounding adds the last 1/12 here.
    forwardScale[i] = scaleIndexForVariance(n * n - varS);
    const varT = varS + scaleSigma(forwardScale[i]!) ** 2 + ROUNDING_VARIANCE;
    const terms = sd.map((value) => posterior(value, n));
    fillReverse(heads[i]!, terms, { varS, varT });
    varS = varT;
  }
  fillHead(prior, sd.map(withoutLatents), (tau) => varS + tau * tau - ROUNDING_VARIANCE);
}

/** p(y_s | y_t) = N(r y_t + (1 - r) uHat, n_s^2 (1 - r) + (1 - r)^2 tau^2), r = varS / varT; u itself for varS = 0. */
function fillReverse(head: Head, terms: readonly HeadTerm[], { varS, varT }: { varS: number; varT: number }): void {
  const ratio = varS / varT;
  const rest = 1 - ratio;
  const blended = terms.map(({ skip, gain, tau }) => ({ skip: ratio + rest * skip, gain: rest * gain, tau }));
  // The mass of u in its bin is the integral of its density; y_s was rounded, which its bin adds again.
  const rounding = varS === 0 ? 0 : ROUNDING_VARIANCE;
  fillHead(head, blended, (tau) => varS * rest + (rest * tau) ** 2 - rounding);
}

/** @param variance of the coded Gaussian, before rounding, for each tau. */
function fillHead(head: Head, terms: readonly HeadTerm[], variance: (tau: number) => number): void {
  for (const [c, { skip, gain, tau }] of terms.entries()) {
    head.skip[c] = Math.round(skip * 2 ** SKIP_EXPONENT);
    head.gain[c] = Math.round(gain * 2 ** GAIN_EXPONENT);
    head.tauBase[c] = Math.round(SCALES_PER_OCTAVE * (Math.log2(tau) + SCALE_OCTAVES_BELOW_ONE));
  }
  for (let i = 0; i < NUM_TAU; i++) head.scaleOf[i] = scaleIndexForVariance(variance(scaleSigma(i)));
}
