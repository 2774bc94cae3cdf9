/** What each term of the bound of a plain VDM on pixels costs, as term-costs.ts has it of a pyramid. */
import type { Tf } from '../tensorflow.ts';
import type { RunState } from './checkpoint.ts';
import type { Plane } from './dataset.ts';
import { pixelBatch } from './pixel-batch.ts';
import { pixelTerms } from './pixel-loss.ts';
import { Random } from './random.ts';
import type { TermCosts, TermOptions } from './term-costs.ts';

/** Images in a batch: all 256 levels of each of their values are held at once. */
const CHUNK = 16;

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
  const config = { ...run.config, precision: 'float32' } as const;
  const add = (bits: Float32Array): number => bits.reduce((sum, value) => sum + value, 0) / images.length;
  for (let first = 0; first < images.length; first += CHUNK) {
    const batch = pixelBatch(images.slice(first, first + CHUNK).map(([finest]) => finest!));
    const all = (time: number): Float32Array => new Float32Array(batch.size).fill(time);
    for (const k of steps.keys()) {
      const noise = random.normal(batch.levels.length);
      const chain = { numSteps, s: all(k / numSteps) };
      const inputs = { batch, t: all((k + 1) / numSteps), steps: chain, noise, reconImages: k === 0 ? batch.size : 1 };
      tf.tidy(() => {
        const terms = pixelTerms(tf, run.optimizer.average, config, inputs);
        // As if all T steps were this one.
        steps[k]! += add(terms.diffusion.dataSync() as Float32Array) / numSteps;
        if (k > 0) return;
        costs.recon += add(terms.recon.dataSync() as Float32Array);
        costs.prior += add(terms.prior.dataSync() as Float32Array);
      });
    }
  }
  return { ...costs, steps };
}
