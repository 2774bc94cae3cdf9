/** Adds up what the tiles of an image cost: the bound's terms over real numbers, and the content by the integer CDFs. */
import { ROUNDING_VARIANCE } from '../diffusion/dimensions.ts';
import { discretisedBits, gaussianKlBits } from '../diffusion/vlb.ts';
import { CDF_PRECISION, gaussianFreq, scaleSigma } from '../rans/discretised-gaussian.ts';
import type { Gaussians } from './gaussians.ts';
import type { DirectTerm, PriorTerm, ReverseTerm, TileObserver } from './tile-observer.ts';

export class RateMeter implements TileObserver {
  /** Terms of the bound in bits, over all tiles; lossSteps[0] is the step from y_1 to y_0. */
  lossRecon = 0;
  lossPrior = 0;
  readonly lossSteps: number[] = [];
  /** Cost of the tiles coded without latents. */
  directBits = 0;
  /** Information content by the integer CDFs: pushed minus popped. */
  codedBits = 0;

  get vlbBits(): number {
    return this.lossRecon + this.lossPrior + this.lossSteps.reduce((sum, bits) => sum + bits, 0);
  }

  direct(term: DirectTerm): void {
    const bits = term.uBits ?? gaussianBits(term.u, term);
    // Without latents, the bound is the likelihood of u itself.
    this.lossRecon += reconBits(term);
    this.directBits += bits;
    this.codedBits += bits;
  }

  reverse(i: number, term: ReverseTerm): void {
    const { previous, latent, forwardScale, coded, uBits } = term;
    this.codedBits += uBits ?? gaussianBits(previous, term);
    for (const index of coded) this.codedBits -= contentBits(latent[index]!, 16 * previous[index]!, forwardScale[i]!);
    if (i === 0) this.lossRecon += reconBits(term);
    else this.lossSteps[i - 1] = (this.lossSteps[i - 1] ?? 0) + stepBits(i, term);
  }

  prior(term: PriorTerm): void {
    this.codedBits += gaussianBits(term.latent, term);
    this.lossPrior += priorBits(term);
  }
}

interface Coded {
  readonly gaussians: Gaussians;
  readonly coded: Int32Array;
}

function gaussianBits(values: Int32Array, { gaussians: { mean16, scale }, coded }: Coded): number {
  let bits = 0;
  for (const index of coded) bits += contentBits(values[index]!, mean16[index]!, scale[index]!);
  return bits;
}

/** Cost of u under real Gaussians, or what it cost under the weights of colours. */
export function reconBits({ u, gaussians: { mean16, scale }, coded, uBits }: DirectTerm): number {
  if (uBits !== undefined) return uBits;
  let bits = 0;
  for (const index of coded) bits += discretisedBits(u[index]! - mean16[index]! / 16, scaleSigma(scale[index]!));
  return bits;
}

/** KL of q(y_n | u) = N(u, n_n^2) against the model. */
export function priorBits({ u, gaussians: { mean16, scale }, forwardScale, coded }: PriorTerm): number {
  const variance = varianceAt(forwardScale, forwardScale.length - 1);
  let bits = 0;
  for (const index of coded) {
    bits += gaussianKlBits(variance, modelVariance(scale[index]!), u[index]! - mean16[index]! / 16);
  }
  return bits;
}

/** KL of q(y_(i-1) | y_i, u) = N(r y_i + (1 - r) u, n_(i-1)^2 (1 - r)) against the model, r = n_(i-1)^2 / n_i^2. */
export function stepBits(i: number, { u, latent, gaussians, forwardScale, coded }: ReverseTerm): number {
  const { mean16, scale } = gaussians;
  const before = varianceAt(forwardScale, i - 1);
  const ratio = before / varianceAt(forwardScale, i);
  let bits = 0;
  for (const index of coded) {
    const mean = ratio * latent[index]! + (1 - ratio) * u[index]!;
    bits += gaussianKlBits(before * (1 - ratio), modelVariance(scale[index]!), mean - mean16[index]! / 16);
  }
  return bits;
}

const modelVariance = (scale: number): number => scaleSigma(scale) * scaleSigma(scale) + ROUNDING_VARIANCE;

/** n_i^2: the variance of y_i around u. */
export function varianceAt(forwardScale: Uint8Array, i: number): number {
  return forwardScale.subarray(0, i + 1).reduce((sum, scale) => sum + modelVariance(scale), 0);
}

const contentBits = (value: number, mean16: number, scale: number): number =>
  CDF_PRECISION - Math.log2(gaussianFreq(value, mean16, scale));
