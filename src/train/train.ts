/** The training loop: iterations, log, validation and checkpoints of one run in a folder. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Tf } from '../tensorflow.ts';
import type { Methods } from '../training-methods.ts';
import { type RunState, readCheckpoint, writeCheckpoint } from './checkpoint.ts';
import type { TrainConfig } from './config.ts';
import type { Dataset } from './dataset.ts';
import { addToMeter, EMPTY_METER, meterMeans, vlbOf } from './meter.ts';
import { openTask } from './open-task.ts';
import { Random } from './random.ts';
import { fieldFault, type Task } from './task.ts';
import type { EventLog } from './tensorboard.ts';
import { appendToLog, startLog } from './training-log.ts';

export interface Progress {
  readonly iteration: number;
  readonly iterations: number;
  readonly seconds: number;
  /** Bound in bits per coefficient, averaged over the iterations since the last report. */
  readonly bitsPerDim: number;
  readonly iterationsPerSecond: number;
  /** Validation bound of the averaged weights, when it was measured in this interval. */
  readonly validationBitsPerDim?: number;
}

export interface TrainOptions {
  readonly config: TrainConfig;
  /** Its fields that come from options, which the run keeps to when it is resumed. */
  readonly replaced?: readonly (keyof Methods)[];
  readonly data: Dataset;
  readonly validation: Dataset | undefined;
  readonly folder: string;
  /** Is told every line of the log, too. */
  readonly events?: EventLog | undefined;
  /** Go on with the run in the folder. */
  readonly resume: boolean;
  /** A run whose weights a new one begins with; stays the caller's. */
  readonly from?: RunState | undefined;
  readonly onProgress: (progress: Progress) => void;
  readonly signal: AbortSignal;
}

export const CHECKPOINT_NAME = 'checkpoint.bin';
const LOG_NAME = 'log.csv';

/**
 * Trains until `config.iterations` or the signal; leaves checkpoint.bin and log.csv in the folder. The tensors of the
 * result belong to the caller.
 *
 * @throws DivergenceError when a term of the loss or new weights are not finite; the last checkpoint stays as it is.
 * @throws RangeError when the config does not fit the images, the run that it resumes or that it starts from.
 */
export async function train(tf: Tf, options: TrainOptions): Promise<RunState> {
  await mkdir(options.folder, { recursive: true });
  const task = openTask(tf, options.config, options);
  try {
    return await iterations(tf, options, task);
  } finally {
    await task.close();
  }
}

async function iterations(tf: Tf, options: TrainOptions, task: Task): Promise<RunState> {
  const { config, replaced, folder, signal } = options;
  const checkpoint = join(folder, CHECKPOINT_NAME);
  const reporter = new Reporter(task, options);
  const first = await firstState(tf, options, task);
  let run: RunState = { ...first, ...(replaced === undefined ? {} : { replaced }) };
  await startLog(join(folder, LOG_NAME), run);
  let savedAt = Date.now();
  while (run.iteration < config.iterations && !signal.aborted) {
    run = await reporter.report(await iterate(run, task));
    if (Date.now() - savedAt > config.checkpointSeconds * 1000) {
      await writeCheckpoint(checkpoint, run);
      savedAt = Date.now();
    }
    // Lets signals and timers in: everything above may be synchronous.
    await new Promise((resolve) => setImmediate(resolve));
  }
  await writeCheckpoint(checkpoint, run);
  return run;
}

async function firstState(tf: Tf, { config, folder, resume, from }: TrainOptions, task: Task): Promise<RunState> {
  if (resume) return resumedRun(tf, join(folder, CHECKPOINT_NAME), config, task);
  return from === undefined ? task.freshRun() : task.warmRun(from);
}

/** The run of a checkpoint, going on under this config. */
async function resumedRun(tf: Tf, path: string, config: TrainConfig, { fixedFields }: Task): Promise<RunState> {
  const run = await readCheckpoint(tf, path);
  const fault = fieldFault(fixedFields, [run.config, config], 'to resume');
  if (fault === undefined) return { ...run, config };
  tf.dispose([run.parameters, run.optimizer] as never);
  throw new RangeError(fault);
}

async function iterate(before: RunState, task: Task): Promise<RunState> {
  const begun = performance.now();
  const random = new Random(before.random);
  const { run, values, examples } = await task.step(before, random);
  return {
    ...run,
    ...(before.examples === undefined ? {} : { examples: before.examples + examples }),
    random: random.state,
    seconds: before.seconds + (performance.now() - begun) / 1000,
    meter: addToMeter(before.meter ?? EMPTY_METER, values),
  };
}

/** Validates, logs and tells the caller at the iterations that the config names. */
class Reporter {
  private readonly task: Task;
  private readonly options: TrainOptions;
  private reportedAt = Date.now();
  /** Iterations since then; the meter may hold some from before a resumption. */
  private count = 0;

  constructor(task: Task, options: TrainOptions) {
    this.task = task;
    this.options = options;
  }

  /** Returns the run with its meter emptied where it was reported. */
  async report(run: RunState): Promise<RunState> {
    this.count++;
    const { logEvery, validateEvery } = run.config;
    const validation = run.iteration % validateEvery === 0 ? this.task.validate(run) : undefined;
    if (run.iteration % logEvery !== 0 && validation === undefined) return run;
    const means = meterMeans(run.meter ?? EMPTY_METER);
    const row = await appendToLog(join(this.options.folder, LOG_NAME), run, means, validation);
    this.options.events?.add(row);
    this.tell(run, vlbOf(means), validation);
    return { ...run, meter: EMPTY_METER };
  }

  private tell({ iteration, seconds, config }: RunState, bitsPerDim: number, validation: number | undefined): void {
    const iterationsPerSecond = (this.count * 1000) / (Date.now() - this.reportedAt);
    this.reportedAt = Date.now();
    this.count = 0;
    this.options.onProgress({
      iteration,
      iterations: config.iterations,
      seconds,
      bitsPerDim,
      iterationsPerSecond,
      ...(validation === undefined ? {} : { validationBitsPerDim: validation }),
    });
  }
}
