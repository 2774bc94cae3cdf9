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
  const batch = new Batch(jobs, { printer, bar, signal: io.signal });
  const worst = worstExitCode(await batch.run(lanes));
  await printer.printTotal();
  if (worst !== EXIT_OK) throw new PrintedError(worst);
}

interface Surroundings {
  readonly printer: BatchPrinter;
  readonly bar: ProgressBar;
  readonly signal: AbortSignal;
}

class Batch {
  readonly #waiting: Iterable<Job>;
  readonly #progress: OverallProgress;
  readonly #around: Surroundings;
  readonly #exitCodes: number[] = [];
  /** No job is begun and nothing is said any more. */
  #isOver = false;

  constructor(jobs: readonly Job[], around: Surroundings) {
    this.#waiting = jobs.values(); // all lanes take from it
    this.#progress = new OverallProgress(jobs, (fraction) => around.bar.update(fraction));
    this.#around = around;
  }

  /** Exit codes of the jobs, when all lanes are closed. */
  async run(lanes: readonly Lane[]): Promise<number[]> {
    try {
      await Promise.all(lanes.map((lane) => this.#runLane(lane)));
    } finally {
      this.#isOver = true;
      this.#around.bar.stop();
      await Promise.all(lanes.map((lane) => lane.close()));
    }
    return this.#exitCodes;
  }

  async #runLane(lane: Lane): Promise<void> {
    for (const job of this.#waiting) {
      if (this.#isOver) return;
      const outcome = await lane.run(job, (fraction) => this.#progress.set(job, fraction));
      if (this.#isOver) return;
      this.#progress.set(job, 1);
      await this.#settle(job, outcome);
    }
  }

  /** @throws PrintedError or the signal's reason when the user has ended the command */
  async #settle(job: Job, outcome: Outcome): Promise<void> {
    const { bar, printer, signal } = this.#around;
    this.#isOver = signal.aborted;
    this.#exitCodes.push(outcome.kind === 'failed' ? outcome.exitCode : EXIT_OK);
    await bar.pause(() => printer.print(job, outcome));
    if (!signal.aborted) return;
    throw outcome.kind === 'failed' ? new PrintedError(exitCodeFor(signal.reason)) : signal.reason;
  }
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
