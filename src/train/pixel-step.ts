/** One iteration of a plain VDM on pixels, by the bound in continuous time. */
import type { Scalar, Tf } from '../tensorflow.ts';
import type { RunState } from './checkpoint.ts';
import type { TrainConfig } from './config.ts';
import type { Values } from './meter.ts';
import type { Parameters } from './model.ts';
import type { PixelBatch } from './pixel-batch.ts';
import { type PixelInputs, pixelTerms } from './pixel-loss.ts';
import type { Random } from './random.ts';
import { drawParts } from './time-draw.ts';
import { updateRun } from './update.ts';

/** One image of so many gives its L0: it needs no network and varies little. */
const IMAGES_PER_RECON = 8;

type TermName = 'recon' | 'prior' | 'diffusion' | 'total';

/**
 * Runs one iteration; disposes the tensors of the run it was given.
 *
 * @throws DivergenceError when a term of the loss, the gradients or the new weights are not finite numbers.
 */
export function pixelStep(
  tf: Tf,
  before: RunState,
  batch: PixelBatch,
  random: Random,
): { run: RunState; values: Values } {
  const inputs = drawPixelInputs(batch, random);
  const { run, terms, norm } = updateRun(tf, before, (p) => pixelMeans(tf, p, before.config, inputs));
  const value = (name: TermName): number => terms[name][0]!;
  const [total, recon, diffusion] = [value('total'), value('recon'), value('diffusion')];
  return { run, values: { total, recon, diffusion, prior: value('prior'), direct: 0, norm } };
}

/** Times spread evenly over the batch (VDM, arXiv:2107.00630, appendix I.1), and noise. */
export function drawPixelInputs(batch: PixelBatch, random: Random): PixelInputs {
  const t = Float32Array.from(drawParts(batch.size, random, false));
  const reconImages = Math.ceil(batch.size / IMAGES_PER_RECON);
  return { batch, t, noise: random.normal(batch.levels.length), reconImages };
}

/** The bound and its terms over the batch, in bits per dim. */
export function pixelMeans(tf: Tf, p: Parameters, config: TrainConfig, inputs: PixelInputs): Record<TermName, Scalar> {
  const { recon, prior, diffusion } = pixelTerms(tf, p, config, inputs);
  const means = {
    recon: tf.mean(recon) as Scalar,
    prior: tf.mean(prior) as Scalar,
    diffusion: tf.mean(diffusion) as Scalar,
  };
  return { ...means, total: tf.addN(Object.values(means)) as Scalar };
}
