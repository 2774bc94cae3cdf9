/**
 * Many files with one command: jobs go through lanes, each says what became of it, and a total comes last.
 *
 * Invariant: a file that fails stops no other; the exit code is that of the worst error.
 */
import { BatchPrinter, type PrintOptions } from './batch-report.ts';
import { EXIT_OK, exitCodeFor, PrintedError, worstExitCode } from './exit-codes.ts';
import type { FileCommand, Job } from './file-command.ts';
import type { Io } from './io.ts';
import { type Lane, type LaneOptions, openLanes } from './lanes.ts';
import { type ProgressBar, startProgress } from './progress.ts';
import type { Outcome } from './run-job.ts';

export type BatchOptions = LaneOptions & PrintOptions;

/** @throws PrintedError with the worst exit code when not all went well, or at once when the user ends the command */
export async function runBatch<Options extends BatchOptions>(
  command: FileCommand<Options>,
  jobs: readonly Job[],
  options: Options,
  io: Io,
): Promise<void> {
  const lanes = await openLanes(command, options, jobs.length, io);
  const label = jobs.length === 1 ? command.doing : `${command.doing} ${jobs.length} files`;
  const bar = await startProgress(label ?? '', io, options.quiet === true || command.doing === undefined);
  const printer = new BatchPrinter(jobs, { ...options, layout: command.layout }, io);
  let hasEnded = false;
  try {
    const outcomes = await runAll(jobs, lanes, bar, async (job, outcome) => {
      const isEnd = io.signal.aborted && outcome.kind === 'failed';
      if (isEnd && hasEnded) return; // said once, not by each lane
      hasEnded ||= isEnd;
      await bar.pause(() => printer.print(job, outcome));
      if (io.signal.aborted) throw isEnd ? new PrintedError(exitCodeFor(io.signal.reason)) : io.signal.reason;
    });
    bar.stop();
    await printer.printTotal();
    const worst = worstExitCode(outcomes.map(exitCodeOf));
    if (worst !== EXIT_OK) throw new PrintedError(worst);
  } finally {
    bar.stop();
    await Promise.all(lanes.map((lane) => lane.close()));
  }
}

const exitCodeOf = (outcome: Outcome): number => (outcome.kind === 'failed' ? outcome.exitCode : EXIT_OK);

async function runAll(
  jobs: readonly Job[],
  lanes: readonly Lane[],
  bar: ProgressBar,
  onOutcome: (job: Job, outcome: Outcome) => Promise<void>,
): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  const progress = new OverallProgress(jobs, (fraction) => bar.update(fraction));
  const waiting = jobs.values(); // all lanes take from it
  const runLane = async (lane: Lane) => {
    for (const job of waiting) {
      const outcome = await lane.run(job, (fraction) => progress.set(job, fraction));
      progress.set(job, 1);
      outcomes.push(outcome);
      await onOutcome(job, outcome);
    }
  };
  await Promise.all(lanes.map(runLane));
  return outcomes;
}

/** The fraction done of all files, each as long as it is large. */
class OverallProgress {
  readonly #weights: Map<Job, number>;
  readonly #total: number;
  readonly #onProgress: (fraction: number) => void;
  readonly #fractions = new Map<Job, number>();
  #done = 0;

  constructor(jobs: readonly Job[], onProgress: (fraction: number) => void) {
    this.#weights = new Map(jobs.map((job) => [job, job.bytes + 1]));
    this.#total = jobs.reduce((sum, job) => sum + job.bytes + 1, 0);
    this.#onProgress = onProgress;
  }

  set(job: Job, fraction: number): void {
    this.#done += (fraction - (this.#fractions.get(job) ?? 0)) * this.#weights.get(job)!;
    this.#fractions.set(job, fraction);
    this.#onProgress(this.#done / this.#total);
  }
}
