/**
 * Terms of the bound of whole stages of images, by a run's averaged float weights, over real numbers: with latents that are rounded, and
 * with the variance that rounding adds, as `vdmz eval` counts the bound of the exported model; the loss in training leaves it out.
 */
import { conditionOf } from '../diffusion/conditions.ts';
import { NUM_COEFFICIENTS, ROUNDING_VARIANCE } from '../diffusion/dimensions.ts';
import type { Tf } from '../tensorflow.ts';
import { type Batch, emptyBatch, fillExample } from './batch.ts';
import type { RunState } from './checkpoint.ts';
import type { Plane } from './dataset.ts';
import { stageLoss } from './loss.ts';
import type { Random } from './random.ts';
import type { TimeDraw } from './time-draw.ts';

/** Y of 8 bits, Co and Cg of 9: the pixel that all stages build upon. */
export const BASE_BITS = 8 + 9 + 9;
/** Images in a batch. */
const CHUNK = 64;

/** A stage of some images. */
export interface StageBatch {
  readonly batch: Batch;
  /** 0 for the finest stage of an image. */
  readonly level: number;
  /** Index of the first image. */
  readonly first: number;
}

/** All stages of images, the finest first of some of them, then of others. @param images pyramids of square images of one size */
export function* stageBatches(images: readonly (readonly Plane[])[]): Generator<StageBatch> {
  for (let first = 0; first < images.length; first += CHUNK) {
    const chunk = images.slice(first, first + CHUNK);
    for (const level of chunk[0]!.keys()) {
      const planes = chunk.map((pyramid) => pyramid[level]!);
      yield { batch: wholeStages(planes, level), level, first };
    }
  }
}

function wholeStages(planes: readonly Plane[], level: number): Batch {
  const side = planes[0]!.height;
  const batch = emptyBatch(planes.length, side);
  batch.condition.fill(conditionOf(level, side, side));
  for (const [i, { data }] of planes.entries()) fillExample(batch, i, { patch: data, isFinest: level === 0 });
  return batch;
}

/** What each example of a batch stands for: the time of its latent and, of a step, of the less noisy one. */
export interface StageTerm {
  readonly kind: 'recon' | 'step' | 'prior';
  readonly t: Float32Array;
  readonly s?: Float32Array;
}

/** One time for all examples of a batch. */
export const atTime = ({ size }: Batch, time: number): Float32Array => new Float32Array(size).fill(time);

/** Bits of each example's stage. @param random of the noise */
export function termBits(
  tf: Tf,
  run: RunState,
  { batch, term, random }: { batch: Batch; term: StageTerm; random: Random },
): Float32Array {
  const noise = random.normal(batch.size * batch.height * batch.width * NUM_COEFFICIENTS);
  const config = { ...run.config, precision: 'float32' } as const;
  const { standardDeviations } = run;
  const inputs = { batch, draw: drawOf(term), noise, standardDeviations, roundingVariance: ROUNDING_VARIANCE };
  const bits = tf.tidy(
    () => stageLoss(tf, run.optimizer.average, config, inputs).examples.dataSync() as never,
  ) as unknown as Float32Array;
  const valuesPerExample = batch.detail.length / batch.size;
  return bits.map((value) => valuesPerExample * value);
}

/** A batch of which every example stands for the same kind of term. */
function drawOf({ kind, t, s = new Float32Array(t.length) }: StageTerm): TimeDraw {
  const all = (value: number): Float32Array => new Float32Array(t.length).fill(value);
  const weights = { recon: all(0), step: all(0), prior: all(0), [kind]: all(1) };
  const isSeen = kind === 'prior' ? 0 : 1;
  return { term: new Uint8Array(t.length), t, s, known: all(isSeen), level: all(0), ...weights };
}
