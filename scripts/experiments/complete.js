/**
 * Measures of trained runs what `npm run experiments` does besides the bound, for rows that are older than that: the terms of the bound, and files
 * of the integer model. Writes OUT/NAME-SEED-terms.csv, and a row of OUT/results.csv with the files alone, which `npm run experiments:report`
 * adds to the row that it has.
 *
 *     npm run experiments:complete -- --data CIFAR_FOLDER --run DIR/NAME-SEED [--run ...] --out OUT [--images 100]
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { eachRun } from './each-run.js';
import { fileBitsPerDim, termsOf } from './measure.js';
import { appendResult, RESULTS_NAME } from './results.js';
import { termsName, writeTerms } from './terms-file.js';

await eachRun(100, async ({ tf, run, name: folder, images, out }) => {
  const [, name, seed] = /^(.*)-(\d+)$/.exec(folder);
  mkdirSync(join(out, folder), { recursive: true });
  writeTerms(join(out, termsName(folder)), termsOf(tf, run, images));
  const file = await fileBitsPerDim(tf, run, images, join(out, folder));
  if (file !== undefined) appendResult(join(out, RESULTS_NAME), { name, seed, file: file.toFixed(4) });
  console.log(`${folder}: files ${file?.toFixed(4) ?? '-'}`);
});
