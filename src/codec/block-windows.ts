/**
 * What the network's Gaussians say about the details of a 2x2 block, on windows of likely values: for the vertical
 * details as they are, for the rows' differences as sums over the diagonal details.
 *
 * Frequencies are integers below 2^20 and their products and sums stay below 2^53, so all are exact in doubles.
 */

import { D, H, V } from '../pyramid/block-details.ts';
import { gaussianFreq, NUM_SCALES, scaleIndexForVariance, scaleSigma } from '../rans/discretised-gaussian.ts';
import type { Gaussians } from './gaussians.ts';

/** Windows reach this many standard deviations and one step to each side of the mean. */
const WINDOW_SIGMAS = 2.5;
/** Sums over what a row will weigh reach less far. */
const SUM_SIGMAS = 2;
/** More than the widest window: 27 for a row of luma details with sigma = 4. */
export const MAX_WINDOW = 32;

const SIGMAS = Float64Array.from({ length: NUM_SCALES }, (_, scale) => scaleSigma(scale));

/** Frequencies of the values first .. first + count - 1, of which those with index sumStart .. sumEnd - 1 are likely. */
export class Window {
  first = 0;
  count = 0;
  sumStart = 0;
  sumEnd = 0;
  readonly freqs = new Float64Array(MAX_WINDOW);
  mean16 = 0;
  scale = 0;

  place(mean16: number, sigma: number): void {
    const centre = (mean16 + 8) >> 4;
    const reach = Math.ceil(WINDOW_SIGMAS * sigma) + 1;
    const sumReach = Math.min(reach, Math.max(1, Math.floor(SUM_SIGMAS * sigma + 0.5)));
    this.first = centre - reach;
    this.count = 2 * reach + 1;
    this.sumStart = reach - sumReach;
    this.sumEnd = reach + sumReach + 1;
    this.mean16 = mean16;
  }

  /** Index of a value, or -1 outside. */
  indexOf(value: number): number {
    const index = value - this.first;
    return index >= 0 && index < this.count ? index : -1;
  }

  setGaussian(mean16: number, scale: number): void {
    this.place(mean16, SIGMAS[scale]!);
    this.scale = scale;
    for (let i = 0; i < this.count; i++) this.freqs[i] = gaussianFreq(this.first + i, mean16, scale);
  }
}

/** The distributions of one plane of a block. */
export class PlaneWindows {
  readonly vertical = new Window();
  readonly upper = new Window();
  readonly lower = new Window();
  private readonly horizontal = new Window();
  private readonly diagonal = new Window();

  /** @param index of the plane's coefficient in band 0 */
  set({ mean16, scale }: Gaussians, index: number): void {
    this.vertical.setGaussian(mean16[index + V]!, scale[index + V]!);
    this.horizontal.setGaussian(mean16[index + H]!, scale[index + H]!);
    this.diagonal.setGaussian(mean16[index + D]!, scale[index + D]!);
    this.setMarginal(this.upper, 1);
    this.setMarginal(this.lower, -1);
  }

  /** upper = H + (D + 1 >> 1) and lower = H - (D >> 1): sums over D of the products. @param side 1 upper, -1 lower */
  private setMarginal(row: Window, side: 1 | -1): void {
    const { horizontal, diagonal } = this;
    const sigma = rowSigma(SIGMAS[horizontal.scale]!, SIGMAS[diagonal.scale]!);
    // The floor of D / 2 is D / 2 - 1/4 on average.
    row.place(horizontal.mean16 + ((side * diagonal.mean16) >> 1) + 4, sigma);
    row.scale = scaleIndexForVariance(sigma * sigma);
    for (let i = 0; i < row.count; i++) {
      const value = row.first + i;
      let sum = 0;
      for (let j = 0; j < diagonal.count; j++) {
        const d = diagonal.first + j;
        const h = horizontal.indexOf(side === 1 ? value - ((d + 1) >> 1) : value + (d >> 1));
        if (h >= 0) sum += diagonal.freqs[j]! * horizontal.freqs[h]!;
      }
      // At least as likely as the rarest pair, so that no symbol is impossible.
      row.freqs[i] = sum + 1;
    }
  }

  /** Replaces `lower` by its distribution given the upper row's difference. */
  conditionLower(upper: number): void {
    const { horizontal, diagonal, lower } = this;
    const [sigmaH, sigmaD] = [2 * SIGMAS[horizontal.scale]!, SIGMAS[diagonal.scale]!];
    const precisionH = 1 / (sigmaH * sigmaH);
    const precisionD = 1 / (sigmaD * sigmaD);
    const fromH = 2 * horizontal.mean16 + 8 - 16 * upper;
    const fromD = 16 * upper - diagonal.mean16;
    const precision = precisionH + precisionD;
    const mean16 = Math.floor((fromH * precisionH + fromD * precisionD) / precision);
    lower.place(mean16, Math.sqrt(1 / precision));
    lower.scale = scaleIndexForVariance(1 / precision);
    for (let i = 0; i < lower.count; i++) {
      const value = lower.first + i;
      const d = upper - value;
      const h = value + (d >> 1);
      lower.freqs[i] =
        gaussianFreq(d, diagonal.mean16, diagonal.scale) * gaussianFreq(h, horizontal.mean16, horizontal.scale);
    }
  }
}

const rowSigma = (sigmaH: number, sigmaD: number): number => Math.sqrt(sigmaH * sigmaH + (sigmaD * sigmaD) / 4);
