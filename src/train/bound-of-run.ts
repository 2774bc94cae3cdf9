/** The bound of any training run of Gaussian diffusion for T steps, whatever it is over. */
import type { Tf } from '../tensorflow.ts';
import type { RunState } from './checkpoint.ts';
import type { Plane } from './dataset.ts';
import { type EvaluationOptions, evaluateBound } from './evaluation.ts';
import type { Estimate } from './even-steps.ts';
import { evaluatePixels } from './pixel-evaluation.ts';

/** @param images pyramids of square images of one size, a power of two */
export const boundOfRun = (
  tf: Tf,
  run: RunState,
  images: readonly (readonly Plane[])[],
  options: EvaluationOptions,
): Estimate => (run.config.domain === 'pixels' ? evaluatePixels : evaluateBound)(tf, run, images, options);
