/**
 * The best lists of noise levels of training runs for T = 2, 4, 8 and 16, by dynamic programming over the terms of all pairs of the 17 levels
 * (Watson et al., arXiv:2106.03802), against levels evenly spaced in time and the lists that are coded (src/diffusion/chains.ts). Lists are
 * chosen by one half of the first test images of CIFAR-10, and all bounds are those of the other.
 *
 *     npm run experiments:grid -- --data CIFAR_FOLDER --run DIR/NAME-SEED [--run ...] --out DIR [--images 128]
 *
 * writes DIR/grid.csv, in which rows of these runs are replaced.
 */
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { requireTensorFlow } from '../../dist/cli/tensorflow.js';
import { readCheckpoint } from '../../dist/train/checkpoint.js';
import { CHECKPOINT_NAME } from '../../dist/train/train.js';
import { addToGrid, GRID_NAME } from './grid-file.js';
import { gridOf, testImages } from './measure.js';

const { values } = parseArgs({
  options: {
    run: { type: 'string', multiple: true },
    data: { type: 'string' },
    out: { type: 'string' },
    images: { type: 'string', default: '128' },
  },
});
for (const name of ['run', 'data', 'out']) if (values[name] === undefined) throw new Error(`--${name} is needed`);

const tf = await requireTensorFlow();
const images = await testImages(values.data, Number(values.images));
for (const folder of values.run) {
  const run = await readCheckpoint(tf, join(folder, CHECKPOINT_NAME));
  const rows = gridOf(tf, run, images).map((row) => ({ run: basename(folder), ...row }));
  addToGrid(join(values.out, GRID_NAME), rows);
  for (const row of rows) console.log(Object.values(row).join('  '));
  tf.dispose([run.parameters, run.optimizer]);
}
