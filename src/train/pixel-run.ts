/**
 * A plain VDM on pixels, trained and evaluated: what the pyramid is compared with (docs/experiments.md). It cannot be exported.
 *
 * Training is by the continuous-time bound, evaluation by the bound of T discrete steps, evenly spaced in time.
 */
import { NUM_PLANES } from '../diffusion/dimensions.ts';
import { ycocgToRgb } from '../pyramid/ycocg.ts';
import type { Scalar, Tf } from '../tensorflow.ts';
import { examplesOf } from './batch.ts';
import { cut } from './batch-sampler.ts';
import type { RunState } from './checkpoint.ts';
import type { TrainConfig } from './config.ts';
import type { Plane } from './dataset.ts';
import type { EvaluationOptions } from './evaluation.ts';
import { type Estimate, estimateOf, evenSteps } from './even-steps.ts';
import { beginRun } from './fresh-run.ts';
import { addToMeter, EMPTY_METER, meterMeans } from './meter.ts';
import { assertPixelConfig } from './pixel-config.ts';
import { type PixelBatch, type PixelInputs, pixelTerms } from './pixel-loss.ts';
import { initialPixelParameters } from './pixel-network.ts';
import { Random } from './random.ts';
import { appendToLog, startLog } from './training-log.ts';
import { updateRun } from './update.ts';

/** One image of so many gives its L0: it needs no network and varies little. */
const IMAGES_PER_RECON = 8;
/** Images in a batch of evaluation. */
const CHUNK = 16;

export interface PixelTraining {
  readonly config: TrainConfig;
  /** Pyramids of square images, of which the finest levels are used. */
  readonly images: readonly (readonly Plane[])[];
  /** Path of the log. */
  readonly log: string;
  /** Ends the run early; it cannot be resumed. */
  readonly signal?: AbortSignal;
}

/** @throws RangeError when the config asks for what a plain VDM is not. */
export function freshPixelRun(tf: Tf, config: TrainConfig): RunState {
  assertPixelConfig(config);
  const random = new Random(config.seed);
  const parameters = initialPixelParameters(tf, config, random);
  return beginRun(tf, { config, random: random.state, standardDeviations: [], parameters });
}

/** Trains from the start to `config.iterations`, with batches as large as those of a pyramid's finest stage. */
export async function trainPixels(tf: Tf, { config, images, log, signal }: PixelTraining): Promise<RunState> {
  let run = freshPixelRun(tf, config);
  const random = new Random(run.random);
  await startLog(log, run);
  while (run.iteration < config.iterations && !signal?.aborted) {
    const started = performance.now();
    const next = pixelStep(tf, run, drawBatch(images, config, Random.stream(config.seed, run.iteration)), random);
    const seconds = run.seconds + (performance.now() - started) / 1000;
    const meter = addToMeter(run.meter ?? EMPTY_METER, next.values);
    run = { ...next.run, seconds, meter, random: random.state };
    if (run.iteration % config.logEvery === 0) {
      await appendToLog(log, run, meterMeans(meter), undefined);
      run = { ...run, meter: EMPTY_METER };
    }
    // Lets signals in: all above may be synchronous.
    await new Promise((resolve) => setImmediate(resolve));
  }
  return run;
}

/** One iteration; disposes the tensors of the run it was given. */
export function pixelStep(tf: Tf, before: RunState, batch: PixelBatch, random: Random) {
  const inputs = trainingInputs(batch, random);
  const { run, terms, norm } = updateRun(tf, before, (p) => {
    const { recon, prior, diffusion } = pixelTerms(tf, p, before.config, inputs);
    const means = { recon: tf.mean(recon), prior: tf.mean(prior), diffusion: tf.mean(diffusion) };
    return { ...means, total: tf.addN(Object.values(means)) as Scalar };
  });
  const [total, recon, prior, diffusion] = [terms.total, terms.recon, terms.prior, terms.diffusion].map(
    ([value]) => value!,
  ) as [number, number, number, number];
  const examples = (before.examples ?? 0) + batch.size;
  return { run: { ...run, examples }, values: { total, recon, diffusion, prior, direct: 0, norm } };
}

/** Times spread evenly over the batch (VDM, appendix I.1). */
function trainingInputs(batch: PixelBatch, random: Random): PixelInputs {
  const offset = random.uniform();
  const t = Float32Array.from({ length: batch.size }, (_, i) => (i + offset) / batch.size);
  const reconImages = Math.ceil(batch.size / IMAGES_PER_RECON);
  return { batch, t, noise: random.normal(batch.levels.length), reconImages };
}

/** Images at random, each flipped and turned at random. */
function drawBatch(images: PixelTraining['images'], { batchPositions }: TrainConfig, random: Random): PixelBatch {
  const side = images[0]![0]!.height;
  const size = examplesOf(side, batchPositions);
  const drawn = Array.from({ length: size }, () => {
    const data = cut(images[random.integer(images.length)]![0]!, { side, gray: false }, random);
    return { height: side, width: side, data };
  });
  return pixelBatch(drawn);
}

export function pixelBatch(planes: readonly Plane[]): PixelBatch {
  const side = planes[0]!.height;
  const levels = new Uint8Array(planes.length * side * side * NUM_PLANES);
  for (const [i, { data }] of planes.entries()) levels.set(ycocgToRgb(data), i * data.length);
  return { size: planes.length, side, levels };
}

/** The bound of the averaged weights for T steps, evenly spaced in time. */
export function evaluatePixels(
  tf: Tf,
  run: RunState,
  images: PixelTraining['images'],
  { numSteps, samples = 16, seed = 1 }: EvaluationOptions,
): Estimate {
  const random = new Random(seed);
  const rates: number[] = [];
  for (let start = 0; start < images.length; start += CHUNK) {
    const batch = pixelBatch(images.slice(start, start + CHUNK).map(([finest]) => finest!));
    const chunk = new Float64Array(batch.size);
    const { steps, weight } = evenSteps(numSteps, { samples, examples: batch.size }, random);
    for (const k of steps[0]!.keys()) {
      const timesOf = (before: number) => Float32Array.from(steps, (list) => (list[k]! - before) / numSteps);
      const noise = random.normal(batch.levels.length);
      const chain = { numSteps, s: timesOf(1) };
      const reconImages = k === 0 ? batch.size : 1;
      const terms = termsOf(tf, run, { batch, t: timesOf(0), steps: chain, noise, reconImages });
      // The terms of all T steps at once: each sampled one stands for weight / T of them.
      for (const [i, value] of terms.diffusion.entries()) chunk[i]! += (value * weight) / numSteps;
      if (k === 0) for (const i of chunk.keys()) chunk[i]! += terms.recon[i]! + terms.prior[i]!;
    }
    rates.push(...chunk);
  }
  return estimateOf(rates);
}

/** @returns arrays [images] in bits per dim */
function termsOf(tf: Tf, run: RunState, inputs: PixelInputs): Record<'recon' | 'prior' | 'diffusion', Float32Array> {
  const config = { ...run.config, precision: 'float32' } as const;
  return tf.tidy(() => {
    const terms = pixelTerms(tf, run.optimizer.average, config, inputs);
    return Object.fromEntries(Object.entries(terms).map(([name, term]) => [name, term.dataSync()])) as never;
  }) as never;
}
