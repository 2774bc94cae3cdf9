/** Training configuration: a JSON file with these fields, all optional, over these defaults. */
import { STEP_COUNTS } from '../diffusion/chains.ts';
import { PROCESSES, type Process } from '../model/installed-models.ts';
import { CHANNEL_GROUP } from '../network/network.ts';
import { METHOD_CHOICES, type Methods } from '../training-methods.ts';
import { continuousTimeFault } from './continuous-time.ts';
import { PRECISIONS, type Precision } from './convolution.ts';
import { DOMAINS, type Domain } from './domain.ts';
import { OPTIMIZERS, type OptimizerName } from './optimizer-name.ts';
import { assertPixelConfig, PIXEL_DEFAULTS } from './pixel-config.ts';
import { assertFieldsUsed } from './unused-fields.ts';

export interface TrainConfig extends Methods {
  /** Folder name of the model under models/. */
  readonly name: string;
  /** What takes the image away: noise, or pixel after pixel vanishes. */
  readonly process: Process;
  /** Of Gaussian diffusion: the stages of a pyramid, or the pixels of a plain VDM, whose fields pixel-config.ts has. */
  readonly domain: Domain;
  /** Width C of the network. */
  readonly channels: number;
  /** Residual blocks of the denoiser (run once a step) and of the context trunk (run once a stage). */
  readonly denoiserBlocks: number;
  readonly trunkBlocks: number;
  /** Of absorbing diffusion: width of the heads of channels, and Gaussians of a mixture. */
  readonly headChannels: number;
  readonly components: number;
  /** Hidden width of the network that maps the noise level to FiLM rows. */
  readonly filmHidden: number;
  /** Of the convolutions in training. */
  readonly precision: Precision;
  /** Whether training rounds weights and activations as the integer network does. */
  readonly fakeQuantize: boolean;
  /** Whether the denoiser sees Fourier features of its latents. */
  readonly fourier: boolean;
  /** Iterations of the whole run; the learning rate reaches its end there. */
  readonly iterations: number;
  /** Positions (2x2 pixels) in a batch; the number of examples follows from their size. Of absorbing diffusion, pixels. */
  readonly batchPositions: number;
  /** Side in positions of the patches cut from photographs. */
  readonly patchPositions: number;
  /** Share of iterations by kind of batch: photographs, 32x32 images, coarse tops of pyramids. */
  readonly mixture: { readonly photos: number; readonly small: number; readonly tops: number };
  /** Share of photograph patches by pyramid level 0, 1, 2 (and coarser). */
  readonly levels: readonly number[];
  /** Steps T of the main chain, drawn for each batch, with their weights. */
  readonly steps: Readonly<Record<string, number>>;
  /** Share of batches whose chain is a seed chain. */
  readonly seedShare: number;
  /** Of the hidden convolutions. */
  readonly optimizer: OptimizerName;
  readonly muonLearningRate: number;
  readonly adamLearningRate: number;
  readonly weightDecay: number;
  /** Iterations of rising learning rate; share of the run, at its end, in which the rate falls. */
  readonly warmup: number;
  readonly decayShare: number;
  readonly emaDecay: number;
  readonly clipNorm: number;
  readonly seed: number;
  /** Seconds between checkpoints; iterations between lines of the log and between validations. */
  readonly checkpointSeconds: number;
  readonly logEvery: number;
  readonly validateEvery: number;
}

export const DEFAULT_CONFIG: TrainConfig = {
  name: 'unnamed',
  process: 'gaussian',
  domain: 'pyramid',
  channels: 96,
  denoiserBlocks: 4,
  trunkBlocks: 3,
  headChannels: 64,
  components: 5,
  filmHidden: 128,
  precision: 'float32',
  fakeQuantize: true,
  fourier: true,
  schedule: 'learned',
  objective: 'vlb',
  variance: 'learned',
  prediction: 'v',
  time: 'discrete',
  timeSampler: 'low-discrepancy',
  iterations: 10_000,
  batchPositions: 16_384,
  patchPositions: 32,
  mixture: { photos: 0.72, small: 0.2, tops: 0.08 },
  levels: [0.66, 0.22, 0.12],
  steps: { 4: 0.2, 8: 0.6, 16: 0.2 },
  seedShare: 0.1,
  optimizer: 'muon',
  muonLearningRate: 0.03,
  adamLearningRate: 2e-3,
  weightDecay: 0,
  warmup: 100,
  decayShare: 1,
  emaDecay: 0.998,
  clipNorm: 1,
  seed: 1,
  checkpointSeconds: 180,
  logEvery: 20,
  validateEvery: 500,
};

/**
 * @param methods in place of those that the JSON names
 * @throws RangeError when a field is unknown, has a value that no run can have, or means nothing to what the others ask for.
 */
export function parseConfig(json: unknown, methods: Partial<Methods> = {}): TrainConfig {
  if (!isRecord(json)) throw new RangeError('a training config must be a JSON object');
  const fields: Record<string, unknown> = { ...json, ...methods };
  for (const [key, value] of Object.entries(fields)) {
    if (!Object.hasOwn(DEFAULT_CONFIG, key)) throw new RangeError(`unknown field "${key}" in the training config`);
    const rule = RULES[key as keyof TrainConfig];
    if (!rule.holds(value)) throw new RangeError(`"${key}" must be ${rule.what}, got ${JSON.stringify(value)}`);
  }
  const isPixels = fields.domain === 'pixels';
  const config: TrainConfig = { ...DEFAULT_CONFIG, ...(isPixels ? PIXEL_DEFAULTS : {}), ...fields };
  if (isPixels) assertPixelConfig(config);
  // Configs of pyramids may name all fields, as those of runs do; options may not.
  assertFieldsUsed(config, DEFAULT_CONFIG, Object.keys(isPixels ? fields : methods));
  if (
    (config.objective === 'simple' || config.objective === 'hybrid') &&
    (config.schedule === 'learned' || config.schedule === 'straight')
  ) {
    // The error of the noise falls as noise grows: nothing would hold a learned schedule.
    throw new RangeError(`"objective" "${config.objective}" needs a fixed "schedule", got "${config.schedule}"`);
  }
  const fault = config.time === 'continuous' ? continuousTimeFault(config) : undefined;
  if (fault !== undefined) throw new RangeError(`"time" "continuous" ${fault}`);
  if (config.process === 'gaussian' && config.levels.length > 3) {
    throw new RangeError(`"levels" must be shares of up to 3 levels, got ${config.levels.length}`);
  }
  return config;
}

interface Rule {
  readonly what: string;
  readonly holds: (value: unknown) => boolean;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) > 0;
const isShare = (value: unknown): boolean => Number.isFinite(value) && (value as number) >= 0;
const areShares = (values: readonly unknown[]): boolean => values.every(isShare) && values.some((value) => value !== 0);
const hasKeys = (value: Record<string, unknown>, keys: readonly string[]): boolean =>
  keys.length === Object.keys(value).length && keys.every((key) => Object.hasOwn(value, key));

const COUNT: Rule = { what: 'a positive integer', holds: isCount };
const CHANNELS: Rule = {
  what: `a multiple of ${CHANNEL_GROUP}`,
  holds: (value) => isCount(value) && (value as number) % CHANNEL_GROUP === 0,
};
const PART: Rule = { what: 'a number in 0..1', holds: (value) => isShare(value) && (value as number) <= 1 };
const SWITCH: Rule = { what: 'true or false', holds: (value) => typeof value === 'boolean' };
const NUMBER: Rule = { what: 'a number, 0 or more', holds: isShare };

const oneOf = (names: readonly string[]): Rule => ({
  what: names.map((name) => `"${name}"`).join(' or '),
  holds: (value) => (names as readonly unknown[]).includes(value),
});

const RULES: Readonly<Record<keyof TrainConfig, Rule>> = {
  name: { what: 'a string', holds: (value) => typeof value === 'string' },
  process: oneOf(PROCESSES),
  domain: oneOf(DOMAINS),
  channels: CHANNELS,
  denoiserBlocks: COUNT,
  trunkBlocks: { what: 'an integer, 0 or more', holds: (value) => value === 0 || isCount(value) },
  headChannels: CHANNELS,
  components: COUNT,
  filmHidden: COUNT,
  precision: oneOf(PRECISIONS),
  fakeQuantize: SWITCH,
  fourier: SWITCH,
  schedule: oneOf(METHOD_CHOICES.schedule),
  objective: oneOf(METHOD_CHOICES.objective),
  variance: oneOf(METHOD_CHOICES.variance),
  prediction: oneOf(METHOD_CHOICES.prediction),
  time: oneOf(METHOD_CHOICES.time),
  timeSampler: oneOf(METHOD_CHOICES.timeSampler),
  iterations: COUNT,
  batchPositions: COUNT,
  patchPositions: COUNT,
  mixture: {
    what: 'shares of "photos", "small" and "tops"',
    holds: (value) => isRecord(value) && hasKeys(value, ['photos', 'small', 'tops']) && areShares(Object.values(value)),
  },
  levels: {
    what: 'shares of up to 4 levels',
    holds: (value) => Array.isArray(value) && value.length <= 4 && areShares(value),
  },
  steps: {
    what: `shares of ${STEP_COUNTS.join(', ')} steps`,
    holds: (value) =>
      isRecord(value) &&
      Object.keys(value).every((key) => (STEP_COUNTS as readonly number[]).includes(Number(key))) &&
      areShares(Object.values(value)),
  },
  seedShare: PART,
  optimizer: oneOf(OPTIMIZERS),
  muonLearningRate: NUMBER,
  adamLearningRate: NUMBER,
  weightDecay: NUMBER,
  warmup: NUMBER,
  decayShare: PART,
  emaDecay: PART,
  clipNorm: NUMBER,
  seed: NUMBER,
  checkpointSeconds: NUMBER,
  logEvery: COUNT,
  validateEvery: COUNT,
};
