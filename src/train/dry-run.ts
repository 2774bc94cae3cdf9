/** What a run would take: its size, and the time of a few real iterations. Writes nothing. */
import type { Tf } from '../tensorflow.ts';
import { BatchSampler, type BatchSizes } from './batch-sampler.ts';
import type { TrainConfig } from './config.ts';
import { type Cost, costOf } from './cost.ts';
import type { Dataset } from './dataset.ts';
import { freshRun } from './fresh-run.ts';
import { Random } from './random.ts';
import { trainStep } from './step.ts';

/** The first iterations are slower: memory is taken and kernels are chosen. */
const WARM_UP = 2;
const MEASURED = 3;
/** T of the cost of an image. */
export const DRY_RUN_STEPS = 8;

export interface DryRun extends Cost {
  /** Numbers that are trained. */
  readonly parameters: number;
  /** Most examples of a batch by its kind; kinds that are never drawn are left out. */
  readonly examples: BatchSizes;
  readonly secondsPerIteration: number;
  /** Of all iterations, without validations and checkpoints. */
  readonly totalSeconds: number;
}

/** @throws RangeError when the images allow no batch of the config's mixture. */
export function dryRun(tf: Tf, config: TrainConfig, data: Dataset): DryRun {
  const sampler = new BatchSampler(data, config);
  const random = new Random(config.seed);
  let run = freshRun(tf, config, sampler);
  const parameters = Object.values(run.parameters).reduce((sum, { size }) => sum + size, 0);
  let started = performance.now();
  for (let i = 0; i < WARM_UP + MEASURED; i++) {
    if (i === WARM_UP) started = performance.now();
    ({ run } = trainStep(tf, run, sampler.next(random), random));
  }
  const secondsPerIteration = (performance.now() - started) / 1000 / MEASURED;
  tf.dispose([run.parameters, run.optimizer] as never);
  return {
    parameters,
    ...costOf(config, DRY_RUN_STEPS),
    examples: sampler.sizes,
    secondsPerIteration,
    totalSeconds: secondsPerIteration * config.iterations,
  };
}
