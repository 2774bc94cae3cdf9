/**
 * Trains the experiments of experiments.json with equal budgets, evaluates each, and writes a row for each into DIR/results.csv;
 * rows that are there are left out, and a run that was stopped goes on from its checkpoint.
 *
 *     npm run experiments -- --data CIFAR_FOLDER --out DIR [--only NAME...] [--iterations N] [--images 500] [--files 100]
 *
 * DIR/NAME-SEED.csv is the log of a run, DIR/NAME-SEED-terms.csv what each term of its bound costs, on the images of --files, and DIR/NAME-SEED/
 * its checkpoint and its integer model; DIR/pixel-files.csv what files of plain VDMs on pixels take.
 */
import { copyFileSync, existsSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { requireTensorFlow } from '../../dist/cli/tensorflow.js';
import { readDataset } from '../../dist/train/dataset.js';
import { CHECKPOINT_NAME, train } from '../../dist/train/train.js';
import { boundsOf, fileBitsPerDim, pixelFilesOf, termsOf, testImages } from './measure.js';
import { addToPixelFiles, PIXEL_FILES_NAME } from './pixel-files.js';
import { appendResult, RESULTS_NAME, readResults, runName, STEP_COUNTS } from './results.js';
import { experiments } from './table.js';
import { termsName, writeTerms } from './terms-file.js';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    data: { type: 'string' },
    out: { type: 'string' },
    only: { type: 'string', multiple: true },
    iterations: { type: 'string' },
    images: { type: 'string', default: '500' },
    files: { type: 'string', default: '100' },
    table: { type: 'string', default: join(dirname(fileURLToPath(import.meta.url)), 'experiments.json') },
  },
});
if (values.data === undefined || values.out === undefined) throw new Error('--data and --out are needed');

/** Names may follow --only one by one: all but the first are then positionals. */
const only = values.only && [...values.only, ...positionals];
const iterations = values.iterations === undefined ? undefined : Number(values.iterations);
const results = join(values.out, RESULTS_NAME);
const abort = new AbortController();
process.once('SIGINT', () => abort.abort(new Error('interrupted')));

/** @returns the run as far as it came before it was interrupted */
async function trainOne(tf, experiment, data) {
  const { config } = experiment;
  const folder = join(values.out, runName(experiment));
  const run = await train(tf, {
    config,
    data,
    validation: undefined,
    folder,
    resume: existsSync(join(folder, CHECKPOINT_NAME)),
    onProgress: () => undefined,
    signal: abort.signal,
  });
  copyFileSync(join(folder, 'log.csv'), `${folder}.csv`);
  return run;
}

async function rowOf(tf, experiment, run, images) {
  const { name, seed } = experiment;
  const bounds = boundsOf(tf, run, images);
  const files = images.slice(0, Number(values.files));
  writeTerms(join(values.out, termsName(runName(experiment))), termsOf(tf, run, files));
  const file = await fileOf(tf, experiment, run, files);
  return {
    name,
    seed,
    iterations: run.iteration,
    examples: run.examples,
    minutes: (run.seconds / 60).toFixed(2),
    ...Object.fromEntries(STEP_COUNTS.map((numSteps) => [`vlb${numSteps}`, bounds[numSteps].bitsPerDim.toFixed(4)])),
    standardError8: bounds[8].standardError.toFixed(4),
    file,
  };
}

/** Mean bits/dim of a file each: of a plain VDM with most steps, where it takes least. */
async function fileOf(tf, experiment, run, images) {
  if (run.config.domain !== 'pixels') {
    return (await fileBitsPerDim(tf, run, images, join(values.out, runName(experiment))))?.toFixed(4);
  }
  const rows = pixelFilesOf(tf, run, images).map((row) => ({ run: runName(experiment), ...row }));
  addToPixelFiles(join(values.out, PIXEL_FILES_NAME), rows);
  return rows.at(-1).alone;
}

mkdirSync(values.out, { recursive: true });
const isDone = ({ name, seed }) => readResults(results).some((row) => row.name === name && row.seed === String(seed));
const open = experiments(values.table, { only, iterations }).filter((experiment) => !isDone(experiment));
const tf = await requireTensorFlow();
const data = await readDataset([values.data], 'train');
const images = await testImages(values.data, Math.max(Number(values.images), Number(values.files)));
for (const experiment of open) {
  const { name, seed, config } = experiment;
  console.log(`${name}, seed ${seed}: ${config.iterations} iterations`);
  const run = await trainOne(tf, experiment, data);
  if (run.iteration < config.iterations) {
    console.log(`stopped at iteration ${run.iteration}; the same command goes on`);
    break;
  }
  const row = await rowOf(tf, experiment, run, images);
  appendResult(results, row);
  console.log(
    `  ${Object.entries(row)
      .map(([column, value]) => `${column} ${value ?? '-'}`)
      .join(', ')}`,
  );
  tf.dispose([run.parameters, run.optimizer]);
}
