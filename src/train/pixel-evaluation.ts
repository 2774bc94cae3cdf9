/** The bound of a plain VDM's averaged weights on whole images, for any number of steps T evenly spaced in time. */
import type { Tf } from '../tensorflow.ts';
import type { RunState } from './checkpoint.ts';
import type { Plane } from './dataset.ts';
import type { EvaluationOptions } from './evaluation.ts';
import { type Estimate, estimateOf, evenSteps } from './even-steps.ts';
import { pixelBatch } from './pixel-batch.ts';
import { type PixelInputs, pixelTerms } from './pixel-loss.ts';
import { Random } from './random.ts';

/** Images in a batch. */
const CHUNK = 16;

/** @param images pyramids of square images of one size, of which the finest levels are used */
export function evaluatePixels(
  tf: Tf,
  run: RunState,
  images: readonly (readonly Plane[])[],
  { numSteps, samples = 16, seed = 1 }: EvaluationOptions,
): Estimate {
  const random = new Random(seed);
  const rates: number[] = [];
  for (let start = 0; start < images.length; start += CHUNK) {
    const batch = pixelBatch(images.slice(start, start + CHUNK).map(([finest]) => finest!));
    const chunk = new Float64Array(batch.size);
    const { steps, weight } = evenSteps(numSteps, { samples, examples: batch.size }, random);
    for (const k of steps[0]!.keys()) {
      const timesOf = (before: number) => Float32Array.from(steps, (list) => (list[k]! - before) / numSteps);
      const noise = random.normal(batch.levels.length);
      const chain = { numSteps, s: timesOf(1) };
      const reconImages = k === 0 ? batch.size : 1;
      const terms = termsOf(tf, run, { batch, t: timesOf(0), steps: chain, noise, reconImages });
      // The terms of all T steps at once: each sampled one stands for weight / T of them.
      for (const [i, value] of terms.diffusion.entries()) chunk[i]! += (value * weight) / numSteps;
      if (k === 0) for (const i of chunk.keys()) chunk[i]! += terms.recon[i]! + terms.prior[i]!;
    }
    rates.push(...chunk);
  }
  return estimateOf(rates);
}

/** @returns arrays [images] in bits per dim */
function termsOf(tf: Tf, run: RunState, inputs: PixelInputs): Record<'recon' | 'prior' | 'diffusion', Float32Array> {
  const config = { ...run.config, precision: 'float32' } as const;
  return tf.tidy(() => {
    const terms = pixelTerms(tf, run.optimizer.average, config, inputs);
    return Object.fromEntries(Object.entries(terms).map(([name, term]) => [name, term.dataSync()])) as never;
  }) as never;
}
