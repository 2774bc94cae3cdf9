/** Training configuration: a JSON file with these fields, all optional, over these defaults. */
export interface TrainConfig {
  /** Folder name of the model under models/. */
  readonly name: string;
  /** Width C of the network. */
  readonly channels: number;
  /** Residual blocks of the denoiser (run once a step) and of the context trunk (run once a stage). */
  readonly denoiserBlocks: number;
  readonly trunkBlocks: number;
  /** Hidden width of the network that maps the noise level to FiLM rows. */
  readonly filmHidden: number;
  /** Iterations of the whole run; the learning rate reaches its end there. */
  readonly iterations: number;
  /** Positions (2x2 pixels) in a batch; the number of examples follows from their size. */
  readonly batchPositions: number;
  /** Side in positions of the patches cut from photographs. */
  readonly patchPositions: number;
  /** Share of iterations by kind of batch: photographs, 32x32 images, coarse tops of pyramids. */
  readonly mixture: { readonly photos: number; readonly small: number; readonly tops: number };
  /** Share of photograph patches by pyramid level 0, 1, 2 (and coarser). */
  readonly levels: readonly number[];
  /** Steps T of the chain, drawn for each batch, with their weights. */
  readonly steps: Readonly<Record<string, number>>;
  readonly muonLearningRate: number;
  readonly adamLearningRate: number;
  readonly weightDecay: number;
  readonly warmup: number;
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
  channels: 96,
  denoiserBlocks: 4,
  trunkBlocks: 3,
  filmHidden: 128,
  iterations: 10_000,
  batchPositions: 16_384,
  patchPositions: 32,
  mixture: { photos: 0.72, small: 0.2, tops: 0.08 },
  levels: [0.66, 0.22, 0.12],
  steps: { 4: 0.2, 8: 0.6, 16: 0.2 },
  muonLearningRate: 0.03,
  adamLearningRate: 2e-3,
  weightDecay: 0,
  warmup: 100,
  emaDecay: 0.998,
  clipNorm: 1,
  seed: 1,
  checkpointSeconds: 180,
  logEvery: 20,
  validateEvery: 500,
};

/** @throws RangeError when a field is unknown or of another type than its default. */
export function parseConfig(json: unknown): TrainConfig {
  if (typeof json !== 'object' || json === null) throw new RangeError('a training config must be a JSON object');
  for (const [key, value] of Object.entries(json)) {
    const expected = DEFAULT_CONFIG[key as keyof TrainConfig];
    if (expected === undefined) throw new RangeError(`unknown field "${key}" in the training config`);
    if (typeof value !== typeof expected) throw new RangeError(`"${key}" must be a ${typeof expected}`);
  }
  const config = { ...DEFAULT_CONFIG, ...json };
  if (config.channels % 8 !== 0) throw new RangeError(`"channels" must be a multiple of 8, got ${config.channels}`);
  return config;
}
