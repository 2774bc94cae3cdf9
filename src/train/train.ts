/** The training loop: batches, gradients, optimizer, checkpoints, validation and log of one run in a folder. */
import { appendFile, mkdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { NUM_CONDITIONS } from '../diffusion/conditions.ts';
import { NUM_COEFFICIENTS } from '../diffusion/dimensions.ts';
import { type RunState, readCheckpoint, writeCheckpoint } from './checkpoint.ts';
import type { TrainConfig } from './config.ts';
import { type Batch, BatchSampler, type Dataset } from './dataset.ts';
import { drawTimes, type LossTerms, vlbLoss } from './loss.ts';
import { initialParameters, type Parameters } from './model.ts';
import { clipGradients, initialOptimizerState, optimizerStep } from './optimizers.ts';
import { Random } from './random.ts';
import type { Scalar, Tensor, Tf } from './tensorflow.ts';

export interface Progress {
  readonly iteration: number;
  readonly iterations: number;
  readonly seconds: number;
  /** Bound in bits per coefficient, averaged over the iterations since the last report. */
  readonly bitsPerDim: number;
  readonly iterationsPerSecond: number;
  /** Validation bound of the averaged weights, when it was measured in this interval. */
  readonly validationBitsPerDim?: number;
}

export interface TrainOptions {
  readonly config: TrainConfig;
  readonly data: Dataset;
  readonly validation: Dataset | undefined;
  readonly folder: string;
  readonly resume: boolean;
  readonly onProgress: (progress: Progress) => void;
  readonly signal: AbortSignal;
}

export const CHECKPOINT_NAME = 'checkpoint.bin';
const LOG_HEADER = 'iteration,seconds,learningRate,bitsPerDim,recon,diffusion,prior,direct,gradientNorm,validation\n';
/** The learning rate ends at this share of its start. */
const FINAL_RATE = 0.02;
const VALIDATION_BATCHES = 6;

/** Trains until `config.iterations` or the signal; leaves checkpoint.bin and log.csv in the folder. */
export async function train(tf: Tf, options: TrainOptions): Promise<RunState> {
  const { config, folder, signal } = options;
  await mkdir(folder, { recursive: true });
  const checkpoint = join(folder, CHECKPOINT_NAME);
  const sampler = new BatchSampler(options.data, config);
  let run = options.resume ? { ...(await readCheckpoint(tf, checkpoint)), config } : freshRun(tf, config, sampler);
  await startLog(join(folder, 'log.csv'), options.resume);
  const random = new Random(run.random);
  const meter = new Meter();
  let saved = Date.now();
  let started = Date.now();
  while (run.iteration < config.iterations && !signal.aborted) {
    const begun = performance.now();
    const batch = sampler.next(random);
    const terms = step(tf, run, { batch, random });
    run = { ...terms.run, random: random.state, seconds: run.seconds + (performance.now() - begun) / 1000 };
    meter.add(terms.values);
    if (!Number.isFinite(terms.values.total)) {
      throw new Error(`training stopped at iteration ${run.iteration}: ${JSON.stringify(terms.values)}`);
    }
    const validate = options.validation !== undefined && run.iteration % config.validateEvery === 0;
    if (run.iteration % config.logEvery === 0 || validate) {
      const validation = validate ? validationLoss(tf, run, new BatchSampler(options.validation!, config)) : undefined;
      const means = meter.take();
      await appendFile(join(folder, 'log.csv'), logLine(run, means, validation));
      const elapsed = (Date.now() - started) / 1000;
      started = Date.now();
      options.onProgress({
        iteration: run.iteration,
        iterations: config.iterations,
        seconds: run.seconds,
        bitsPerDim: vlbOf(means),
        iterationsPerSecond: means.count / elapsed,
        ...(validation === undefined ? {} : { validationBitsPerDim: validation }),
      });
    }
    if (Date.now() - saved > config.checkpointSeconds * 1000) {
      await writeCheckpoint(checkpoint, run);
      saved = Date.now();
    }
    // Lets signals and timers in: everything above is synchronous.
    await new Promise((resolve) => setImmediate(resolve));
  }
  await writeCheckpoint(checkpoint, run);
  return run;
}

async function startLog(path: string, resume: boolean): Promise<void> {
  const exists = await stat(path).then(
    () => true,
    () => false,
  );
  if (!resume || !exists) await writeFile(path, LOG_HEADER);
}

function freshRun(tf: Tf, config: TrainConfig, sampler: BatchSampler): RunState {
  const random = new Random(config.seed);
  const standardDeviations = measureStandardDeviations(sampler, random);
  const endSigma = standardDeviations.map((row) => 3.5 * Math.max(...row));
  const parameters = initialParameters(tf, config, endSigma, random);
  return {
    config,
    iteration: 0,
    seconds: 0,
    random: random.state,
    standardDeviations,
    parameters,
    optimizer: initialOptimizerState(tf, parameters),
  };
}

const STATISTICS_BATCHES = 150;

/** Root mean square of every coefficient under every condition; conditions without examples get 16. */
function measureStandardDeviations(sampler: BatchSampler, random: Random): number[][] {
  const sums = Array.from({ length: NUM_CONDITIONS }, () => new Float64Array(NUM_COEFFICIENTS));
  const counts = sums.map(() => new Float64Array(NUM_COEFFICIENTS));
  for (let i = 0; i < STATISTICS_BATCHES; i++) {
    const batch = sampler.next(random);
    const perExample = batch.detail.length / batch.size;
    for (let j = 0; j < batch.detail.length; j++) {
      const example = Math.floor(j / perExample);
      const coefficient = j % NUM_COEFFICIENTS;
      const condition = batch.condition[example]!;
      const weight = batch.mask[example * NUM_COEFFICIENTS + coefficient]!;
      sums[condition]![coefficient]! += weight * batch.detail[j]! ** 2;
      counts[condition]![coefficient]! += weight;
    }
  }
  return sums.map((row, condition) =>
    Array.from(row, (sum, c) =>
      counts[condition]![c]! > 0 ? Math.max(1, Math.sqrt(sum / counts[condition]![c]!)) : 16,
    ),
  );
}

type Values = Record<'total' | 'recon' | 'diffusion' | 'prior' | 'direct' | 'norm', number>;

const vlbOf = (values: Pick<Values, 'recon' | 'diffusion' | 'prior'>): number =>
  values.recon + values.diffusion + values.prior;

function drawNumSteps(config: TrainConfig, random: Random): number {
  const entries = Object.entries(config.steps);
  return Number(entries[random.choice(entries.map(([, weight]) => weight))]![0]);
}

const noiseFor = (batch: Batch, random: Random): Float32Array =>
  random.normal(batch.size * batch.height * batch.width * NUM_COEFFICIENTS);

/** One iteration; disposes the tensors of the run it was given. */
function step(
  tf: Tf,
  run: RunState,
  { batch, random }: { batch: Batch; random: Random },
): { run: RunState; values: Values } {
  const { config } = run;
  const draw = drawTimes(batch.size, drawNumSteps(config, random), random);
  const inputs = { batch, draw, noise: noiseFor(batch, random), standardDeviations: run.standardDeviations };
  const iteration = run.iteration + 1;
  const factor = rateFactor(iteration, config);
  const result = tf.tidy(() => {
    const { terms, gradients } = lossAndGradients(tf, run.parameters, (p) => vlbLoss(tf, p, config, inputs));
    const { clipped, norm } = clipGradients(tf, gradients, config.clipNorm);
    const updated = optimizerStep(
      tf,
      { parameters: run.parameters, state: run.optimizer, gradients: clipped },
      {
        muon: config.muonLearningRate * factor,
        adam: config.adamLearningRate * factor,
        weightDecay: config.weightDecay,
        emaDecay: Math.min(config.emaDecay, iteration / (iteration + 9)),
      },
      iteration,
    );
    const { total, lossRecon, lossDiffusion, lossPrior, direct } = terms;
    const report = tf.stack([total, lossRecon, lossDiffusion, lossPrior, direct, norm]);
    tf.dispose(terms as never); // kept by lossAndGradients
    return { ...updated, report } as never;
  }) as unknown as { parameters: Parameters; state: RunState['optimizer']; report: Tensor };
  const [total, recon, diffusion, prior, direct, norm] = Array.from(result.report.dataSync()) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  result.report.dispose();
  tf.dispose([run.parameters, run.optimizer] as never);
  const next = { ...run, iteration, parameters: result.parameters, optimizer: result.state };
  return { run: next, values: { total, recon, diffusion, prior, direct, norm } };
}

function lossAndGradients(
  tf: Tf,
  parameters: Parameters,
  loss: (p: Parameters) => LossTerms,
): { terms: LossTerms; gradients: Parameters } {
  const names = Object.keys(parameters);
  let terms: LossTerms | undefined;
  const gradientsOf = tf.valueAndGrads((...tensors: Tensor[]) => {
    const p = Object.fromEntries(names.map((name, i) => [name, tensors[i]!]));
    const result = loss(p);
    terms = Object.fromEntries(
      Object.entries(result).map(([key, value]) => [key, tf.keep(value)]),
    ) as unknown as LossTerms;
    return result.total as Scalar;
  });
  const { grads } = gradientsOf(names.map((name) => parameters[name]!));
  return { terms: terms!, gradients: Object.fromEntries(names.map((name, i) => [name, grads[i]!])) };
}

/** Linear warm-up, then cosine decay. */
function rateFactor(iteration: number, config: TrainConfig): number {
  const progress = Math.min(1, iteration / config.iterations);
  const cosine = FINAL_RATE + (1 - FINAL_RATE) * 0.5 * (1 + Math.cos(Math.PI * progress));
  return Math.min(1, iteration / config.warmup) * cosine;
}

/** Bound of the averaged weights on fixed batches with fixed noise. */
function validationLoss(tf: Tf, run: RunState, sampler: BatchSampler): number {
  const random = new Random(12345);
  let sum = 0;
  for (let i = 0; i < VALIDATION_BATCHES; i++) {
    const batch = sampler.next(random);
    const inputs = {
      batch,
      draw: drawTimes(batch.size, 8, random),
      noise: noiseFor(batch, random),
      standardDeviations: run.standardDeviations,
    };
    sum += tf.tidy(() => {
      const { lossRecon, lossDiffusion, lossPrior } = vlbLoss(tf, run.optimizer.average, run.config, inputs);
      return tf.addN([lossRecon, lossDiffusion, lossPrior]).dataSync()[0]!;
    });
  }
  return sum / VALIDATION_BATCHES;
}

/** Means of the values since the last report. */
class Meter {
  private sums: Values = emptyValues();
  private count = 0;

  add(values: Values): void {
    for (const key of Object.keys(values) as (keyof Values)[]) this.sums[key] += values[key];
    this.count++;
  }

  take(): Values & { count: number } {
    const entries = Object.entries(this.sums).map(([key, sum]) => [key, sum / Math.max(1, this.count)]);
    const means = { ...(Object.fromEntries(entries) as Values), count: this.count };
    this.sums = emptyValues();
    this.count = 0;
    return means;
  }
}

const emptyValues = (): Values => ({ total: 0, recon: 0, diffusion: 0, prior: 0, direct: 0, norm: 0 });

function logLine(run: RunState, means: Values, validation: number | undefined): string {
  const rate = run.config.muonLearningRate * rateFactor(run.iteration, run.config);
  const numbers = [rate, vlbOf(means), means.recon, means.diffusion, means.prior, means.direct, means.norm];
  const cells = [
    run.iteration,
    run.seconds.toFixed(1),
    ...numbers.map((n) => n.toPrecision(5)),
    validation?.toFixed(4) ?? '',
  ];
  return `${cells.join(',')}\n`;
}
