/** The bound of any training run of Gaussian diffusion for T steps, whatever it is over, and its terms. */
import type { Tf } from '../tensorflow.ts';
import type { RunState } from './checkpoint.ts';
import type { Plane } from './dataset.ts';
import { type EvaluationOptions, evaluateBound } from './evaluation.ts';
import type { Estimate } from './even-steps.ts';
import { evaluatePixels } from './pixel-evaluation.ts';
import { pixelTermCosts } from './pixel-term-costs.ts';
import { type TermCosts, type TermOptions, termCosts } from './term-costs.ts';

/** @param images pyramids of square images of one size, a power of two */
export const boundOfRun = (
  tf: Tf,
  run: RunState,
  images: readonly (readonly Plane[])[],
  options: EvaluationOptions,
): Estimate => (run.config.domain === 'pixels' ? evaluatePixels : evaluateBound)(tf, run, images, options);

/** @param images as of boundOfRun */
export const termCostsOfRun = (
  tf: Tf,
  run: RunState,
  images: readonly (readonly Plane[])[],
  options: TermOptions,
): TermCosts => (run.config.domain === 'pixels' ? pixelTermCosts : termCosts)(tf, run, images, options);
