/** One job from its checks to its end, whatever comes of it; in this process or in a helper process. */
import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { errorText } from './error-line.ts';
import { about, exitCodeFor } from './exit-codes.ts';
import type { FileReport, FileWork, Job, JobContext } from './file-command.ts';
import { STANDARD_STREAM } from './files.ts';
import { removableSource, removeSource } from './remove-source.ts';

export interface JobOptions {
  readonly force?: boolean | undefined;
  readonly update?: boolean | undefined;
  readonly rm?: boolean | undefined;
  readonly debug?: boolean | undefined;
}

/** What became of a job: plain data, which goes from process to process. */
export type Outcome =
  | { readonly kind: 'done'; readonly report: FileReport }
  | { readonly kind: 'up-to-date' }
  | { readonly kind: 'failed'; readonly text: string; readonly exitCode: number };

export async function runJob(
  job: Job,
  work: FileWork,
  options: JobOptions,
  context: Omit<JobContext, 'force'>,
): Promise<Outcome> {
  try {
    const age = options.update ? await ageOfOutput(job) : 'none';
    if (age === 'up-to-date') return { kind: 'up-to-date' };
    const source = options.rm ? await removableSource(job) : undefined;
    if (job.makeFolder) await about(job.output, () => mkdir(dirname(job.output), { recursive: true }));
    const report = await work(job, { ...context, force: options.force === true || age === 'outdated' });
    if (source !== undefined) await removeSource(job, source);
    return { kind: 'done', report };
  } catch (error) {
    return failure(error, options);
  }
}

export const failure = (error: unknown, { debug }: JobOptions): Outcome => ({
  kind: 'failed',
  text: errorText(error, debug === true),
  exitCode: exitCodeFor(error),
});

/** Outputs are given the time of their source, and file systems round it. */
const ROUNDING_MS = 1;

async function ageOfOutput({ input, output }: Job): Promise<'none' | 'outdated' | 'up-to-date'> {
  if (input === STANDARD_STREAM || output === STANDARD_STREAM) return 'none';
  const [source, target] = await Promise.all([input, output].map((path) => stat(path).catch(() => undefined)));
  if (source === undefined || !target?.isFile()) return 'none';
  return target.mtimeMs >= source.mtimeMs - ROUNDING_MS ? 'up-to-date' : 'outdated';
}
