/**
 * Which term of the bound of infinitely many steps each example of a batch stands for: the reconstruction L0 at t = 0, the prior
 * together with direct coding at t = 1, or the expectation over t ~ U(0, 1) of the diffusion loss (VDM, arXiv:2107.00630,
 * equation 17). Weights are as in time-draw.ts, so that the batch mean is an unbiased estimate of the bound.
 */
import type { Random } from './random.ts';
import {
  drawParts,
  emptyDraw,
  FIRST_STEP,
  fixedShares,
  TERM_PRIOR,
  TERM_RECON,
  type TimeDraw,
  termAt,
} from './time-draw.ts';

/** The diffusion loss is a single term, as if of a chain with one step. */
const SHARES = fixedShares(1);
/** Where its part of [0, 1) begins. */
const DIFFUSION_START = SHARES[TERM_RECON]! + SHARES[TERM_PRIOR]!;

export interface ContinuousOptions {
  /** As in TimeOptions; if not, times of the diffusion loss have low discrepancy over the batch. Default: false. */
  readonly isIndependent?: boolean;
}

export function drawContinuousTimes(
  batch: number,
  random: Random,
  { isIndependent = false }: ContinuousOptions = {},
): TimeDraw {
  const draw = emptyDraw(batch);
  for (const [i, part] of drawParts(batch, random, isIndependent).entries()) setTerm(draw, i, part);
  return draw;
}

/** @param part in [0, 1) */
function setTerm(draw: TimeDraw, i: number, part: number): void {
  const term = termAt(SHARES, part);
  const weight = 1 / SHARES[term]!;
  draw.term[i] = term;
  draw.t[i] = term === TERM_RECON ? 0 : 1;
  draw.known[i] = term === TERM_PRIOR ? 0 : 1;
  if (term !== FIRST_STEP) {
    (term === TERM_RECON ? draw.recon : draw.prior)[i] = weight;
    return;
  }
  draw.t[i] = (part - DIFFUSION_START) / SHARES[FIRST_STEP]!;
  draw.step[i] = weight;
  // A mean over levels is one over t, in which t = 0 has no share.
  draw.level[i] = weight;
}
