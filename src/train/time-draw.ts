/**
 * Which term of its chain's bound each example of a batch stands for: the reconstruction L0, one of the T diffusion
 * steps, or the prior together with direct coding. A term is weighted by the inverse of its probability, so that the batch mean
 * is an unbiased estimate of the bound; times have low discrepancy (VDM, arXiv:2107.00630, appendix I.1).
 */
import { TIME_GRID } from '../diffusion/dimensions.ts';
import type { Random } from './random.ts';

const SHARE_RECON = 2 / 12;
const SHARE_PRIOR = 1 / 12;
const SHARE_STEPS = 1 - SHARE_RECON - SHARE_PRIOR;

/** All arrays have one entry an example. */
export interface TimeDraw {
  /** Time of the latent that the network sees, and of the next less noisy one. */
  readonly t: Float32Array;
  readonly s: Float32Array;
  /** 1 where the network sees y, 0 for the prior and direct call. */
  readonly known: Float32Array;
  /** Weight of each term; zero for all but one kind. */
  readonly recon: Float32Array;
  readonly step: Float32Array;
  readonly prior: Float32Array;
}

/**
 * Draws by one uniform number, shifted by i / batch for example i.
 *
 * @param chains levels of each example's chain, as in src/diffusion/chains.ts
 */
export function drawTimes(chains: readonly (readonly number[])[], random: Random): TimeDraw {
  const batch = chains.length;
  const make = (): Float32Array => new Float32Array(batch);
  const draw = { t: make(), s: make(), known: make(), recon: make(), step: make(), prior: make() };
  const offset = random.uniform();
  for (const [i, levels] of chains.entries()) setTerm(draw, i, { u: ((i + offset) / batch) % 1, levels });
  return draw;
}

/** @param u in [0, 1): its parts stand for the terms in the order L0, prior, steps. */
function setTerm(draw: TimeDraw, i: number, { u, levels }: { u: number; levels: readonly number[] }): void {
  const numSteps = levels.length - 1;
  const timeOf = (index: number): number => levels[index]! / TIME_GRID;
  if (u < SHARE_RECON) {
    draw.known[i] = 1;
    draw.t[i] = timeOf(0);
    draw.recon[i] = 1 / SHARE_RECON;
  } else if (u < SHARE_RECON + SHARE_PRIOR) {
    draw.t[i] = timeOf(numSteps);
    draw.prior[i] = 1 / SHARE_PRIOR;
  } else {
    const step = Math.min(Math.floor(((u - SHARE_RECON - SHARE_PRIOR) / SHARE_STEPS) * numSteps) + 1, numSteps);
    draw.known[i] = 1;
    draw.t[i] = timeOf(step);
    draw.s[i] = timeOf(step - 1);
    draw.step[i] = numSteps / SHARE_STEPS;
  }
}
