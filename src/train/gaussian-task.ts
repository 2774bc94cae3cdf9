/** Training of Gaussian diffusion on the stages of pyramids. */
import type { Tf } from '../tensorflow.ts';
import { METHOD_FIELDS } from '../training-methods.ts';
import { BatchSampler } from './batch-sampler.ts';
import type { RunState } from './checkpoint.ts';
import type { TrainConfig } from './config.ts';
import { COST_STEPS, costOf, positionMacs } from './cost.ts';
import { freshRun } from './fresh-run.ts';
import { Random } from './random.ts';
import { trainStep } from './step.ts';
import { type RunSize, type StepResult, type Task, type TaskImages, timed } from './task.ts';
import { validationLoss } from './validation.ts';
import { warmRun } from './warm-start.ts';

const FIXED = ['process', 'domain', 'channels', 'denoiserBlocks', 'trunkBlocks', 'filmHidden', 'optimizer'] as const;

export class GaussianTask implements Task {
  readonly fixedFields: Task['fixedFields'];
  private readonly tf: Tf;
  private readonly config: TrainConfig;
  private readonly sampler: BatchSampler;
  private readonly validation: BatchSampler | undefined;

  constructor(tf: Tf, config: TrainConfig, { data, validation }: TaskImages) {
    this.tf = tf;
    this.config = config;
    this.fixedFields = [...FIXED, ...(config.objective === 'details' ? (['objective'] as const) : METHOD_FIELDS)];
    this.sampler = new BatchSampler(data, config);
    this.validation = validation && new BatchSampler(validation, config);
  }

  get size(): RunSize {
    return { examples: this.sampler.sizes, cost: costOf(this.config, COST_STEPS) };
  }

  freshRun(): RunState {
    return freshRun(this.tf, this.config, this.sampler);
  }

  warmRun(source: RunState): RunState {
    return warmRun(this.tf, this.config, source);
  }

  async step(before: RunState, random: Random): Promise<StepResult> {
    const batchRandom = Random.stream(this.config.seed, before.iteration);
    const { made: batch, seconds: batchSeconds } = await timed(() => this.sampler.next(batchRandom));
    const { run, values } = trainStep(this.tf, before, batch, random);
    const { denoiser, trunk } = positionMacs(this.config);
    const batchMacs = batch.size * batch.height * batch.width * (denoiser + trunk);
    return { run, values, examples: batch.size, batchSeconds, batchMacs };
  }

  validate(run: RunState): number | undefined {
    return this.validation && validationLoss(this.tf, run, this.validation);
  }

  async close(): Promise<void> {}
}
