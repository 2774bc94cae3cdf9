/** What a run would take: its size, and the time of a few real iterations. Writes nothing. */
import type { Tf } from '../tensorflow.ts';
import type { TrainConfig } from './config.ts';
import type { Cost } from './cost.ts';
import type { Dataset } from './dataset.ts';
import { openTask } from './open-task.ts';
import { Random } from './random.ts';
import type { RunSize } from './task.ts';

/** The first iterations are slower: memory is taken and kernels are chosen. */
const WARM_UP = 2;
const MEASURED = 3;

export interface DryRun extends Cost {
  /** Numbers that are trained. */
  readonly parameters: number;
  readonly examples: RunSize['examples'];
  readonly secondsPerIteration: number;
  /** Of all iterations, without validations and checkpoints. */
  readonly totalSeconds: number;
}

/** @throws RangeError when the images allow no batch of the config's mixture. */
export function dryRun(tf: Tf, config: TrainConfig, data: Dataset): DryRun {
  const task = openTask(tf, config, { data });
  const random = new Random(config.seed);
  let run = task.freshRun();
  const parameters = Object.values(run.parameters).reduce((sum, { size }) => sum + size, 0);
  let started = performance.now();
  for (let i = 0; i < WARM_UP + MEASURED; i++) {
    if (i === WARM_UP) started = performance.now();
    ({ run } = task.step(run, Random.stream(config.seed, i), random));
  }
  const secondsPerIteration = (performance.now() - started) / 1000 / MEASURED;
  tf.dispose([run.parameters, run.optimizer] as never);
  const { examples, cost } = task.size;
  const totalSeconds = secondsPerIteration * config.iterations;
  return { parameters, ...cost, examples, secondsPerIteration, totalSeconds };
}
