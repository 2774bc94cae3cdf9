/** The bound of a run's averaged weights on images that training never sees. */
import type { BatchSampler } from './batch-sampler.ts';
import type { RunState } from './checkpoint.ts';
import { vlbLoss } from './loss.ts';
import { Random } from './random.ts';
import { drawInputs } from './step.ts';
import type { Tf } from './tensorflow.ts';

const BATCHES = 6;
const NUM_STEPS = 8;
const SEED = 12345;

/** Bits per coefficient on fixed batches with fixed noise, so that figures of one run compare. */
export function validationLoss(tf: Tf, run: RunState, sampler: BatchSampler): number {
  const random = new Random(SEED);
  let sum = 0;
  for (let i = 0; i < BATCHES; i++) {
    const inputs = drawInputs(run, sampler.next(random), NUM_STEPS, random);
    sum += tf.tidy(() => {
      const { lossRecon, lossDiffusion, lossPrior } = vlbLoss(tf, run.optimizer.average, run.config, inputs);
      return tf.addN([lossRecon, lossDiffusion, lossPrior]).dataSync()[0]!;
    });
  }
  return sum / BATCHES;
}
