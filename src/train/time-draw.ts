/**
 * Which term of its chain's bound each example of a batch stands for: the reconstruction L0, the prior together with direct
 * coding, or one of the T diffusion steps. A term is weighted by the inverse of its probability, so that the batch mean
 * is an unbiased estimate of the bound.
 */
import { TIME_GRID } from '../diffusion/dimensions.ts';
import type { Random } from './random.ts';

const SHARE_RECON = 2 / 12;
const SHARE_PRIOR = 1 / 12;
const SHARE_STEPS = 1 - SHARE_RECON - SHARE_PRIOR;

/** Index of a term of a chain: L0, the prior, then the steps, the least noisy first. */
export const TERM_RECON = 0;
export const TERM_PRIOR = 1;
export const FIRST_STEP = 2;

/** All arrays have one entry an example. */
export interface TimeDraw {
  /** Index of the term. */
  readonly term: Uint8Array;
  /** Time of the latent that the network sees, and of the next less noisy one; without those, steps are infinitely many. */
  readonly t: Float32Array;
  readonly s?: Float32Array;
  /** 1 where the network sees y, 0 for the prior and direct call. */
  readonly known: Float32Array;
  /** Weight of each term; zero for all but one kind. */
  readonly recon: Float32Array;
  readonly step: Float32Array;
  readonly prior: Float32Array;
  /** Weight in a mean over the levels of the chain, of L0 and the steps. */
  readonly level: Float32Array;
}

/** A draw of the terms of chains. */
export interface ChainTimeDraw extends TimeDraw {
  readonly s: Float32Array;
}

/** Probabilities of the terms of a chain that no losses are known of. */
export function fixedShares(numSteps: number): number[] {
  return [SHARE_RECON, SHARE_PRIOR, ...Array.from({ length: numSteps }, () => SHARE_STEPS / numSteps)];
}

export interface TimeOptions {
  /** Probabilities of the terms of the chain of example i. Default: fixedShares. */
  readonly sharesOf?: (levels: readonly number[], i: number) => readonly number[];
  /** Each time by a number of its own, in place of one for all, which places example i in the i-th of even parts. Default: false. */
  readonly isIndependent?: boolean;
}

/** @param chains levels of each example's chain, as in src/diffusion/chains.ts */
export function drawTimes(
  chains: readonly (readonly number[])[],
  random: Random,
  { sharesOf = (levels) => fixedShares(levels.length - 1), isIndependent = false }: TimeOptions = {},
): ChainTimeDraw {
  const batch = chains.length;
  const draw = { ...emptyDraw(batch), s: new Float32Array(batch) };
  const parts = drawParts(batch, random, isIndependent);
  for (const [i, levels] of chains.entries()) {
    const shares = sharesOf(levels, i);
    const term = termAt(shares, parts[i]!);
    setTerm(draw, i, { levels, term, weight: 1 / shares[term]! });
  }
  return draw;
}

/** A draw in which no example stands for anything yet. */
export function emptyDraw(batch: number): TimeDraw {
  const make = (): Float32Array => new Float32Array(batch);
  const weights = { recon: make(), step: make(), prior: make(), level: make() };
  return { term: new Uint8Array(batch), t: make(), known: make(), ...weights };
}

/** A number in [0, 1) for each example. */
export function drawParts(batch: number, random: Random, isIndependent: boolean): number[] {
  const offset = random.uniform();
  return Array.from({ length: batch }, (_, i) => (isIndependent ? random.uniform() : (i + offset) / batch));
}

/** @param u in [0, 1): its parts stand for the terms. */
export function termAt(shares: readonly number[], u: number): number {
  let end = 0;
  const term = shares.findIndex((share) => {
    end += share;
    return u < end;
  });
  return term < 0 ? shares.length - 1 : term; // sums that round to less than u
}

interface Term {
  readonly levels: readonly number[];
  readonly term: number;
  readonly weight: number;
}

function setTerm(draw: ChainTimeDraw, i: number, { levels, term, weight }: Term): void {
  const timeOf = (index: number): number => levels[index]! / TIME_GRID;
  draw.term[i] = term;
  if (term === TERM_PRIOR) {
    draw.t[i] = timeOf(levels.length - 1);
    draw.prior[i] = weight;
    return;
  }
  const step = term === TERM_RECON ? 0 : term - FIRST_STEP + 1;
  draw.known[i] = 1;
  draw.t[i] = timeOf(step);
  draw.s[i] = step === 0 ? 0 : timeOf(step - 1);
  draw.level[i] = weight / levels.length;
  (step === 0 ? draw.recon : draw.step)[i] = weight;
}
