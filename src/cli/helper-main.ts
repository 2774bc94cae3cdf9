/** The program of a helper process: answers jobs that come over its channel, and ends with the channel. */
import { COMPRESS } from './compress-command.ts';
import { DECOMPRESS } from './decompress-command.ts';
import type { FileCommand, FileWork } from './file-command.ts';
import type { HelperMessage, HelperRequest } from './helper-process.ts';
import { INFO } from './info-command.ts';
import { interruptSignal } from './interrupts.ts';
import { PREVIEW } from './preview-command.ts';
import { failure, type Outcome, runJob } from './run-job.ts';
import { VERIFY } from './verify-command.ts';

const COMMANDS: readonly FileCommand<never>[] = [COMPRESS, DECOMPRESS, INFO, PREVIEW, VERIFY];

const closed = new AbortController();
const signal = AbortSignal.any([interruptSignal(), closed.signal]);
const { stdin, stdout, stderr } = process;
let opened: Promise<FileWork> | undefined;

async function answer({ command, options, job }: HelperRequest): Promise<Outcome> {
  try {
    opened ??= COMMANDS.find(({ name }) => name === command)!.open(options as never);
    const onProgress = (fraction: number) => send({ fraction });
    return await runJob(job, await opened, options, { io: { stdin, stdout, stderr, signal }, onProgress });
  } catch (error) {
    return failure(error, options);
  }
}

/** An answer that nobody waits for any more is no error. */
const send = (message: HelperMessage): void => {
  if (process.connected) process.send!(message, undefined, undefined, () => undefined);
};

process.on('message', async (request: HelperRequest) => send({ outcome: await answer(request) }));
process.on('disconnect', () => closed.abort(new Error('the process that hands out jobs is gone')));
