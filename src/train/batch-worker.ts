/** The thread of batch-loader.ts: makes the batches of the iterations that it is told, one after the other. */
import { parentPort, workerData } from 'node:worker_threads';
import { AbsorbingSampler } from './absorbing-batch.ts';
import type { ThreadData } from './batch-loader.ts';
import { Random } from './random.ts';

const { images, config, slots } = workerData as ThreadData;
const sampler = new AbsorbingSampler(images, config);

parentPort!.on('message', (iteration: number) => {
  sampler.next(Random.stream(config.seed, iteration), slots[iteration % 2]);
  parentPort!.postMessage(iteration);
});
