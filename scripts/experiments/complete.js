/**
 * Measures of trained runs what `npm run experiments` does besides the bound, for rows that are older than that: the terms of the bound, and files
 * of the integer model. Writes OUT/NAME-SEED-terms.csv, and a row of OUT/results.csv with the files alone, which `npm run experiments:report`
 * adds to the row that it has.
 *
 *     npm run experiments:complete -- --data CIFAR_FOLDER --run DIR/NAME-SEED [--run ...] --out OUT [--images 100]
 */
import { mkdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { requireTensorFlow } from '../../dist/cli/tensorflow.js';
import { readCheckpoint } from '../../dist/train/checkpoint.js';
import { CHECKPOINT_NAME } from '../../dist/train/train.js';
import { fileBitsPerDim, termsOf, testImages } from './measure.js';
import { appendResult, RESULTS_NAME } from './results.js';
import { termsName, writeTerms } from './terms-file.js';

const { values } = parseArgs({
  options: {
    run: { type: 'string', multiple: true },
    data: { type: 'string' },
    out: { type: 'string' },
    images: { type: 'string', default: '100' },
  },
});
for (const name of ['run', 'data', 'out']) if (values[name] === undefined) throw new Error(`--${name} is needed`);

const tf = await requireTensorFlow();
const images = await testImages(values.data, Number(values.images));
for (const folder of values.run) {
  const [, name, seed] = /^(.*)-(\d+)$/.exec(basename(folder));
  const out = join(values.out, basename(folder));
  mkdirSync(out, { recursive: true });
  const run = await readCheckpoint(tf, join(folder, CHECKPOINT_NAME));
  writeTerms(join(values.out, termsName(basename(folder))), termsOf(tf, run, images));
  const file = await fileBitsPerDim(tf, run, images, out);
  if (file !== undefined) appendResult(join(values.out, RESULTS_NAME), { name, seed, file: file.toFixed(4) });
  console.log(`${basename(folder)}: files ${file?.toFixed(4) ?? '-'}`);
  tf.dispose([run.parameters, run.optimizer]);
}
