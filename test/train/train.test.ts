import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { DivergenceError } from '../../src/errors.ts';
import type { Batch } from '../../src/train/batch.ts';
import { BatchSampler } from '../../src/train/batch-sampler.ts';
import { type RunState, readCheckpoint } from '../../src/train/checkpoint.ts';
import { type Dataset, type Plane, readDataset } from '../../src/train/dataset.ts';
import { freshRun } from '../../src/train/fresh-run.ts';
import { Random } from '../../src/train/random.ts';
import { trainStep } from '../../src/train/step.ts';
import { CHECKPOINT_NAME, type Progress, type TrainOptions, train } from '../../src/train/train.ts';
import { validationLoss } from '../../src/train/validation.ts';
import { abortAfter, disposeRun, tensorsOf } from '../helpers/checked-runs.ts';
import { describeBackends } from '../helpers/tensorflow.ts';
import { randomRun, TINY_CONFIG, temporaryFolder, writePicture } from '../helpers/tiny-runs.ts';

interface Setting {
  readonly folder: string;
  readonly data: Dataset;
  readonly validation: Dataset;
}

/** Four pictures to train on and one to validate on, in a folder of their own. */
async function makeSetting(): Promise<Setting> {
  const [folder, pictures] = [await temporaryFolder(), await temporaryFolder()];
  // photo-9.png belongs to the validation part.
  for (const i of [0, 1, 2, 3, 9]) await writePicture(join(pictures, `photo-${i}.png`), 24 + i, 20 + 2 * i, i);
  const data = await readDataset([pictures], 'train');
  return { folder, data, validation: await readDataset([pictures], 'validation') };
}

const optionsOf = (setting: Setting, changes: Partial<TrainOptions> = {}): TrainOptions => ({
  ...setting,
  config: TINY_CONFIG,
  resume: false,
  onProgress: () => undefined,
  signal: new AbortController().signal,
  ...changes,
});

/** Lines of log.csv without the column of seconds. */
async function logOf({ folder }: Setting): Promise<string[][]> {
  const text = await readFile(join(folder, 'log.csv'), 'utf8');
  return text
    .trimEnd()
    .split('\n')
    .map((line) => line.split(',').filter((_, column) => column !== 1));
}

describeBackends('train', (tf) => {
  it.each([
    [{}, 120],
    [{ objective: 'details' }, 20],
    [{ time: 'continuous', variance: 'beta-tilde' }, 15],
  ] as const)('learns within a few iterations that flat pictures cost little: %j', async (fields, iterations) => {
    const folder = await temporaryFolder();
    const flat = (value: number): Plane => ({ height: 16, width: 16, data: new Int16Array(16 * 16 * 3).fill(value) });
    const [data, validation] = [[[flat(90)], [flat(150)]], [[flat(90)]]].map((photos) => ({ photos, small: [] }));
    const config = { ...TINY_CONFIG, ...fields, iterations, adamLearningRate: 0.05, emaDecay: 0.5 };
    const validationOf = (run: RunState) => validationLoss(tf, run, new BatchSampler(validation!, config));
    const fresh = freshRun(tf, config, new BatchSampler(data!, config));
    const run = await train(tf, optionsOf({ folder, data: data!, validation: validation! }, { config }));
    expect(validationOf(run)).toBeLessThan(0.75 * validationOf(fresh));
    for (const each of [fresh, run]) disposeRun(tf, each);
  });

  it('goes on from a checkpoint as if it had never stopped, to the last bit', async () => {
    const [whole, parts] = [await makeSetting(), await makeSetting()];
    const expected = await train(tf, optionsOf(whole));
    const stopped = await train(tf, optionsOf(parts, { signal: abortAfter(3) }));
    expect([stopped.iteration, expected.iteration]).toEqual([3, 6]);
    const resumed = await train(tf, optionsOf(parts, { resume: true }));
    expect(tensorsOf(resumed)).toEqual(tensorsOf(expected));
    expect(resumed.random).toEqual(expected.random);
    expect(await logOf(parts)).toEqual(await logOf(whole));
    for (const run of [expected, stopped, resumed]) disposeRun(tf, run);
  });

  it.each([
    { schedule: 'linear', objective: 'hybrid' },
    { schedule: 'straight' },
    { objective: 'details', validateEvery: 2 },
    { schedule: 'linear', objective: 'simple', variance: 'fixed', timeSampler: 'uniform' },
    { schedule: 'cosine', timeSampler: 'importance' },
    { prediction: 'eps' },
    { prediction: 'x', variance: 'fixed' },
    { prediction: 'eps', variance: 'beta-tilde', schedule: 'cosine', objective: 'simple' },
    { variance: 'interpolated', schedule: 'cosine', objective: 'hybrid' },
    { time: 'continuous', variance: 'beta-tilde', validateEvery: 2 },
    { time: 'continuous', variance: 'beta-tilde', schedule: 'linear', objective: 'simple', timeSampler: 'uniform' },
    { fourier: false, fakeQuantize: false, trunkBlocks: 0 },
    { optimizer: 'adamw' },
  ] as const)('takes %j, and goes on with it from a checkpoint', async (fields) => {
    const [whole, parts] = [await makeSetting(), await makeSetting()];
    const config = { ...TINY_CONFIG, ...fields, iterations: 4 };
    const expected = await train(tf, optionsOf(whole, { config }));
    const stopped = await train(tf, optionsOf(parts, { config, signal: abortAfter(2) }));
    const resumed = await train(tf, optionsOf(parts, { config, resume: true }));
    expect(tensorsOf(resumed)).toEqual(tensorsOf(expected));
    expect(resumed.history).toEqual(expected.history);
    if (config.timeSampler === 'importance') expect(Object.keys(resumed.history!).length).toBeGreaterThan(0);
    for (const run of [expected, stopped, resumed]) disposeRun(tf, run);
  });

  it('draws the same batches for configs that differ in other fields', async () => {
    const batchesOf = async (fields: Partial<typeof TINY_CONFIG>) => {
      const next = vi.spyOn(BatchSampler.prototype, 'next');
      const config = { ...TINY_CONFIG, ...fields, iterations: 3 };
      disposeRun(tf, await train(tf, optionsOf(await makeSetting(), { config })));
      const batches = next.mock.results.slice(-3).map(({ value }) => Array.from((value as Batch).detail));
      next.mockRestore();
      return batches;
    };
    const batches = await batchesOf({});
    expect(await batchesOf({ timeSampler: 'uniform', denoiserBlocks: 2 })).toEqual(batches);
    expect(await batchesOf({ seed: 2 })).not.toEqual(batches);
    expect(batches[1]).not.toEqual(batches[0]);
  });

  it('saves a checkpoint of all tensors when it is aborted', async () => {
    const setting = await makeSetting();
    const stopped = await train(tf, optionsOf(setting, { signal: abortAfter(2) }));
    const saved = await readCheckpoint(tf, join(setting.folder, CHECKPOINT_NAME));
    expect(saved.iteration).toBe(2);
    expect(tensorsOf(saved)).toEqual(tensorsOf(stopped));
    for (const run of [stopped, saved]) disposeRun(tf, run);
  });

  it('logs means of the terms, and reports them with the validation bound', async () => {
    const setting = await makeSetting();
    const reports: Progress[] = [];
    const config = { ...TINY_CONFIG, validateEvery: 3 };
    const run = await train(tf, optionsOf(setting, { config, onProgress: (progress) => reports.push(progress) }));
    disposeRun(tf, run);
    const [header, ...lines] = await logOf(setting);
    expect(header!.join()).toBe(
      'iteration,learningRate,bitsPerDim,recon,diffusion,prior,direct,gradientNorm,validation',
    );
    expect(lines.map(([iteration]) => Number(iteration))).toEqual([2, 3, 4, 6]);
    expect(reports.map(({ iteration }) => iteration)).toEqual([2, 3, 4, 6]);
    for (const [i, line] of lines.entries()) {
      const [iteration, , bitsPerDim, recon, diffusion, prior] = line.map(Number);
      expect(recon! + diffusion! + prior!).toBeCloseTo(bitsPerDim!, 3);
      expect(reports[i]!.bitsPerDim).toBeCloseTo(bitsPerDim!, 3);
      expect(reports[i]!.iterationsPerSecond).toBeGreaterThan(0);
      const validation = reports[i]!.validationBitsPerDim;
      expect(line.at(-1)).toBe(iteration! % 3 === 0 ? validation!.toFixed(4) : '');
    }
  });

  it('validates a run for details by what these cost, in which noise has no part', async () => {
    const { validation } = await makeSetting();
    const validated = (objective: 'vlb' | 'details', change: number): number => {
      const { optimizer, ...run } = randomRun(tf, { seed: 5, config: { ...TINY_CONFIG, objective } });
      const average = { ...optimizer.average, gammaStart: tf.add(optimizer.average.gammaStart!, change) };
      const changed = { ...run, optimizer: { ...optimizer, average } };
      return validationLoss(tf, changed, new BatchSampler(validation, run.config));
    };
    expect(validated('details', 2)).toBe(validated('details', 0));
    expect(validated('vlb', 2)).not.toBe(validated('vlb', 0));
  });

  it('drops lines of the log that a crash left beyond the checkpoint', async () => {
    const setting = await makeSetting();
    disposeRun(tf, await train(tf, optionsOf(setting, { signal: abortAfter(2) })));
    const log = join(setting.folder, 'log.csv');
    await writeFile(log, `${await readFile(log, 'utf8')}4,1.0,lost\n6,1`);
    disposeRun(tf, await train(tf, optionsOf(setting, { resume: true })));
    const lines = await logOf(setting);
    expect(lines.slice(1).map(([iteration]) => iteration)).toEqual(['2', '4', '6']);
    expect(lines.flat()).not.toContain('lost');
  });

  it.each([
    [1e38, /^training stopped at iteration 2: weights "\w+" hold (NaN|-?[\d.]+e\+\d+); lower learning rates may help$/],
    [1e16, /^training stopped at iteration 3: \w+ is (NaN|-?Infinity); lower learning rates may help$/],
  ])('stops at numbers that are not finite, at rates of %d, and keeps the checkpoint before', async (rate, message) => {
    const setting = await makeSetting();
    disposeRun(tf, await train(tf, optionsOf(setting, { signal: abortAfter(1) })));
    const before = await readFile(join(setting.folder, CHECKPOINT_NAME));
    const tensors = tf.memory().numTensors;
    const config = { ...TINY_CONFIG, adamLearningRate: rate, checkpointSeconds: 3600 };
    const stopped = train(tf, optionsOf(setting, { config, resume: true }));
    await expect(stopped).rejects.toThrow(DivergenceError);
    await expect(stopped).rejects.toThrow(message);
    expect(await readFile(join(setting.folder, CHECKPOINT_NAME))).toEqual(before);
    expect(tf.memory().numTensors).toBe(tensors);
  });

  it('refuses to resume a run of another size', async () => {
    const setting = await makeSetting();
    disposeRun(tf, await train(tf, optionsOf(setting, { signal: abortAfter(1) })));
    const config = { ...TINY_CONFIG, channels: 16 };
    const resumed = train(tf, optionsOf(setting, { config, resume: true }));
    await expect(resumed).rejects.toThrow('"channels" must be 8 as in the run to resume, got 16');
  });

  it.each(['vlb', 'details'] as const)('leaves no tensors behind, iteration after iteration: %s', async (objective) => {
    const setting = await makeSetting();
    const config = { ...TINY_CONFIG, objective };
    const sampler = new BatchSampler(setting.data, config);
    const random = new Random(1);
    const before = tf.memory().numTensors;
    let run = freshRun(tf, config, sampler);
    const ofRun = tf.memory().numTensors - before;
    for (let i = 0; i < 2; i++) {
      ({ run } = trainStep(tf, run, sampler.next(random), random));
      expect(tf.memory().numTensors - before).toBe(ofRun);
    }
    validationLoss(tf, run, sampler);
    expect(tf.memory().numTensors - before).toBe(ofRun);
    disposeRun(tf, run);
    expect(tf.memory().numTensors).toBe(before);
  });
});
