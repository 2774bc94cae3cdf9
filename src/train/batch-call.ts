/** The network's call on a batch. */
import { NUM_CONDITIONS } from '../diffusion/conditions.ts';
import { KNOWN_PLANES } from '../network/network.ts';
import type { Tensor2D, Tensor4D, Tf } from '../tensorflow.ts';
import type { Batch } from './batch.ts';
import { type Architecture, denoiserFilm, type FilmInputs, network, type Parameters } from './model.ts';

/** [batch, conditions], one-hot */
export const conditionRows = (tf: Tf, { condition }: Batch): Tensor2D =>
  tf.oneHot(tf.tensor1d(condition, 'int32'), NUM_CONDITIONS).toFloat() as Tensor2D;

export interface BatchCall extends FilmInputs {
  readonly batch: Batch;
  /** [batch, h, w, DENOISER_PLANES], real units; zero where there is nothing to see */
  readonly planes: Tensor4D;
}

/** The network's F and G: [batch, h, w, 9] each. */
export function callNetwork(
  tf: Tf,
  p: Parameters,
  arch: Architecture,
  { batch, planes, ...film }: BatchCall,
): [Tensor4D, Tensor4D] {
  const output = network(tf, p, arch, {
    known: tf.tensor4d(batch.known, [batch.size, batch.height, batch.width, KNOWN_PLANES]),
    planes,
    condition: film.condition,
    film: denoiserFilm(tf, p, film),
  });
  return tf.split(output, 2, 3) as [Tensor4D, Tensor4D];
}
