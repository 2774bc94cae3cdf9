import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { DivergenceError } from '../../src/errors.ts';
import { type RunState, readCheckpoint } from '../../src/train/checkpoint.ts';
import { exportModel } from '../../src/train/export-model.ts';
import { pixelBatch } from '../../src/train/pixel-batch.ts';
import { evaluatePixels } from '../../src/train/pixel-evaluation.ts';
import { pixelTerms } from '../../src/train/pixel-loss.ts';
import { PixelTask } from '../../src/train/pixel-task.ts';
import { Random } from '../../src/train/random.ts';
import { CHECKPOINT_NAME, type Progress, type TrainOptions, train } from '../../src/train/train.ts';
import { abortAfter, disposeRun, tensorsOf } from '../helpers/checked-runs.ts';
import { PIXEL_CONFIG, PIXEL_DATA, PIXEL_IMAGES } from '../helpers/pixel-runs.ts';
import { describeBackends } from '../helpers/tensorflow.ts';
import { randomRun, TINY_CONFIG, temporaryFolder } from '../helpers/tiny-runs.ts';

const CONFIG = { ...PIXEL_CONFIG, iterations: 4 };

const optionsOf = async (changes: Partial<TrainOptions> = {}): Promise<TrainOptions> => ({
  config: CONFIG,
  data: PIXEL_DATA,
  validation: undefined,
  folder: await temporaryFolder(),
  resume: false,
  onProgress: () => undefined,
  signal: new AbortController().signal,
  ...changes,
});

/** Lines of log.csv without the column of seconds, cell by cell. */
const logOf = async (folder: string): Promise<string[][]> =>
  (await readFile(join(folder, 'log.csv'), 'utf8'))
    .trimEnd()
    .split('\n')
    .map((line) => line.split(',').filter((_, column) => column !== 1));

describeBackends('training a plain VDM on pixels', (tf) => {
  it('learns, and leaves no tensors behind but its own', async () => {
    const config = { ...CONFIG, iterations: 40, adamLearningRate: 0.01, emaDecay: 0.5, validateEvery: 20 };
    const before = tf.memory().numTensors;
    const fresh = new PixelTask(tf, config, { data: PIXEL_DATA }).freshRun();
    const ofRun = tf.memory().numTensors - before;
    const run = await train(tf, await optionsOf({ config, validation: PIXEL_DATA }));
    expect(tf.memory().numTensors - before).toBe(2 * ofRun);
    expect(run).toMatchObject({ iteration: 40, examples: 160 });
    const rate = (each: RunState) => evaluatePixels(tf, each, PIXEL_IMAGES, { numSteps: 16 }).bitsPerDim;
    expect(rate(run)).toBeLessThan(0.9 * rate(fresh));
    for (const each of [fresh, run]) disposeRun(tf, each);
  });

  it.each(['straight', 'learned'] as const)(
    'goes on from a checkpoint to the last bit, schedule %s',
    async (schedule) => {
      const config = { ...CONFIG, schedule };
      const [whole, parts] = [await optionsOf({ config }), await optionsOf({ config })];
      const expected = await train(tf, whole);
      const stopped = await train(tf, { ...parts, signal: abortAfter(2) });
      const saved = await readCheckpoint(tf, join(parts.folder, CHECKPOINT_NAME));
      expect([stopped.iteration, saved.iteration]).toEqual([2, 2]);
      expect(tensorsOf(saved)).toEqual(tensorsOf(stopped));
      const resumed = await train(tf, { ...parts, resume: true });
      expect(tensorsOf(resumed)).toEqual(tensorsOf(expected));
      expect(resumed.random).toEqual(expected.random);
      expect(await logOf(parts.folder)).toEqual(await logOf(whole.folder));
      for (const run of [expected, stopped, saved, resumed]) disposeRun(tf, run);
    },
  );

  it('logs means of the terms in bits/dim, and the bound on images of validation', async () => {
    const reports: Progress[] = [];
    const config = { ...CONFIG, validateEvery: 2 };
    const options = await optionsOf({
      config,
      validation: PIXEL_DATA,
      onProgress: (progress) => reports.push(progress),
    });
    const run = await train(tf, options);
    const lines = (await logOf(options.folder)).slice(1);
    expect(lines.map(([iteration]) => Number(iteration))).toEqual([2, 4]);
    for (const [i, line] of lines.entries()) {
      const [, , bitsPerDim, recon, diffusion, prior, direct] = line.map(Number);
      expect(recon! + diffusion! + prior!).toBeCloseTo(bitsPerDim!, 3);
      expect([recon! > 0, prior! > 0, direct]).toEqual([true, true, 0]);
      expect(line.at(-1)).toBe(reports[i]!.validationBitsPerDim!.toFixed(4));
    }
    const task = new PixelTask(tf, config, options);
    expect(task.validate(run)!.toFixed(4)).toBe(lines.at(-1)!.at(-1));
    const steps = evaluatePixels(tf, run, PIXEL_IMAGES, { numSteps: 1000 }).bitsPerDim;
    expect(task.validate(run)! / steps).toBeCloseTo(1, 0);
    disposeRun(tf, run);
  });

  it('stops at numbers that are not finite', async () => {
    const options = await optionsOf({ config: { ...CONFIG, adamLearningRate: 1e38, warmup: 0 } });
    const tensors = tf.memory().numTensors;
    await expect(train(tf, options)).rejects.toThrow(DivergenceError);
    expect(tf.memory().numTensors).toBe(tensors);
  });

  it('may begin with the weights of a run with fewer blocks, and says what that says', () => {
    const source = new PixelTask(tf, CONFIG, { data: PIXEL_DATA }).freshRun();
    const config = { ...CONFIG, denoiserBlocks: 2, seed: 9 };
    const run = new PixelTask(tf, config, { data: PIXEL_DATA }).warmRun(source);
    expect(run).toMatchObject({ iteration: 0, config });
    const batch = pixelBatch(PIXEL_IMAGES.map(([finest]) => finest!));
    const inputs = { batch, t: Float32Array.of(0.1, 0.5, 0.9), noise: new Random(1).normal(144), reconImages: 1 };
    const diffusionOf = (each: RunState) =>
      Array.from(pixelTerms(tf, each.optimizer.average, each.config, inputs).diffusion.dataSync());
    expect(diffusionOf(run)).toEqual(diffusionOf(source));
  });

  it('does not begin with a run of the other domain, nor goes on with one', async () => {
    const pyramid = randomRun(tf, { seed: 1, config: { ...TINY_CONFIG, trunkBlocks: 0 } });
    await expect(train(tf, await optionsOf({ from: pyramid }))).rejects.toThrow(
      '"domain" must be pyramid as in the run to start from, got pixels',
    );
    const options = await optionsOf({ signal: abortAfter(0) });
    disposeRun(tf, await train(tf, options));
    const config = { ...TINY_CONFIG, mixture: { photos: 0, small: 1, tops: 0 } };
    await expect(train(tf, { ...options, config, resume: true })).rejects.toThrow(
      '"domain" must be pixels as in the run to resume, got pyramid',
    );
  });

  it('makes no integer model', async () => {
    const run = new PixelTask(tf, CONFIG, { data: PIXEL_DATA }).freshRun();
    await expect(exportModel(tf, run, await temporaryFolder())).rejects.toThrow(
      'only runs with "domain" "pyramid" can be exported, this one has "pixels"',
    );
  });
});
