/** The bound of a plain VDM's averaged weights on images that training never sees, in continuous time. */
import type { Tf } from '../tensorflow.ts';
import type { RunState } from './checkpoint.ts';
import { meanOfFixedBatches } from './fixed-batches.ts';
import type { PixelSampler } from './pixel-batch.ts';
import { drawPixelInputs, pixelMeans } from './pixel-step.ts';

/** Bits per dim on fixed batches with fixed times and noise, so that figures of one run compare. */
export function pixelValidation(tf: Tf, run: RunState, sampler: PixelSampler): number {
  const config = { ...run.config, precision: 'float32' } as const;
  return meanOfFixedBatches(sampler, (batch, random) => {
    const inputs = drawPixelInputs(batch, random);
    return tf.tidy(() => pixelMeans(tf, run.optimizer.average, config, inputs).total.dataSync()[0]!);
  });
}
