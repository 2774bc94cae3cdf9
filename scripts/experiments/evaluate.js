/**
 * The bound of a training run's averaged float weights on the first test images of CIFAR-10, for T steps evenly spaced in
 * time: bits/dim of whole images, of a pyramid all stages and the base, with the standard error over images.
 *
 *     node scripts/experiments/evaluate.js --run RUN --data CIFAR_FOLDER [--limit 500] [--steps 2,4,8,16,64,256]
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { requireTensorFlow } from '../../dist/cli/tensorflow.js';
import { readCheckpoint } from '../../dist/train/checkpoint.js';
import { CHECKPOINT_NAME } from '../../dist/train/train.js';
import { boundsOf, testImages } from './measure.js';
import { STEP_COUNTS } from './results.js';

const { values } = parseArgs({
  options: {
    run: { type: 'string' },
    data: { type: 'string' },
    limit: { type: 'string', default: '500' },
    steps: { type: 'string', default: STEP_COUNTS.join() },
  },
});
if (values.run === undefined || values.data === undefined) throw new Error('--run and --data are needed');

const tf = await requireTensorFlow();
const run = await readCheckpoint(tf, join(values.run, CHECKPOINT_NAME));
const images = await testImages(values.data, Number(values.limit));
for (const numSteps of values.steps.split(',').map(Number)) {
  const estimate = boundsOf(tf, run, images, [numSteps])[numSteps];
  const { bitsPerDim, standardError } = estimate;
  console.log(
    `T = ${numSteps}: ${bitsPerDim.toFixed(4)} +- ${standardError.toFixed(4)} bits/dim, ${images.length} images`,
  );
}
