/** What an experiment is worth: the bound of its float weights and the terms of it, lists of levels, and real files of its integer model. */
import { join } from 'node:path';
import { listImages } from '../../dist/cli/eval-images.js';
import { compress } from '../../dist/compress.js';
import { decompress } from '../../dist/decompress.js';
import { bestLevels, costOfLevels } from '../../dist/diffusion/best-levels.js';
import { STEP_COUNTS as CODED_STEPS, chainLevels } from '../../dist/diffusion/chains.js';
import { TIME_GRID } from '../../dist/diffusion/dimensions.js';
import { isSameImage } from '../../dist/image/image.js';
import { loadModel } from '../../dist/model/installed-models.js';
import { boundOfRun, termCostsOfRun } from '../../dist/train/bound-of-run.js';
import { pyramidOf } from '../../dist/train/dataset.js';
import { exportModel, obstacleToExport } from '../../dist/train/export-model.js';
import { pairTerms } from '../../dist/train/pair-terms.js';
import { pixelFileRates } from '../../dist/train/pixel-files.js';
import { BASE_BITS } from '../../dist/train/stage-terms.js';
import { WHOLE } from './grid-file.js';
import { STEP_COUNTS } from './results.js';
import { TERM_STEPS } from './terms-file.js';

const FILE_STEPS = 8;
/** T of files of a plain VDM, and how many images are coded with it: each step of each image is a call of the network. */
const PIXEL_FILE_STEPS = [16, 64, 256];
const PIXEL_FILE_IMAGES = 16;

/** The first test images of CIFAR-10 as pixels. */
export async function testImages(folder, limit) {
  const images = await listImages([folder], limit);
  return Promise.all(images.map(({ load }) => load()));
}

/** { T: { bitsPerDim, standardError, images } } of the averaged weights, with the same noise for every run */
export function boundsOf(tf, run, images) {
  const pyramids = images.map((image) => pyramidOf(image, 2));
  return Object.fromEntries(STEP_COUNTS.map((numSteps) => [numSteps, boundOfRun(tf, run, pyramids, { numSteps })]));
}

/** { base, recon, steps, prior } of the averaged weights in bits/dim */
export function termsOf(tf, run, images, numSteps = TERM_STEPS) {
  const pyramids = images.map((image) => pyramidOf(image, 2));
  return termCostsOfRun(tf, run, pyramids, { numSteps });
}

/**
 * Rows { condition, steps, even, coded, best, levels }: bounds in bits/dim of the whole image, and the best levels.
 * @throws Error of a run that has no chains of latents
 */
export function gridOf(tf, run, images) {
  const { process, domain, objective } = run.config;
  if (process === 'absorbing' || domain === 'pixels' || objective === 'details') {
    throw new Error('lists of levels are of pyramids with latents, which this run does not train');
  }
  const [chosenBy, costed] = [1, 0].map((rest) =>
    pairTerms(
      tf,
      run,
      images.filter((_, i) => i % 2 === rest).map((image) => pyramidOf(image, 2)),
    ),
  );
  const base = BASE_BITS / images[0].data.length;
  return CODED_STEPS.flatMap((steps, index) => {
    const rows = [...costed].map(([condition, costs]) => {
      const even = Array.from({ length: steps + 1 }, (_, k) => (k * TIME_GRID) / steps);
      const { levels } = bestLevels(chosenBy.get(condition), steps);
      const lists = { even, coded: chainLevels(condition)[index], best: levels };
      const bounds = Object.entries(lists).map(([name, list]) => [name, costOfLevels(costs, list)]);
      return { condition, ...Object.fromEntries(bounds), levels: levels.join(' ') };
    });
    const sum = (column) => rows.reduce((total, row) => total + row[column], base);
    const whole = { condition: WHOLE, even: sum('even'), coded: sum('coded'), best: sum('best'), levels: '' };
    return [...rows, whole].map(({ condition, levels, ...bounds }) => ({
      condition,
      steps,
      ...Object.fromEntries(Object.entries(bounds).map(([name, bits]) => [name, bits.toFixed(4)])),
      levels,
    }));
  });
}

/** Rows { steps, images, net, together, alone } of a plain VDM on pixels, in bits/dim. */
export function pixelFilesOf(tf, run, images) {
  const coded = images.slice(0, PIXEL_FILE_IMAGES).map((image) => pyramidOf(image, 2));
  return PIXEL_FILE_STEPS.map((steps) => {
    const rates = Object.entries(pixelFileRates(tf, run, coded, steps));
    return { steps, images: coded.length, ...Object.fromEntries(rates.map(([name, bits]) => [name, bits.toFixed(3)])) };
  });
}

/**
 * Mean bits/dim of whole files by diffusion alone, each restored and compared; undefined for runs without an integer model.
 */
export async function fileBitsPerDim(tf, run, images, folder) {
  if (obstacleToExport(run.config) !== undefined) return undefined;
  const path = join(folder, 'model');
  await exportModel(tf, run, path);
  const model = await loadModel(path);
  let sum = 0;
  for (const [i, image] of images.entries()) {
    const file = await compress(image, { model, method: 'diffusion', numSteps: FILE_STEPS });
    if (!isSameImage(image, await decompress(file, { model }))) throw new Error(`test image ${i} did not come back`);
    sum += (8 * file.length) / image.data.length;
  }
  return sum / images.length;
}
