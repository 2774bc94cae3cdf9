/** Tiny training runs and the images for them. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { onTestFinished } from 'vitest';
import { NUM_CONDITIONS } from '../../src/diffusion/conditions.ts';
import { NUM_COEFFICIENTS } from '../../src/diffusion/dimensions.ts';
import { NUM_CLASSES } from '../../src/network/local-contrast.ts';
import type { Tf } from '../../src/tensorflow.ts';
import type { RunState } from '../../src/train/checkpoint.ts';
import { DEFAULT_CONFIG, type TrainConfig } from '../../src/train/config.ts';
import { initialParameters, type Parameters } from '../../src/train/model.ts';
import { initialOptimizerState } from '../../src/train/optimizers.ts';
import { Random } from '../../src/train/random.ts';

/** 8 channels, one block each, batches of 4 patches of 4x4 positions. */
export const TINY_CONFIG: TrainConfig = {
  ...DEFAULT_CONFIG,
  name: 'tiny',
  channels: 8,
  denoiserBlocks: 1,
  trunkBlocks: 1,
  filmHidden: 8,
  iterations: 6,
  batchPositions: 64,
  patchPositions: 4,
  steps: { 2: 1, 4: 1 },
  warmup: 2,
  checkpointSeconds: 3600,
  logEvery: 2,
  validateEvery: 100,
};

/** A folder that is gone after the test. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'vdmz-train-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Writes a colour picture of waves with a little noise. */
export async function writePicture(path: string, height: number, width: number, seed: number): Promise<void> {
  const random = new Random(seed);
  const [a, b, c] = [random.uniform(), random.uniform(), random.uniform()];
  const data = new Uint8Array(height * width * 3);
  for (let i = 0; i < data.length; i++) {
    const pixel = Math.floor(i / 3);
    const [y, x] = [Math.floor(pixel / width), pixel % width];
    const value = 128 + 70 * Math.sin((a * y + b * x) / 4 + c * (i % 3)) + 6 * (random.uniform() - 0.5);
    data[i] = Math.round(value);
  }
  await sharp(data, { raw: { height, width, channels: 3 } })
    .png()
    .toFile(path);
}

/** A run whose weights are all random and alive, also those that training starts at 0. */
export function randomRun(tf: Tf, { seed, config = TINY_CONFIG }: { seed: number; config?: TrainConfig }): RunState {
  const random = new Random(seed);
  const standardDeviations = Array.from({ length: NUM_CONDITIONS }, (_, condition) =>
    // The same in every class of local contrast.
    Array.from({ length: NUM_CLASSES * NUM_COEFFICIENTS }, (_, i) => 12 + 3 * condition - (i % NUM_COEFFICIENTS)),
  );
  const endSigma = standardDeviations.map((row) => 3 * row[0]!);
  const initial = initialParameters(tf, config, endSigma, random);
  const parameters: Parameters = {};
  for (const [name, value] of Object.entries(initial)) {
    parameters[name] = tf.tidy(() => tf.add(value, tf.tensor(random.normal(value.size), value.shape).mul(SPREAD)));
    value.dispose();
  }
  const optimizer = initialOptimizerState(tf, parameters);
  return { config, iteration: 7, seconds: 90, random: random.state, standardDeviations, parameters, optimizer };
}

const SPREAD = 0.05;
