/** The bound of a run's averaged weights on images that training never sees. */
import { chainsFor } from '../diffusion/chains.ts';
import type { Tf } from '../tensorflow.ts';
import type { BatchSampler } from './batch-sampler.ts';
import type { RunState } from './checkpoint.ts';
import { detailsLoss, drawPasses } from './details-loss.ts';
import { stageLoss } from './loss.ts';
import { Random } from './random.ts';
import { type ChainDraw, drawInputs } from './step.ts';

const BATCHES = 6;
const SEED = 12345;
const CHAIN: ChainDraw = (condition) => chainsFor(condition, { numSteps: 8, startsLate: false })[0]!;

/** Bits per coefficient on fixed batches with fixed noise, so that figures of one run compare. */
export function validationLoss(tf: Tf, run: RunState, sampler: BatchSampler): number {
  const random = new Random(SEED);
  const config = { ...run.config, precision: 'float32', timeSampler: 'low-discrepancy' } as const;
  let sum = 0;
  for (let i = 0; i < BATCHES; i++) {
    if (run.config.objective === 'details') {
      const batch = sampler.next(random);
      const inputs = { batch, pass: drawPasses(batch.size, random), standardDeviations: run.standardDeviations };
      sum += tf.tidy(() => detailsLoss(tf, run.optimizer.average, config, inputs).dataSync()[0]!);
      continue;
    }
    const inputs = drawInputs({ ...run, config }, sampler.next(random), CHAIN, random);
    sum += tf.tidy(() => {
      const { lossRecon, lossDiffusion, lossPrior } = stageLoss(tf, run.optimizer.average, config, inputs);
      return tf.addN([lossRecon, lossDiffusion, lossPrior]).dataSync()[0]!;
    });
  }
  return sum / BATCHES;
}
