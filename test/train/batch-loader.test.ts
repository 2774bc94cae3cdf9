/** Batches that a thread makes, which only the built program can start, against those of this thread. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { expect, it, onTestFinished } from 'vitest';
import type { Tf } from '../../src/tensorflow.ts';
import { AbsorbingSampler, type CropImages, cropImages } from '../../src/train/absorbing-batch.ts';
import { type BatchLoader, createLoader } from '../../src/train/batch-loader.ts';
import { readCheckpoint } from '../../src/train/checkpoint.ts';
import type { TrainConfig } from '../../src/train/config.ts';
import { type Dataset, pyramidOf } from '../../src/train/dataset.ts';
import { Random } from '../../src/train/random.ts';
import { train } from '../../src/train/train.ts';
import { makePixels } from '../helpers/pixels.ts';
import { describeBackends } from '../helpers/tensorflow.ts';
import { TINY_CONFIG, temporaryFolder } from '../helpers/tiny-runs.ts';

const builtUrl = (name: string): string => pathToFileURL(resolve(`dist/train/${name}.js`)).href;

if (!existsSync('dist/train/batch-worker.js')) throw new Error('run "npm run build" first, as "npm test" does');
const built = {
  ...((await import(builtUrl('batch-loader'))) as typeof import('../../src/train/batch-loader.ts')),
  ...((await import(builtUrl('train'))) as typeof import('../../src/train/train.ts')),
};

const CONFIG: TrainConfig = {
  ...TINY_CONFIG,
  process: 'absorbing',
  headChannels: 8,
  components: 2,
  // No multiple of the pixels of a crop.
  batchPositions: 200,
  patchPositions: 10,
  mixture: { photos: 0.7, small: 0.3, tops: 0 },
  levels: [0.6, 0.4],
};

const pyramid = (height: number, width: number) => pyramidOf(makePixels('noise', { height, width }), 8);
const DATA: Dataset = { photos: [pyramid(40, 31), pyramid(18, 50)], small: [pyramid(32, 32), pyramid(32, 32)] };
const SAMPLER = new AbsorbingSampler(cropImages(DATA, CONFIG), CONFIG);
const expected = (iteration: number) => SAMPLER.next(Random.stream(CONFIG.seed, iteration));

/** A loader with a thread, which ends after the test. */
function threadLoader(sampler = SAMPLER): BatchLoader {
  const loader = built.createLoader(sampler);
  onTestFinished(() => loader.close());
  return loader;
}

it.each([
  ['in a thread', threadLoader],
  ['without one', () => createLoader(SAMPLER)],
] as const)('makes the batches of iterations, in any order: %s', async (_where, create) => {
  const loader = create();
  for (const iteration of [5, 6, 7, 8, 3, 4, 4, 9]) {
    expect(await loader.load(iteration), `iteration ${iteration}`).toEqual(expected(iteration));
  }
});

it('leaves a batch as it is while the next one is made, and writes them into two in turn', async () => {
  const loader = threadLoader();
  const first = await loader.load(0);
  await setTimeout(100);
  expect(first).toEqual(expected(0));
  const second = await loader.load(1);
  expect(second).not.toBe(first);
  expect(await loader.load(2)).toBe(first);
  expect(await loader.load(3)).toBe(second);
});

/** Images whose crops cannot be made. */
const BROKEN: CropImages = {
  small: [{ height: -1, width: 5, data: new Uint8Array(15) }],
  levels: [[], []],
};

it.each([
  ['in a thread', threadLoader],
  ['without one', createLoader],
] as const)('fails with the error of the sampler: %s', async (_where, create) => {
  const sampler = new AbsorbingSampler(BROKEN, { ...CONFIG, mixture: { photos: 0, small: 1, tops: 0 } });
  const loader = create(sampler);
  for (const iteration of [0, 1]) {
    await expect(loader.load(iteration)).rejects.toThrow(new RangeError('Invalid typed array length: -15'));
  }
});

it('fails the load of a batch that went wrong in advance', async () => {
  const { small, levels } = SAMPLER.images;
  const config = { ...CONFIG, mixture: { photos: 0, small: 1, tops: 0 } };
  const sampler = new AbsorbingSampler({ small: [...small, ...BROKEN.small], levels }, config);
  const loader = threadLoader(sampler);
  const failing = (iteration: number) => {
    try {
      return !sampler.next(Random.stream(config.seed, iteration));
    } catch {
      return true;
    }
  };
  const iterations = Array.from({ length: 200 }, (_, i) => i);
  const last = iterations.find((i) => !failing(i) && failing(i + 1))!;
  await loader.load(last);
  await setTimeout(200); // the error comes while nobody waits for it
  await expect(loader.load(last + 1)).rejects.toThrow(RangeError);
});

interface Part {
  readonly folder: string;
  readonly resume?: boolean;
  /** At the first line of the log, after two iterations. */
  readonly aborts?: boolean;
}

/** Trains in a folder; gives what its checkpoint holds, but for the time. */
async function trained(tf: Tf, module: Pick<typeof built, 'train'>, { folder, resume = false, aborts = false }: Part) {
  const abort = new AbortController();
  const onProgress = () => aborts && abort.abort();
  const options = { config: CONFIG, data: DATA, validation: DATA, folder, resume, onProgress, signal: abort.signal };
  const run = await module.train(tf, options);
  const {
    seconds: _seconds,
    parameters,
    optimizer,
    ...state
  } = await readCheckpoint(tf, join(folder, built.CHECKPOINT_NAME));
  const { momentum, first, second, average } = optimizer;
  const tensors = [parameters, { momentum }, first, second, average].map((group) =>
    Object.entries(group).map(([name, tensor]) => [name, Array.from(tensor.dataSync())]),
  );
  tf.dispose([run.parameters, run.optimizer, parameters, optimizer] as never);
  return { state, tensors };
}

describeBackends('training with a thread', (tf) => {
  it('gives what training without one does, also after a pause, to the last bit', async () => {
    const [plain, whole, parts] = [await temporaryFolder(), await temporaryFolder(), await temporaryFolder()];
    const reference = await trained(tf, { train }, { folder: plain });
    expect(reference.state.iteration).toBe(6);
    expect(await trained(tf, built, { folder: whole })).toEqual(reference);
    expect((await trained(tf, built, { folder: parts, aborts: true })).state.iteration).toBe(2);
    expect(await trained(tf, built, { folder: parts, resume: true })).toEqual(reference);
  });
});

/** Trains and prints how that ended. */
const PROGRAM = `
const [, folder, fields, aborts] = process.argv;
const { default: tf } = await import('@tensorflow/tfjs');
const { train } = await import(${JSON.stringify(builtUrl('train'))});
const [config, flat] = [{ ...${JSON.stringify(CONFIG)}, ...JSON.parse(fields) }, new Int16Array(32 * 32 * 3).fill(90)];
const small = [[{ height: 32, width: 32, data: flat }]];
const abort = new AbortController();
const onProgress = () => aborts && abort.abort();
const options = { config, data: { photos: [], small }, folder, resume: false, onProgress, signal: abort.signal };
await train(tf, options).then(({ iteration }) => console.log(iteration), ({ message }) => console.log(message));
`;

it.each([
  ['after the last iteration', {}, '', /^6\n$/],
  ['when it is aborted', { iterations: 1e6 }, 'aborts', /^2\n$/],
  ['when it fails', { adamLearningRate: 1e38, muonLearningRate: 1e38 }, '', /^training stopped at iteration \d: .*\n$/],
])('leaves nothing that keeps the process: %s', async (_when, fields, aborts, output) => {
  const settings = JSON.stringify({ mixture: { photos: 0, small: 1, tops: 0 }, ...fields });
  const argv = ['--input-type=module', '--eval', PROGRAM, await temporaryFolder(), settings, aborts];
  const { stdout } = await promisify(execFile)(process.execPath, argv, { timeout: 50_000 });
  expect(stdout).toMatch(output);
});
