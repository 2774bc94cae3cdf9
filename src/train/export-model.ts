/**
 * A trained run as integers: weights of the network, FiLM rows, noise levels and standard deviations of every condition. Writes weights.bin and model.json.
 */
import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { NUM_CONDITIONS } from '../diffusion/conditions.ts';
import { TIME_GRID } from '../diffusion/dimensions.ts';
import { assertTableBounds } from '../model/bounds.ts';
import { DEFAULT_FORM, type HeadForm } from '../model/head-form.ts';
import { DEVIATION_UNITS } from '../model/heads.ts';
import type { ModelManifest } from '../model/installed-models.ts';
import { emptyTables, encodeTables, type ModelTables } from '../model/model.ts';
import { assertAccumulatorBounds } from '../network/bounds.ts';
import type { Tensor2D, Tf } from '../tensorflow.ts';
import type { ScheduleKind, Variance } from '../training-methods.ts';
import type { RunState } from './checkpoint.ts';
import type { TrainConfig } from './config.ts';
import { fillBlindDetails, fillDenoiser, fillDetails } from './export-network.ts';
import { outputMask, type Parameters, plainPlanes, scheduleOf } from './model.ts';
import { gammaAt } from './schedule.ts';

export interface ExportResult {
  readonly folder: string;
  readonly sha256: string;
  readonly sizeBytes: number;
}

/**
 * Exports the averaged weights of a run into a folder, with those of a run of the objective 'details' if there is one. Without, details
 * without latents are predicted by the first run, from the known image alone.
 *
 * @throws RangeError when the run has no pyramid, or the runs do not fit together
 */
export async function exportModel(tf: Tf, run: RunState, folder: string, details?: RunState): Promise<ExportResult> {
  const obstacle = obstacleToExport(run.config) ?? obstacleToPair(run, details);
  if (obstacle !== undefined) throw new RangeError(obstacle);
  const noise = noiseLevels(tf, run.optimizer.average, run.config.schedule);
  const tables = exportTables(tf, { run, details, noise });
  const bytes = encodeTables(tables);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const { channels, trunkBlocks, denoiserBlocks } = run.config;
  const manifest: ModelManifest & Record<string, unknown> = {
    formatVersion: 5,
    channels,
    trunkBlocks,
    denoiserBlocks,
    ...statedForm(run.config),
    sha256,
    training: provenance(run),
    ...(details === undefined ? {} : { detailsTraining: provenance(details) }),
    schedule: noise.map((row) => row.map((value) => rounded(value, 1000))),
  };
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'weights.bin'), bytes);
  await writeFile(join(folder, 'model.json'), `${JSON.stringify(manifest, undefined, 2)}\n`);
  return { folder, sha256, sizeBytes: bytes.length };
}

/** Why a run of this config has no integer model, if it has none. */
export const obstacleToExport = ({ domain }: TrainConfig): string | undefined =>
  domain === 'pyramid' ? undefined : `only runs with "domain" "pyramid" can be exported, this one has "${domain}"`;

/** Where the variance is 'fixed' no G is exported. */
const STEP_VARIANCES: Readonly<Record<Variance, HeadForm['stepVariance']>> = {
  learned: 'predicted',
  fixed: 'predicted',
  'beta-tilde': 'beta-tilde',
  interpolated: 'interpolated',
};

/** What the network's outputs stand for, where it is not what models without such fields have. */
function statedForm({ prediction, variance }: TrainConfig): Partial<HeadForm> {
  const form: HeadForm = { prediction, stepVariance: STEP_VARIANCES[variance] };
  return Object.fromEntries(
    Object.entries(form).filter(([field, value]) => value !== DEFAULT_FORM[field as keyof HeadForm]),
  );
}

export const provenance = ({ iteration, seconds, config }: RunState): object => ({
  iterations: iteration,
  hours: rounded(seconds / 3600, 100),
  config,
});

/** Why runs make no model together, if they make none. */
function obstacleToPair(run: RunState, details: RunState | undefined): string | undefined {
  if (run.config.objective === 'details') return 'a run of the objective "details" needs one of another objective';
  if (details === undefined) return undefined;
  if (details.config.objective !== 'details') {
    return `the run for details must have "objective" "details", this one has "${details.config.objective}"`;
  }
  for (const field of ['channels', 'trunkBlocks', 'denoiserBlocks'] as const) {
    if (details.config[field] === run.config[field]) continue;
    return `both runs must have the same "${field}", they have ${run.config[field]} and ${details.config[field]}`;
  }
  return undefined;
}

/**
 * The averaged weights, of 0 for what training passed over and a model heeds: Fourier features that the network did not see, and G where
 * variances are not learned, which a run may have from the one that it started from.
 */
function exportedWeights(tf: Tf, { config, optimizer: { average } }: RunState): Parameters {
  const mask = outputMask(tf, config);
  return {
    ...average,
    ...(config.fourier ? {} : { denoiserIn: tf.mul(average.denoiserIn!, plainPlanes(tf)) }),
    denoiserOut: tf.mul(average.denoiserOut!, mask),
    denoiserOutBias: tf.mul(average.denoiserOutBias!, mask),
  };
}

const rounded = (value: number, unitsPerOne: number): number => Math.round(value * unitsPerOne) / unitsPerOne;

/** @throws Error when the weights are not finite or an accumulator or a table could leave its bounds. */
function exportTables(
  tf: Tf,
  { run, details, noise }: { run: RunState; details: RunState | undefined; noise: readonly (readonly number[])[] },
): ModelTables {
  for (const { optimizer } of [run, details ?? run]) assertFinite(optimizer.average);
  const tables = emptyTables(run.config);
  tf.tidy(() => {
    fillDenoiser(tf, exportedWeights(tf, run), tables, noise);
    if (details === undefined) fillBlindDetails(tf, exportedWeights(tf, run), tables.details);
    else fillDetails(tf, exportedWeights(tf, details), tables.details);
  });
  for (const [i, condition] of tables.conditions.entries()) {
    condition.noise.set(noise[i]!.map(stored));
    condition.deviations.set(run.standardDeviations[i]!.map(stored));
  }
  for (const [i, condition] of tables.details.conditions.entries()) {
    condition.deviations.set((details ?? run).standardDeviations[i]!.map(stored));
  }
  for (const { weights } of [tables, tables.details]) assertAccumulatorBounds(weights);
  assertTableBounds(tables);
  return tables;
}

const stored = (deviation: number): number => Math.round(deviation * DEVIATION_UNITS);

/** Integer tables would silently hold 0 for NaN. */
export function assertFinite(parameters: Parameters): void {
  for (const [name, tensor] of Object.entries(parameters)) {
    if (!tensor.dataSync().every(Number.isFinite)) throw new Error(`weights "${name}" are not finite`);
  }
}

/** [conditions][TIME_GRID + 1] standard deviations n_t. */
function noiseLevels(tf: Tf, parameters: Parameters, kind: ScheduleKind): number[][] {
  const times = Float32Array.from({ length: TIME_GRID + 1 }, (_, k) => k / TIME_GRID);
  return Array.from({ length: NUM_CONDITIONS }, (_, condition) =>
    tf.tidy(() => {
      const indices = tf.fill([times.length], condition, 'int32');
      const oneHot = tf.oneHot(indices, NUM_CONDITIONS).toFloat() as Tensor2D;
      const gamma = gammaAt(tf, scheduleOf(parameters), { kind, condition: oneHot, times });
      return Array.from(gamma.dataSync(), (value) => Math.exp(value / 2));
    }),
  );
}
