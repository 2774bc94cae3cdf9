/**
 * The best lists of noise levels of training runs for T = 2, 4, 8 and 16, by dynamic programming over the terms of all pairs of the 17 levels
 * (Watson et al., arXiv:2106.03802), against levels evenly spaced in time and the lists that are coded (src/diffusion/chains.ts). Lists are
 * chosen by one half of the first test images of CIFAR-10, and all bounds are those of the other.
 *
 *     npm run experiments:grid -- --data CIFAR_FOLDER --run DIR/NAME-SEED [--run ...] --out DIR [--images 128]
 *
 * writes DIR/grid.csv, in which rows of these runs are replaced.
 */
import { join } from 'node:path';
import { eachRun } from './each-run.js';
import { addToGrid, GRID_NAME } from './grid-file.js';
import { gridOf } from './measure.js';

await eachRun(128, ({ tf, run, name, images, out }) => {
  const rows = gridOf(tf, run, images).map((row) => ({ run: name, ...row }));
  addToGrid(join(out, GRID_NAME), rows);
  for (const row of rows) console.log(Object.values(row).join('  '));
});
