/**
 * From the noise levels and standard deviations of a condition to the tables that turn network outputs into Gaussians.
 *
 * In doubles with IEEE + - * / and square roots alone, each rounded on its own, and then rounded to integers: the same on
 * every machine.
 */
import { ROUNDING_VARIANCE } from '../diffusion/dimensions.ts';
import { scaleIndexForVariance, scaleSigma } from '../rans/discretised-gaussian.ts';
import { INPUT_SCALE_OF_ONE, MAX_INPUT_SCALE } from './bounds.ts';
import { type HeadForm, type HeadTerm, length, POSTERIORS } from './head-form.ts';
import {
  type Chain,
  type Condition,
  type DetailsCondition,
  type Head,
  NUM_TAU,
  type StoredCondition,
  type StoredDetailsCondition,
} from './model.ts';

/** Units of stored noise levels and deviations in one. */
export const DEVIATION_UNITS = 4096;
const SKIP_UNITS = 0x10_0000; // 2^20
const GAIN_UNITS = 0x1000; // 2^12
/** Of heads whose tau is multiplied by 2^G: twice 16 steps of the grid of scales. */
const OCTAVE_STEP = 32;

const inUnits = (values: Int32Array): Float64Array => Float64Array.from(values, (value) => value / DEVIATION_UNITS);

/** A condition with all that follows from it, and from what the network's outputs stand for. */
export function withHeads(stored: StoredCondition, form: HeadForm): Condition {
  const [sd, noise] = [inUnits(stored.deviations), inUnits(stored.noise)];
  return {
    ...stored,
    inScales: Array.from(noise, (n) => Int32Array.from(sd, (value) => inputScale(value, n))),
    direct: directHead(sd),
    chains: stored.levels.map((levels) => chainOf(levels, { noise, sd, form })),
  };
}

/** The same of details without latents, which have no noise. */
export function withDetailsHead(stored: StoredDetailsCondition): DetailsCondition {
  const sd = inUnits(stored.deviations);
  const inScale = Int32Array.from(sd, (value) => inputScale(value, 0));
  return { ...stored, inScale, head: directHead(sd) };
}

const directHead = (sd: Float64Array): Head => headOf(withoutLatents(sd), (tau) => tau * tau);

const inputScale = (sd: number, n: number): number =>
  Math.min(MAX_INPUT_SCALE, Math.floor(INPUT_SCALE_OF_ONE / length(sd, n) + 0.5));

const withoutLatents = (sd: Float64Array): HeadTerm[] =>
  Array.from(sd, (value) => ({ skip: 0, gain: value, tau: value }));

const posterior = (sd: Float64Array, n: number, { prediction }: HeadForm): HeadTerm[] =>
  Array.from(sd, (value) => POSTERIORS[prediction](value, n));

/** What the chains of a condition are made of, in real units. */
interface ChainInputs {
  readonly noise: Float64Array;
  readonly sd: Float64Array;
  readonly form: HeadForm;
}

/**
 * The chain's forward scales follow the learned noise levels on the grid of scales; its reverse Gaussians are those of
 * the posterior with the exact variances that result, each without the variance that rounding adds.
 */
function chainOf(levels: Uint8Array, { noise, sd, form }: ChainInputs): Chain {
  const forwardScale = new Uint8Array(levels.length);
  const heads: Head[] = [];
  let varS = 0;
  for (const [i, level] of levels.entries()) {
    const n = noise[level]!;
    // Training rounds y too, so what the network knows as n has variance n^2 + 1/12; rounding adds the last 1/12 here.
    forwardScale[i] = scaleIndexForVariance(n * n - varS);
    const sigma = scaleSigma(forwardScale[i]!);
    const varT = varS + sigma * sigma + ROUNDING_VARIANCE;
    heads.push(reverseHead(posterior(sd, n, form), { varS, varT, sd, form }));
    varS = varT;
  }
  const prior = headOf(withoutLatents(sd), (tau) => varS + tau * tau - ROUNDING_VARIANCE);
  return { levels, forwardScale, heads, prior };
}

interface Step {
  readonly varS: number;
  readonly varT: number;
  readonly sd: Float64Array;
  readonly form: HeadForm;
}

/**
 * p(y_s | y_t) = N(r y_t + (1 - r) uHat, n_s^2 (1 - r) + (1 - r)^2 tau^2), r = varS / varT; u itself for varS = 0. With 'beta-tilde'
 * the variance of y_s is n_s^2 (1 - r), and with 'interpolated' between that and beta.
 */
function reverseHead(terms: readonly HeadTerm[], step: Step): Head {
  const { varS, varT, form } = step;
  const ratio = varS / varT;
  const rest = 1 - ratio;
  const blended = terms.map(({ skip, gain, tau }) => ({ skip: ratio + rest * skip, gain: rest * gain, tau }));
  // The mass of u in its bin is the integral of its density; y_s was rounded, which its bin adds again.
  const rounding = varS === 0 ? 0 : ROUNDING_VARIANCE;
  if (varS > 0 && form.stepVariance === 'interpolated') {
    return { ...headOf(blended, (tau) => tau * tau - rounding), ...betweenBetas(step) };
  }
  const countsError = varS === 0 || form.stepVariance === 'predicted';
  return headOf(blended, (tau) => varS * rest + (countsError ? rest * tau * (rest * tau) : 0) - rounding);
}

/**
 * The deviation of a step in place of tau: G from -1 to 1 leads from beta-tilde, n_s^2 (1 - r), to beta, (1 - r) n_t^2 (sd^2 + n_s^2) / (sd^2 +
 * n_t^2), evenly on the grid of scales (Improved DDPM, arXiv:2102.09672, equation 15).
 */
function betweenBetas({ varS, varT, sd }: Step): Pick<Head, 'tauBase' | 'tauStep'> {
  const rest = 1 - varS / varT;
  const lower = scaleIndexForVariance(varS * rest);
  const upper = sd.map((value) =>
    scaleIndexForVariance((varT * rest * (value * value + varS)) / (value * value + varT)),
  );
  return {
    tauBase: Int32Array.from(upper, (scale) => (lower + scale + 1) >> 1),
    tauStep: Int32Array.from(upper, (scale) => Math.max(0, scale - lower)),
  };
}

/** @param variance of the coded Gaussian, before rounding, for each tau */
function headOf(terms: readonly HeadTerm[], variance: (tau: number) => number): Head {
  const nearest = (value: number): number => Math.floor(value + 0.5);
  return {
    skip: Int32Array.from(terms, ({ skip }) => nearest(skip * SKIP_UNITS)),
    gain: Int32Array.from(terms, ({ gain }) => nearest(gain * GAIN_UNITS)),
    tauBase: Int32Array.from(terms, ({ tau }) => scaleIndexForVariance(tau * tau)),
    tauStep: new Int32Array(terms.length).fill(OCTAVE_STEP),
    scaleOf: Uint8Array.from({ length: NUM_TAU }, (_, i) => scaleIndexForVariance(variance(scaleSigma(i)))),
  };
}
