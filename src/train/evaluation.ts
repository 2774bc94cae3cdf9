/**
 * The bound of a run's averaged float weights on whole images, all stages of each, for any number of steps T evenly spaced in
 * the learned time: what the model is worth before export. Over real numbers, with latents that are rounded, and with the variance
 * that rounding adds, as `vdmz eval` counts the bound of the exported model; the loss in training leaves that variance out.
 */
import { conditionOf } from '../diffusion/conditions.ts';
import { NUM_COEFFICIENTS, ROUNDING_VARIANCE } from '../diffusion/dimensions.ts';
import type { Tf } from '../tensorflow.ts';
import { type Batch, emptyBatch, fillExample } from './batch.ts';
import type { RunState } from './checkpoint.ts';
import type { Plane } from './dataset.ts';
import { type Estimate, estimateOf, evenSteps } from './even-steps.ts';
import { stageLoss } from './loss.ts';
import { Random } from './random.ts';
import type { TimeDraw } from './time-draw.ts';

/** Y of 8 bits, Co and Cg of 9: the pixel that all stages build upon. */
const BASE_BITS = 8 + 9 + 9;
/** Images in a batch. */
const CHUNK = 64;

export interface EvaluationOptions {
  readonly numSteps: number;
  /** Steps for each stage of an image, at most; with fewer than T the sum is estimated. Default: 16. */
  readonly samples?: number;
  /** Of noise and steps. Default: 1. */
  readonly seed?: number;
}

/** @param images pyramids of square images of one size, a power of two, as in Dataset.small */
export function evaluateBound(
  tf: Tf,
  run: RunState,
  images: readonly (readonly Plane[])[],
  { numSteps, samples = 16, seed = 1 }: EvaluationOptions,
): Estimate {
  const random = new Random(seed);
  const rates: number[] = [];
  for (let start = 0; start < images.length; start += CHUNK) {
    const chunk = images.slice(start, start + CHUNK);
    const bits = new Float64Array(chunk.length).fill(BASE_BITS);
    for (let level = 0; level < chunk[0]!.length; level++) {
      const batch = wholeStages(
        chunk.map((planes) => planes[level]!),
        level,
      );
      const stage = stageBits(tf, run, { batch, numSteps, samples, random });
      for (const [i, value] of stage.entries()) bits[i]! += value;
    }
    rates.push(...bits.map((value, i) => value / chunk[i]![0]!.data.length));
  }
  return estimateOf(rates);
}

function wholeStages(planes: readonly Plane[], level: number): Batch {
  const side = planes[0]!.height;
  const batch = emptyBatch(planes.length, side);
  batch.condition.fill(conditionOf(level, side, side));
  for (const [i, { data }] of planes.entries()) fillExample(batch, i, { patch: data, isFinest: level === 0 });
  return batch;
}

interface StageInputs {
  readonly batch: Batch;
  readonly numSteps: number;
  readonly samples: number;
  readonly random: Random;
}

/** Bits of each example's stage. */
function stageBits(tf: Tf, run: RunState, { batch, numSteps, samples, random }: StageInputs): Float64Array {
  const bits = new Float64Array(batch.size);
  const valuesPerExample = batch.detail.length / batch.size;
  const add = (draw: TimeDraw, weight: number): void => {
    const terms = exampleTerms(tf, run, { batch, draw, random });
    for (const [i, term] of terms.entries()) bits[i]! += weight * valuesPerExample * term;
  };
  const times = (time: number): Float32Array => new Float32Array(batch.size).fill(time);
  add(drawOf('recon', times(0)), 1);
  add(drawOf('prior', times(1)), 1);
  const { steps, weight } = evenSteps(numSteps, { samples, examples: batch.size }, random);
  for (const k of steps[0]!.keys()) {
    const timesOf = (before: number) => Float32Array.from(steps, (list) => (list[k]! - before) / numSteps);
    add(drawOf('step', timesOf(0), timesOf(1)), weight);
  }
  return bits;
}

/** A batch of which every example stands for the same kind of term. */
function drawOf(kind: 'recon' | 'step' | 'prior', t: Float32Array, s = new Float32Array(t.length)): TimeDraw {
  const all = (value: number): Float32Array => new Float32Array(t.length).fill(value);
  const weights = { recon: all(0), step: all(0), prior: all(0), [kind]: all(1) };
  const isSeen = kind === 'prior' ? 0 : 1;
  return { term: new Uint8Array(t.length), t, s, known: all(isSeen), level: all(0), ...weights };
}

interface TermInputs {
  readonly batch: Batch;
  readonly draw: TimeDraw;
  readonly random: Random;
}

/** [batch] in bits per coefficient */
function exampleTerms(tf: Tf, run: RunState, { batch, draw, random }: TermInputs): Float32Array {
  const noise = random.normal(batch.size * batch.height * batch.width * NUM_COEFFICIENTS);
  const config = { ...run.config, precision: 'float32' } as const;
  const { standardDeviations } = run;
  const inputs = { batch, draw, noise, standardDeviations, roundingVariance: ROUNDING_VARIANCE };
  return tf.tidy(
    () => stageLoss(tf, run.optimizer.average, config, inputs).examples.dataSync() as never,
  ) as unknown as Float32Array;
}
