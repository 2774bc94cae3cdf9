/** The bound of a plain VDM's averaged weights on images that training never sees, in continuous time. */
import type { Tf } from '../tensorflow.ts';
import type { RunState } from './checkpoint.ts';
import type { PixelSampler } from './pixel-batch.ts';
import { drawPixelInputs, pixelMeans } from './pixel-step.ts';
import { Random } from './random.ts';

const BATCHES = 6;
const SEED = 12345;

/** Bits per dim on fixed batches with fixed times and noise, so that figures of one run compare. */
export function pixelValidation(tf: Tf, run: RunState, sampler: PixelSampler): number {
  const random = new Random(SEED);
  const config = { ...run.config, precision: 'float32' } as const;
  let sum = 0;
  for (let i = 0; i < BATCHES; i++) {
    const inputs = drawPixelInputs(sampler.next(random), random);
    sum += tf.tidy(() => pixelMeans(tf, run.optimizer.average, config, inputs).total.dataSync()[0]!);
  }
  return sum / BATCHES;
}
