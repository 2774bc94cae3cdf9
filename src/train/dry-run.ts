/** What a run would take: its size, and the time of a few real iterations. Writes nothing. */
import type { Tf } from '../tensorflow.ts';
import type { TrainConfig } from './config.ts';
import type { Cost } from './cost.ts';
import type { Dataset } from './dataset.ts';
import { openTask } from './open-task.ts';
import { Random } from './random.ts';
import type { RunSize, Task } from './task.ts';

/** The first iterations are slower: memory is taken and kernels are chosen. */
const WARM_UP = 2;
const MEASURED = 8;
/** Floating-point operations of a training step for each multiplication forward: its addition, and two products for gradients. */
const OPERATIONS_PER_MAC = 6;

export interface DryRun extends Cost {
  /** Numbers that are trained. */
  readonly parameters: number;
  readonly examples: RunSize['examples'];
  readonly secondsPerIteration: number;
  /** Share of it in which the network waits for batches. */
  readonly batchShare: number;
  /** Of the network's multiplications and additions, forward and backward, in 10^9 a second: no other operation counts. */
  readonly gflops: number;
  /** Of all iterations, without validations and checkpoints. */
  readonly totalSeconds: number;
}

/** @throws RangeError when the images allow no batch of the config's mixture; the signal's reason when it is aborted. */
export async function dryRun(tf: Tf, config: TrainConfig, data: Dataset, signal: AbortSignal): Promise<DryRun> {
  signal.throwIfAborted();
  const task = openTask(tf, config, { data });
  try {
    return await measure(tf, config, task, signal);
  } finally {
    await task.close();
  }
}

async function measure(tf: Tf, config: TrainConfig, task: Task, signal: AbortSignal): Promise<DryRun> {
  const random = new Random(config.seed);
  let run = task.freshRun();
  const parameters = Object.values(run.parameters).reduce((sum, { size }) => sum + size, 0);
  let started = performance.now();
  let [batches, macs] = [0, 0];
  for (let i = 0; i < WARM_UP + MEASURED; i++) {
    // Lets signals in: all of an iteration may be synchronous.
    await new Promise((resolve) => setImmediate(resolve));
    if (signal.aborted) break;
    if (i === WARM_UP) started = performance.now();
    const result = await task.step(run, random);
    run = result.run;
    if (i < WARM_UP) continue;
    batches += result.batchSeconds;
    macs += result.batchMacs;
  }
  const seconds = (performance.now() - started) / 1000;
  tf.dispose([run.parameters, run.optimizer] as never);
  signal.throwIfAborted();
  const { examples, cost } = task.size;
  const secondsPerIteration = seconds / MEASURED;
  return {
    parameters,
    ...cost,
    examples,
    secondsPerIteration,
    batchShare: batches / seconds,
    gflops: (OPERATIONS_PER_MAC * macs) / seconds / 1e9,
    totalSeconds: secondsPerIteration * config.iterations,
  };
}
