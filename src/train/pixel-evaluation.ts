/** The bound of a plain VDM's averaged weights on whole images, for any number of steps T evenly spaced in time. */
import type { Tf } from '../tensorflow.ts';
import type { RunState } from './checkpoint.ts';
import type { Plane } from './dataset.ts';
import type { EvaluationOptions } from './evaluation.ts';
import { type Estimate, estimateOf, evenSteps } from './even-steps.ts';
import { pixelBatches, pixelTermBits } from './pixel-term-bits.ts';
import { Random } from './random.ts';

/** @param images pyramids of square images of one size, of which the finest levels are used */
export function evaluatePixels(
  tf: Tf,
  run: RunState,
  images: readonly (readonly Plane[])[],
  { numSteps, samples = 16, seed = 1 }: EvaluationOptions,
): Estimate {
  const random = new Random(seed);
  const rates: number[] = [];
  for (const batch of pixelBatches(images)) {
    const chunk = new Float64Array(batch.size);
    const { times, weight } = evenSteps(numSteps, { samples, examples: batch.size }, random);
    for (const [k, { t, s }] of times.entries()) {
      const noise = random.normal(batch.levels.length);
      const reconImages = k === 0 ? batch.size : 1;
      const terms = pixelTermBits(tf, run, { batch, t, steps: { numSteps, s }, noise, reconImages });
      // The terms of all T steps at once: each sampled one stands for weight / T of them.
      for (const [i, value] of terms.diffusion.entries()) chunk[i]! += (value * weight) / numSteps;
      if (k === 0) for (const i of chunk.keys()) chunk[i]! += terms.recon[i]! + terms.prior[i]!;
    }
    rates.push(...chunk);
  }
  return estimateOf(rates);
}
