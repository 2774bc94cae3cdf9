/**
 * Training of a plain VDM on pixels (arXiv:2107.00630): what the pyramid is compared with (docs/experiments.md). Its runs have no
 * integer model.
 */
import type { Tf } from '../tensorflow.ts';
import { METHOD_FIELDS } from '../training-methods.ts';
import type { RunState } from './checkpoint.ts';
import type { TrainConfig } from './config.ts';
import { COST_STEPS, pixelCallMacs, pixelCost } from './cost.ts';
import { beginRun } from './fresh-run.ts';
import { PixelSampler } from './pixel-batch.ts';
import { initialPixelParameters } from './pixel-network.ts';
import { pixelStep } from './pixel-step.ts';
import { pixelValidation } from './pixel-validation.ts';
import { Random } from './random.ts';
import { type RunSize, type StepResult, type Task, type TaskImages, timed } from './task.ts';
import { warmRun } from './warm-start.ts';

export class PixelTask implements Task {
  readonly fixedFields = [
    'process',
    'domain',
    'channels',
    'denoiserBlocks',
    'filmHidden',
    'optimizer',
    ...METHOD_FIELDS,
  ] as const;
  private readonly tf: Tf;
  private readonly config: TrainConfig;
  private readonly sampler: PixelSampler;
  private readonly validation: PixelSampler | undefined;

  /**
   * @param config one that parseConfig could give
   * @throws RangeError when the images allow no batch of its mixture
   */
  constructor(tf: Tf, config: TrainConfig, { data, validation }: TaskImages) {
    this.tf = tf;
    this.config = config;
    this.sampler = new PixelSampler(data, config);
    this.validation = validation && new PixelSampler(validation, config);
  }

  get size(): RunSize {
    return { examples: this.sampler.sizes, cost: pixelCost(this.config, COST_STEPS) };
  }

  freshRun(): RunState {
    const random = new Random(this.config.seed);
    const parameters = initialPixelParameters(this.tf, this.config, random);
    return beginRun(this.tf, { config: this.config, random: random.state, standardDeviations: [], parameters });
  }

  warmRun(source: RunState): RunState {
    return warmRun(this.tf, this.config, source);
  }

  async step(before: RunState, random: Random): Promise<StepResult> {
    const batchRandom = Random.stream(this.config.seed, before.iteration);
    const { made: batch, seconds: batchSeconds } = await timed(() => this.sampler.next(batchRandom));
    const { run, values } = pixelStep(this.tf, before, batch, random);
    const batchMacs = batch.size * batch.side ** 2 * pixelCallMacs(this.config);
    return { run, values, examples: batch.size, batchSeconds, batchMacs };
  }

  validate(run: RunState): number | undefined {
    return this.validation && pixelValidation(this.tf, run, this.validation);
  }

  async close(): Promise<void> {}
}
