/**
 * The cost of the details of a stage without latents as a training loss, in bits per coefficient: each example stands for one of
 * the passes (src/diffusion/passes.ts), in which the network sees the details of those before.
 */
import { NUM_COEFFICIENTS } from '../diffusion/dimensions.ts';
import { codedIn, NUM_PASSES, passGamma, seenBefore } from '../diffusion/passes.ts';
import { DENOISER_PLANES } from '../network/network.ts';
import type { Scalar, Tensor2D, Tensor4D, Tf } from '../tensorflow.ts';
import type { Batch } from './batch.ts';
import { callNetwork, conditionRows } from './batch-call.ts';
import { discretisedNats } from './gaussian-terms.ts';
import { localDeviations, MAX_INVERSE_SCALE, MIN_TAU } from './loss.ts';
import { type Architecture, denoiserPlanes, type Parameters } from './model.ts';
import type { Random } from './random.ts';

export interface DetailsInputs {
  readonly batch: Batch;
  /** [batch]: the pass that each example stands for. */
  readonly pass: Uint8Array;
  /** [conditions][NUM_CLASSES * 9] */
  readonly standardDeviations: readonly (readonly number[])[];
}

/** What the loss of a batch needs. */
export const drawDetails = (
  { standardDeviations }: Pick<DetailsInputs, 'standardDeviations'>,
  batch: Batch,
  random: Random,
): DetailsInputs => ({ batch, pass: drawPasses(batch.size, random), standardDeviations });

/** Passes spread evenly over a batch. */
export function drawPasses(batchSize: number, random: Random): Uint8Array {
  const offset = random.uniform();
  return Uint8Array.from({ length: batchSize }, (_, i) => Math.floor(((i + offset) / batchSize) * NUM_PASSES));
}

/** The mean over the batch of each example's pass, times the number of passes. */
export function detailsLoss(tf: Tf, p: Parameters, arch: Architecture, inputs: DetailsInputs): Scalar {
  const { batch, pass } = inputs;
  const shape: [number, number, number, number] = [batch.size, batch.height, batch.width, NUM_COEFFICIENTS];
  const sd = tf.tensor4d(localDeviations(batch, inputs.standardDeviations), shape);
  const u = tf.tensor4d(batch.detail, shape);
  const inverseScale = tf.minimum(tf.div(1, sd), MAX_INVERSE_SCALE) as Tensor4D;
  const planes = tf.mul(denoiserPlanes(tf, u, inverseScale), seenPlanes(tf, pass)) as Tensor4D;
  const column = (of: (pass: number) => number): Tensor2D => tf.tensor2d(Array.from(pass, of), [batch.size, 1]);
  const film = { gamma: column(passGamma), known: column((number) => (number > 0 ? 1 : 0)) };
  const [f, g] = callNetwork(tf, p, arch, { batch, planes, ...film, condition: conditionRows(tf, batch) });
  const tau = tf.maximum(tf.mul(sd, tf.exp(tf.mul(g, Math.LN2))), MIN_TAU);
  const error = tf.sub(tf.add(u, tf.tensor4d(batch.shift, shape)), tf.mul(sd, f));
  const nats = tf.mul(discretisedNats(tf, error, tau), codedMask(tf, batch, pass));
  return tf.mul(tf.sum(nats), NUM_PASSES / Math.LN2 / batch.detail.length) as Scalar;
}

/** [batch, 1, 1, DENOISER_PLANES]: each input plane is of one coefficient, and these come in order. */
function seenPlanes(tf: Tf, pass: Uint8Array): Tensor4D {
  const repeats = DENOISER_PLANES / NUM_COEFFICIENTS;
  const rows = Array.from(pass, (number) => Array.from({ length: repeats }, () => seenBefore(number)).flat());
  return tf.tensor4d(rows.flat(), [pass.length, 1, 1, DENOISER_PLANES]);
}

/** [batch, 1, 1, 9] */
function codedMask(tf: Tf, { mask }: Batch, pass: Uint8Array): Tensor4D {
  const rows = Array.from(pass, codedIn).flat();
  return tf.tensor4d(
    rows.map((value, i) => value * mask[i]!),
    [pass.length, 1, 1, NUM_COEFFICIENTS],
  );
}
