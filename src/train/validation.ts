/** The bound of a run's averaged weights on images that training never sees. */
import { chainsFor } from '../diffusion/chains.ts';
import type { Tf } from '../tensorflow.ts';
import type { Batch } from './batch.ts';
import type { BatchSampler } from './batch-sampler.ts';
import type { RunState } from './checkpoint.ts';
import { detailsLoss, drawDetails } from './details-loss.ts';
import { meanOfFixedBatches } from './fixed-batches.ts';
import { stageLoss } from './loss.ts';
import type { Random } from './random.ts';
import { type ChainDraw, drawInputs } from './step.ts';

const MAIN_CHAIN: ChainDraw = (condition) => chainsFor(condition, { numSteps: 8, startsLate: false })[0]!;

/** Bits per coefficient on fixed batches with fixed noise or passes, so that figures of one run compare. */
export function validationLoss(tf: Tf, run: RunState, sampler: BatchSampler): number {
  const bitsOf = run.config.objective === 'details' ? detailsBits : boundBits;
  return meanOfFixedBatches(sampler, (batch, random) => bitsOf(tf, run, batch, random));
}

function detailsBits(tf: Tf, run: RunState, batch: Batch, random: Random): number {
  const config = { ...run.config, precision: 'float32' } as const;
  const inputs = drawDetails(run, batch, random);
  return tf.tidy(() => detailsLoss(tf, run.optimizer.average, config, inputs).dataSync()[0]!);
}

function boundBits(tf: Tf, run: RunState, batch: Batch, random: Random): number {
  const config = { ...run.config, precision: 'float32', timeSampler: 'low-discrepancy' } as const;
  const chain = config.time === 'continuous' ? undefined : MAIN_CHAIN;
  const inputs = drawInputs({ ...run, config }, batch, chain, random);
  return tf.tidy(() => {
    const { lossRecon, lossDiffusion, lossPrior } = stageLoss(tf, run.optimizer.average, config, inputs);
    return tf.addN([lossRecon, lossDiffusion, lossPrior]).dataSync()[0]!;
  });
}
