/** A thread that codes bands, one after the other, as it is asked to. */
import { parentPort, workerData } from 'node:worker_threads';
import { NUM_CHANNELS } from '../absorbing/neighbourhood.ts';
import { CodecError } from '../errors.ts';
import { LocalBandCoder } from './band-coder.ts';
import type { Answer, Question, ThreadData } from './thread-messages.ts';

/** Share of a band from one message to the next. */
const TOLD_SHARE = 1 / 64;

const { model, threads } = workerData as ThreadData;
const coder = new LocalBandCoder(model, { threads });
const port = parentPort!;
const tell = (answer: Answer) => port.postMessage(answer);

async function answer({ height, width, asks, bytes }: Question): Promise<void> {
  let told = 0;
  const onProgress = (fraction: number) => {
    if (fraction < 1 && fraction - told < TOLD_SHARE) return;
    told = fraction;
    tell({ fraction });
  };
  const data = asks === 'payload' ? bytes : new Uint8Array(height * width * NUM_CHANNELS);
  const pixels = { height, width, data };
  if (asks === 'payload') return give(await coder.encode(pixels, onProgress));
  await coder.decode(pixels, bytes, onProgress);
  give(data);
}

const give = (bytes: Uint8Array) => port.postMessage({ bytes } satisfies Answer, [bytes.buffer as ArrayBuffer]);

port.on('message', (question: Question) => {
  answer(question).catch((error: unknown) => {
    // What is no fault of the data ends the thread, which tells the other side.
    if (!(error instanceof CodecError)) throw error;
    tell({ failure: { code: error.code, message: error.message } });
  });
});
