/** A process that does one job after the other, seen from the process that hands them out. */
import { type ChildProcess, fork } from 'node:child_process';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SubjectError } from './exit-codes.ts';
import type { Job } from './file-command.ts';
import { failure, type JobOptions, type Outcome } from './run-job.ts';

/** What is the same for all jobs of a process. */
export interface HelperSetup {
  readonly command: string;
  readonly options: JobOptions;
}

export interface HelperRequest extends HelperSetup {
  readonly job: Job;
}

export type HelperMessage = { readonly fraction: number } | { readonly outcome: Outcome };

// Beside this file, in src/ as in dist/.
const SCRIPT = fileURLToPath(new URL(`./helper-main${extname(import.meta.url)}`, import.meta.url));

export class HelperProcess {
  readonly #setup: HelperSetup;
  readonly #signal: AbortSignal;
  #child: ChildProcess | undefined;

  constructor(setup: HelperSetup, signal: AbortSignal) {
    this.#setup = setup;
    this.#signal = signal;
  }

  /** A process that ends without an answer fails its job only; the next job starts another. */
  run(job: Job, onProgress: (fraction: number) => void): Promise<Outcome> {
    if (this.#signal.aborted) return Promise.resolve(this.#lost(job));
    this.#child ??= this.#start();
    const child = this.#child;
    return new Promise((resolve) => {
      const end = (outcome: Outcome) => {
        child.off('message', onMessage).off('exit', onLost);
        resolve(outcome);
      };
      const onLost = () => end(this.#lost(job));
      const onMessage = (message: HelperMessage) =>
        'outcome' in message ? end(message.outcome) : onProgress(message.fraction);
      child.on('message', onMessage).once('exit', onLost);
      child.send({ ...this.#setup, job } satisfies HelperRequest, (error) => error && onLost());
    });
  }

  #lost({ input }: Job): Outcome {
    const reason = this.#signal.aborted ? this.#signal.reason : new Error('its helper process ended without an answer');
    return failure(new SubjectError(input, reason), this.#setup.options);
  }

  async close(): Promise<void> {
    const child = this.#child;
    if (child === undefined) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    if (child.connected) child.disconnect();
    await ended;
  }

  #start(): ChildProcess {
    const child = fork(SCRIPT, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    const end = () => child.kill('SIGTERM');
    this.#signal.addEventListener('abort', end);
    child.on('error', () => undefined); // the exit that follows is what counts
    child.once('exit', () => {
      this.#signal.removeEventListener('abort', end);
      this.#child = undefined;
    });
    return child;
  }
}
