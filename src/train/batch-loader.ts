/**
 * Loads the batches of absorbing diffusion: a thread makes the next one while the network learns from the one before.
 *
 * A batch follows from the seed and the iteration alone, so it is the same wherever it is made, and none that was made in
 * advance is missed when a run is stopped.
 */
import { once } from 'node:events';
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { type AbsorbingBatch, type AbsorbingSampler, type CropImages, emptyBatch } from './absorbing-batch.ts';
import type { TrainConfig } from './config.ts';
import { Random } from './random.ts';

export interface BatchLoader {
  /** The batch of an iteration, which stays as it is until the next one is asked for. */
  load(iteration: number): Promise<AbsorbingBatch>;
  /** Ends the thread. */
  close(): Promise<void>;
}

/** What the thread is given (batch-worker.ts). */
export interface ThreadData {
  readonly images: CropImages;
  readonly config: TrainConfig;
  /** Batch i is written into slot i modulo 2. */
  readonly slots: readonly [AbsorbingBatch, AbsorbingBatch];
}

const EXTENSION = extname(import.meta.url);
const SCRIPT = new URL(`./batch-worker${EXTENSION}`, import.meta.url);

/** Sources cannot be run in a thread as they are: there, batches are made by the one that asks for them. */
export const createLoader = (sampler: AbsorbingSampler): BatchLoader =>
  EXTENSION === '.js' ? new ThreadLoader(sampler) : new PlainLoader(sampler);

class PlainLoader implements BatchLoader {
  private readonly sampler: AbsorbingSampler;

  constructor(sampler: AbsorbingSampler) {
    this.sampler = sampler;
  }

  async load(iteration: number): Promise<AbsorbingBatch> {
    return this.sampler.next(Random.stream(this.sampler.config.seed, iteration));
  }

  async close(): Promise<void> {}
}

class ThreadLoader implements BatchLoader {
  private readonly data: ThreadData;
  private worker: Worker | undefined;
  /** The iteration whose batch was asked for last, and its arrival. */
  private ahead: number | undefined;
  private arrival: Promise<unknown> = Promise.resolve();

  constructor({ images, config }: AbsorbingSampler) {
    this.data = { images, config, slots: [emptyBatch(config.batchPositions), emptyBatch(config.batchPositions)] };
  }

  async load(iteration: number): Promise<AbsorbingBatch> {
    await this.arrival;
    if (this.ahead !== iteration) await this.ask(iteration);
    this.ask(iteration + 1);
    return this.data.slots[iteration % 2]!;
  }

  async close(): Promise<void> {
    await this.worker?.terminate();
  }

  private ask(iteration: number): Promise<unknown> {
    // Without the options of this process, which may load programs and profilers into every thread.
    this.worker ??= new Worker(SCRIPT, { workerData: this.data, execArgv: [] });
    this.worker.postMessage(iteration);
    this.ahead = iteration;
    this.arrival = once(this.worker, 'message');
    this.arrival.catch(() => undefined); // what goes wrong in advance fails the load that waits for it
    return this.arrival;
  }
}
