/**
 * What each term of the bound of a training run costs, on the first test images of CIFAR-10, as a CSV: L0, each of T steps evenly spaced in
 * time, and the prior, in bits/dim of the whole image. `npm run experiments` writes the same for each of its runs.
 *
 *     node scripts/experiments/terms.js --run RUN --data CIFAR_FOLDER --out FILE.csv [--images 100] [--steps 64]
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { requireTensorFlow } from '../../dist/cli/tensorflow.js';
import { readCheckpoint } from '../../dist/train/checkpoint.js';
import { CHECKPOINT_NAME } from '../../dist/train/train.js';
import { termsOf, testImages } from './measure.js';
import { TERM_STEPS, writeTerms } from './terms-file.js';

const { values } = parseArgs({
  options: {
    run: { type: 'string' },
    data: { type: 'string' },
    out: { type: 'string' },
    images: { type: 'string', default: '100' },
    steps: { type: 'string', default: String(TERM_STEPS) },
  },
});
for (const name of ['run', 'data', 'out']) if (values[name] === undefined) throw new Error(`--${name} is needed`);

const tf = await requireTensorFlow();
const run = await readCheckpoint(tf, join(values.run, CHECKPOINT_NAME));
const images = await testImages(values.data, Number(values.images));
writeTerms(values.out, termsOf(tf, run, images, { numSteps: Number(values.steps) }));
