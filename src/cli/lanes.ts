/** Lanes that jobs go through, one after the other in each: this process, or helper processes for --jobs. */
import { defaultThreads } from '../kernels/team.ts';
import type { FileCommand, Job } from './file-command.ts';
import { HelperProcess } from './helper-process.ts';
import type { Io } from './io.ts';
import { type JobOptions, type Outcome, runJob } from './run-job.ts';

export interface LaneOptions extends JobOptions {
  readonly jobs?: number | undefined;
  readonly threads?: number | undefined;
}

export interface Lane {
  run(job: Job, onProgress: (fraction: number) => void): Promise<Outcome>;
  /** Waits for what runs in the lane, which the signal of the Io ends early. */
  close(): Promise<void>;
}

/** Opens as many lanes as are of use; threads are shared out among them. @throws what the command's open throws */
export async function openLanes<Options extends LaneOptions>(
  command: FileCommand<Options>,
  options: Options,
  jobCount: number,
  io: Io,
): Promise<Lane[]> {
  const count = Math.min(options.jobs ?? 1, jobCount);
  const work = await command.open(options); // helpers open it too: what is wrong for all files is said once, by this one
  if (count === 1) {
    const run: Lane['run'] = (job, onProgress) => runJob(job, work, options, { io, onProgress });
    return [{ run, close: () => Promise.resolve() }];
  }
  const threads = Math.max(1, Math.floor((options.threads ?? defaultThreads()) / count));
  const setup = { command: command.name, options: { ...options, threads } };
  return Array.from({ length: count }, () => new HelperProcess(setup, io.signal));
}
