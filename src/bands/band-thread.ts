/** A thread of its own that codes bands: whoever asks it waits without being busy. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { Pixels } from '../absorbing/neighbourhood.ts';
import { CodecError } from '../errors.ts';
import type { BandCoder, OnFraction } from './band-coder.ts';
import type { Answer, Question, ThreadData } from './thread-messages.ts';

/** Beside this file where it is compiled. */
const SCRIPT = new URL('./band-thread-main.js', import.meta.url);

/** Coding makes little garbage: a small young generation spares tens of megabytes. */
const RESOURCE_LIMITS = { maxYoungGenerationSizeMb: 4 } as const;

export const canStartThreads = (): boolean => existsSync(fileURLToPath(SCRIPT));

export class BandThread implements BandCoder {
  private readonly worker: Worker;

  constructor(data: ThreadData) {
    // Without the options of this process, which may load programs and profilers into every thread.
    this.worker = new Worker(SCRIPT, { workerData: data, execArgv: [], resourceLimits: RESOURCE_LIMITS });
  }

  encode({ height, width, data }: Pixels, onProgress: OnFraction): Promise<Uint8Array> {
    return this.ask({ height, width, asks: 'payload', bytes: new Uint8Array(data) }, onProgress);
  }

  async decode({ height, width, data }: Pixels, payload: Uint8Array, onProgress: OnFraction): Promise<void> {
    data.set(await this.ask({ height, width, asks: 'pixels', bytes: new Uint8Array(payload) }, onProgress));
  }

  close(): void {
    this.worker.removeAllListeners('message');
    void this.worker.terminate();
  }

  /** One question at a time. @param question whose bytes are given away: a copy, not a slice, which of a Buffer is none */
  private ask(question: Question, onProgress: OnFraction): Promise<Uint8Array> {
    const { worker } = this;
    return new Promise<Uint8Array>((resolve, reject) => {
      const onExit = () => reject(new Error('a thread ended before its band'));
      const onMessage = (answer: Answer) => {
        if ('fraction' in answer) rejectThrown(() => onProgress(answer.fraction), reject);
        else if ('bytes' in answer) resolve(answer.bytes);
        else reject(new CodecError(answer.failure.code, answer.failure.message));
      };
      for (const event of ['error', 'exit', 'message']) worker.removeAllListeners(event);
      worker.once('error', reject).once('exit', onExit).on('message', onMessage);
      worker.postMessage(question, [question.bytes.buffer as ArrayBuffer]);
    });
  }
}

/** What a listener of events throws would end the process. */
function rejectThrown(call: () => void, reject: (error: unknown) => void): void {
  try {
    call();
  } catch (error) {
    reject(error);
  }
}
