/** What a run learns, apart from the loop that all runs share (train.ts). */
import type { RunState } from './checkpoint.ts';
import type { TrainConfig } from './config.ts';
import type { Cost } from './cost.ts';
import type { Dataset } from './dataset.ts';
import type { Values } from './meter.ts';
import type { Random } from './random.ts';

export interface StepResult {
  /** The run after the iteration; its tensors are new. */
  readonly run: RunState;
  readonly values: Values;
  /** Examples seen in the iteration. */
  readonly examples: number;
  /** Of the iteration, in which the network waited for its batch. */
  readonly batchSeconds: number;
  /** Multiplications of the network on the batch, forward alone. */
  readonly batchMacs: number;
}

/** What a run takes, in numbers. */
export interface RunSize {
  /** Most examples of a batch by its kind; kinds that are never drawn are left out. */
  readonly examples: Readonly<Record<string, number>>;
  readonly cost: Cost;
}

export interface TaskImages {
  readonly data: Dataset;
  /** Images that training never sees. */
  readonly validation?: Dataset | undefined;
}

export interface Task {
  /** Fields of the config that a resumed run must have as they were. */
  readonly fixedFields: readonly (keyof TrainConfig)[];
  readonly size: RunSize;
  /** A run before its first iteration. */
  freshRun(): RunState;
  /** One that begins with the averaged weights of another, which stays the caller's. @throws RangeError when they do not fit */
  warmRun(source: RunState): RunState;
  /**
   * One iteration; disposes the tensors of the run it was given. Its batch follows from the seed and the iteration alone,
   * so that runs which differ in other fields learn from the same ones.
   * @param random of all but the batch
   */
  step(run: RunState, random: Random): Promise<StepResult>;
  /** Bits of the averaged weights on images that training never sees; undefined where there are none. */
  validate(run: RunState): number | undefined;
  /** Ends what steps have started. */
  close(): Promise<void>;
}

/** Makes a batch or waits for it; also gives the seconds that this took. */
export async function timed<T>(make: () => T | Promise<T>): Promise<{ readonly made: T; readonly seconds: number }> {
  const begun = performance.now();
  const made = await make();
  return { made, seconds: (performance.now() - begun) / 1000 };
}

/** What is wrong where a config differs in one of these fields from that of a run `purpose`, such as "to resume". */
export function fieldFault(
  fields: readonly (keyof TrainConfig)[],
  [before, config]: readonly [TrainConfig, TrainConfig],
  purpose: string,
): string | undefined {
  const field = fields.find((name) => before[name] !== config[name]);
  return field && `"${field}" must be ${before[field]} as in the run ${purpose}, got ${config[field]}`;
}

/**
 * Checks that a run may begin with the weights of another, which must not be larger.
 *
 * @throws RangeError naming the field
 */
export function assertGrowth(
  [before, config]: readonly [TrainConfig, TrainConfig],
  { equal, atLeast }: Readonly<Record<'equal' | 'atLeast', readonly (keyof TrainConfig)[]>>,
): void {
  const fault = fieldFault(equal, [before, config], 'to start from');
  if (fault !== undefined) throw new RangeError(fault);
  const smaller = atLeast.find((name) => config[name] < before[name]);
  if (smaller === undefined) return;
  throw new RangeError(
    `"${smaller}" must be at least ${before[smaller]}, as in the run to start from, got ${config[smaller]}`,
  );
}
