/** What each term of the bound of a plain VDM on pixels costs, as term-costs.ts has it of a pyramid. */
import type { Tf } from '../tensorflow.ts';
import type { RunState } from './checkpoint.ts';
import type { Plane } from './dataset.ts';
import { pixelBatches, pixelTermBits } from './pixel-term-bits.ts';
import { Random } from './random.ts';
import type { TermCosts, TermOptions } from './term-costs.ts';

/** @param images pyramids of square images of one size, of which the finest levels are used */
export function pixelTermCosts(
  tf: Tf,
  run: RunState,
  images: readonly (readonly Plane[])[],
  { numSteps, seed = 1 }: TermOptions,
): TermCosts {
  const random = new Random(seed);
  const steps = new Array<number>(numSteps).fill(0);
  const costs = { base: 0, recon: 0, prior: 0 };
  const shareOf = (bits: Float32Array): number => bits.reduce((sum, value) => sum + value, 0) / images.length;
  for (const batch of pixelBatches(images)) {
    const all = (time: number): Float32Array => new Float32Array(batch.size).fill(time);
    for (const k of steps.keys()) {
      const noise = random.normal(batch.levels.length);
      const chain = { numSteps, s: all(k / numSteps) };
      const reconImages = k === 0 ? batch.size : 1;
      const terms = pixelTermBits(tf, run, { batch, t: all((k + 1) / numSteps), steps: chain, noise, reconImages });
      // As if all T steps were this one.
      steps[k]! += shareOf(terms.diffusion) / numSteps;
      if (k > 0) continue;
      costs.recon += shareOf(terms.recon);
      costs.prior += shareOf(terms.prior);
    }
  }
  return { ...costs, steps };
}
