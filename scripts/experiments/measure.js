/** What an experiment is worth: the bound of its float weights, and real files of its integer model. */
import { join } from 'node:path';
import { listImages } from '../../dist/cli/eval-images.js';
import { compress } from '../../dist/compress.js';
import { decompress } from '../../dist/decompress.js';
import { isSameImage } from '../../dist/image/image.js';
import { loadModel } from '../../dist/model/installed-models.js';
import { pyramidOf } from '../../dist/train/dataset.js';
import { evaluateBound } from '../../dist/train/evaluation.js';
import { exportModel, obstacleToExport } from '../../dist/train/export-model.js';
import { evaluatePixels } from '../../dist/train/pixel-run.js';
import { STEP_COUNTS } from './results.js';

const FILE_STEPS = 8;

/** The first test images of CIFAR-10 as pixels. */
export async function testImages(folder, limit) {
  const images = await listImages([folder], limit);
  return Promise.all(images.map(({ load }) => load()));
}

/** { T: { bitsPerDim, standardError, images } } of the averaged weights, with the same noise for every run */
export function boundsOf(tf, run, images, { domain = 'pyramid', stepCounts = STEP_COUNTS } = {}) {
  const pyramids = images.map((image) => pyramidOf(image, 2));
  const evaluate = domain === 'pixels' ? evaluatePixels : evaluateBound;
  return Object.fromEntries(stepCounts.map((numSteps) => [numSteps, evaluate(tf, run, pyramids, { numSteps })]));
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
