/** Training of absorbing diffusion: the bound is the cost of a sample given those before it, in bits. */
import { emptyPixelWeights, pixelMacs } from '../model/absorbing-model.ts';
import type { Scalar, Tensor2D, Tf } from '../tensorflow.ts';
import {
  type AbsorbingBatch,
  AbsorbingSampler,
  cropImages,
  emptyBatch,
  fillBatch,
  middleOf,
  rgbOf,
} from './absorbing-batch.ts';
import { initialAbsorbingParameters, sampleBits } from './absorbing-network.ts';
import { type BatchLoader, createLoader } from './batch-loader.ts';
import type { RunState } from './checkpoint.ts';
import type { TrainConfig } from './config.ts';
import type { Dataset, Plane } from './dataset.ts';
import { beginRun } from './fresh-run.ts';
import { grownRun } from './grow-absorbing.ts';
import type { Parameters } from './model.ts';
import { Random } from './random.ts';
import { type RunSize, type StepResult, type Task, type TaskImages, timed } from './task.ts';
import { updateRun } from './update.ts';

/** Side of the squares in the middle of validation images, and their number at most. */
const VALIDATION_SIDE = 64;
const VALIDATION_IMAGES = 64;

export class AbsorbingTask implements Task {
  readonly fixedFields = ['process', 'channels', 'denoiserBlocks', 'headChannels', 'components', 'optimizer'] as const;
  private readonly tf: Tf;
  private readonly config: TrainConfig;
  private readonly loader: BatchLoader;
  private readonly validation: Dataset | undefined;
  /** For each pixel. */
  private readonly macs: number;

  /** @throws RangeError when the images allow no batch of the config's mixture */
  constructor(tf: Tf, config: TrainConfig, { data, validation }: TaskImages) {
    this.tf = tf;
    this.config = config;
    this.loader = createLoader(new AbsorbingSampler(cropImages(data, config), config));
    this.validation = validation;
    const { channels, denoiserBlocks: blocks, headChannels, components } = config;
    this.macs = pixelMacs(emptyPixelWeights({ channels, blocks, headChannels, components }));
  }

  get size(): RunSize {
    // The network is called once for each pixel.
    const cost = { callMacsPerPixel: this.macs, imageMacsPerPixel: this.macs };
    return { examples: { pixels: this.config.batchPositions }, cost };
  }

  freshRun(): RunState {
    const random = new Random(this.config.seed);
    const parameters = initialAbsorbingParameters(this.tf, this.config, random);
    return beginRun(this.tf, { config: this.config, random: random.state, standardDeviations: [], parameters });
  }

  warmRun(source: RunState): RunState {
    return grownRun(this.tf, this.config, source);
  }

  async step(before: RunState): Promise<StepResult> {
    const { made: batch, seconds: batchSeconds } = await timed(() => this.loader.load(before.iteration));
    const { run, terms, norm } = updateRun(this.tf, before, (p) => ({ total: meanBits(this.tf, p, batch) }));
    const [total] = terms.total as unknown as [number];
    const values = { total, recon: total, diffusion: 0, prior: 0, direct: 0, norm };
    return { run, values, examples: batch.size, batchSeconds, batchMacs: batch.size * this.macs };
  }

  validate(run: RunState): number | undefined {
    if (this.validation === undefined) return undefined;
    const planes = this.validation.photos.slice(0, VALIDATION_IMAGES).map(([finest]) => finest!);
    const { tf } = this;
    const sums = planes.map((plane) => {
      const batch = middleBatch(plane);
      return tf.tidy(() => meanBits(tf, run.optimizer.average, batch).dataSync()[0]!);
    });
    return sums.reduce((sum, bits) => sum + bits, 0) / sums.length;
  }

  close(): Promise<void> {
    return this.loader.close();
  }
}

/** Bits a sample that is coded. */
function meanBits(tf: Tf, p: Parameters, batch: AbsorbingBatch): Scalar {
  const mask = tf.tensor2d(batch.mask, [batch.size, 3]);
  const bits: Tensor2D = sampleBits(tf, p, batch);
  return tf.div(tf.sum(tf.mul(bits, mask)), tf.sum(mask)) as Scalar;
}

/** Every pixel of the middle of a plane. */
function middleBatch(plane: Plane): AbsorbingBatch {
  const crop = middleOf(rgbOf(plane), VALIDATION_SIDE);
  const count = crop.height * crop.width;
  const batch = emptyBatch(count);
  fillBatch(batch, 0, crop, (i) => [Math.floor(i / crop.width), i % crop.width], count);
  return batch;
}
