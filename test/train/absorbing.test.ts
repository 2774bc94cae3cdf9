import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { NUM_INPUTS, type Pixels, UNIT } from '../../src/absorbing/neighbourhood.ts';
import { PixelMixture } from '../../src/absorbing/pixel-mixture.ts';
import { createPixelNetwork, NUM_KNOWN, type PixelWeights } from '../../src/absorbing/pixel-network.ts';
import { PlainDense } from '../../src/absorbing/plain-dense.ts';
import type { AbsorbingModel } from '../../src/model/absorbing-model.ts';
import { loadModel } from '../../src/model/installed-models.ts';
import type { Tensor, Tf } from '../../src/tensorflow.ts';
import {
  type AbsorbingBatch,
  AbsorbingSampler,
  cropImages,
  emptyBatch,
  fillBatch,
} from '../../src/train/absorbing-batch.ts';
import { sampleBits } from '../../src/train/absorbing-network.ts';
import { AbsorbingTask } from '../../src/train/absorbing-task.ts';
import type { RunState } from '../../src/train/checkpoint.ts';
import type { TrainConfig } from '../../src/train/config.ts';
import { type Dataset, readDataset } from '../../src/train/dataset.ts';
import { exportAbsorbing } from '../../src/train/export-absorbing.ts';
import { runOfModel } from '../../src/train/import-absorbing.ts';
import type { Parameters } from '../../src/train/model.ts';
import { Random } from '../../src/train/random.ts';
import { type TrainOptions, train } from '../../src/train/train.ts';
import { abortAfter, disposeRun, tensorsOf } from '../helpers/checked-runs.ts';
import { normalBelow } from '../helpers/normal.ts';
import { makePixels } from '../helpers/pixels.ts';
import { describeBackends } from '../helpers/tensorflow.ts';
import { TINY_CONFIG, temporaryFolder, writePicture } from '../helpers/tiny-runs.ts';

const CONFIG: TrainConfig = {
  ...TINY_CONFIG,
  process: 'absorbing',
  headChannels: 8,
  components: 2,
  batchPositions: 192,
  patchPositions: 10,
  mixture: { photos: 1, small: 0, tops: 0 },
  levels: [1],
};

/** Three pictures to train on and one to validate on. */
async function makeData(): Promise<{ data: Dataset; validation: Dataset }> {
  const pictures = await temporaryFolder();
  // photo-9.png belongs to the validation part.
  for (const i of [0, 1, 2, 9]) await writePicture(join(pictures, `photo-${i}.png`), 24 + i, 20 + 2 * i, i);
  return { data: await readDataset([pictures], 'train'), validation: await readDataset([pictures], 'validation') };
}

const optionsOf = (
  setting: Pick<TrainOptions, 'data' | 'validation' | 'folder'>,
  changes: Partial<TrainOptions> = {},
) => ({
  ...setting,
  config: CONFIG,
  resume: false,
  onProgress: () => undefined,
  signal: new AbortController().signal,
  ...changes,
});

/** Every pixel of an image. */
function batchOf(pixels: Pixels): AbsorbingBatch {
  const count = pixels.height * pixels.width;
  const batch = emptyBatch(count);
  fillBatch(batch, 0, { ...pixels, isGray: false }, (i) => [Math.floor(i / pixels.width), i % pixels.width], count);
  return batch;
}

/** A run whose weights are all random and alive, also those that training starts at 0. */
function randomRun(tf: Tf, data: Dataset): RunState {
  const run = new AbsorbingTask(tf, CONFIG, { data }).freshRun();
  const random = new Random(7);
  const average = Object.fromEntries(
    Object.entries(run.optimizer.average).map(([name, tensor]) => {
      const noise = tf.tensor(random.normal(tensor.size), tensor.shape);
      return [name, tf.add(tensor, tf.mul(noise, 0.1)) as Tensor];
    }),
  );
  return { ...run, optimizer: { ...run.optimizer, average } };
}

async function exported(run: RunState): Promise<AbsorbingModel> {
  const folder = await temporaryFolder();
  await exportAbsorbing(run, folder);
  return (await loadModel(folder)) as AbsorbingModel;
}

interface Units {
  readonly output: number;
  /** Of input i. */
  readonly input: (i: number) => number;
}

/** What numbers of the network are in, as docs/format.md says, and of inner activations as src/train/pixel-units.ts chooses. */
function unitsOf({ hidden, channels }: PixelWeights): Record<string, readonly Units[]> {
  const [stream, features, inner, head, known] = [256, 16, 16, 64, 256];
  return {
    input: [{ output: stream, input: () => known }],
    hidden: hidden.map((_, i) =>
      i % 2 === 0 ? { output: inner, input: () => features } : { output: stream, input: () => inner },
    ),
    head: Array(3).fill({ output: head, input: (i: number) => (i < channels ? features : known) }),
    output: Array(3).fill({ output: 4096, input: () => head }),
  };
}

const bitsOf = (tf: Tf, p: Parameters, batch: AbsorbingBatch): number[][] =>
  tf.tidy(() => sampleBits(tf, p, batch).arraySync());
const sumOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);

/** Bits of a value under one Gaussian whose tails count at the ends. */
function gaussianBits(value: number, mean: number, deviation: number): number {
  const above = value === 255 ? 1 : normalBelow((value + 0.5 - mean) / deviation);
  const below = value === 0 ? 0 : normalBelow((value - 0.5 - mean) / deviation);
  return -Math.log2((above - below) * (1 - 2 ** -12) + 2 ** -20);
}

/** Bits of all samples of a batch by the codec's network and its mixtures, before they adapt. */
function mixtureBits(weights: PixelWeights, batch: AbsorbingBatch): number[] {
  const { size, values, predictions, spreads } = batch;
  const network = createPixelNetwork(weights, new PlainDense());
  const mixture = new PixelMixture(weights.components);
  const clamp = (value: number, limit: number) => Math.min(Math.max(value, -limit), limit);
  return Array.from({ length: size }, (_, i) => {
    const residuals = [0, 1, 2].map((c) => values[3 * i + c]! - predictions[3 * i + c]!);
    network.inputs(1).values.set(batch.inputs.subarray(i * NUM_INPUTS, (i + 1) * NUM_INPUTS).map((x) => x * UNIT));
    return residuals.map((residual, c) => {
      network.begin(c, 1);
      const outputs = network.finish();
      const base = predictions[3 * i + c]! + (c === 0 ? 0 : sumOf(residuals.slice(0, c)) / c);
      mixture.set(outputs, 0, base, spreads[i]!);
      const value = values[3 * i + c]!;
      const bits = 20 - Math.log2(mixture.start(value + 1) - mixture.start(value));
      const difference = residual - (residuals[c - 1] ?? 0);
      const inSpreads = difference / spreads[i]!;
      const told = [clamp(inSpreads, 4), clamp(4 * inSpreads, 4), clamp(difference / 32, 4), clamp(difference / 2, 3)];
      const known = [...told, value / 128 - 1].map((x) => Math.floor(x * UNIT + 0.5));
      if (c < 2) network.known(1).values.set(known, (c * NUM_KNOWN) / 2);
      return bits;
    });
  }).flat();
}

describeBackends('the bits of samples', (tf) => {
  it('are those of Gaussians around the predictions, where the weights are 0', async () => {
    const { data } = await makeData();
    const run = new AbsorbingTask(tf, CONFIG, { data }).freshRun();
    const zero: Parameters = Object.fromEntries(
      Object.entries(run.parameters).map(([name, tensor]) => [name, tf.zerosLike(tensor)]),
    );
    // Offsets half a spread, deviations two octaves above it, of both components.
    const bias = [0.5, 0.5, 2, 2, 0, 3];
    const batch = batchOf(makePixels('gradient', { height: 9, width: 14 }));
    const found = bitsOf(tf, { ...zero, outputBias: tf.tensor([bias, bias, bias]) }, batch);
    for (const [i, bits] of found.entries()) {
      const [values, predictions] = [batch.values, batch.predictions].map((array) => [
        ...array.subarray(3 * i, 3 * i + 3),
      ]);
      const residuals = values!.map((value, c) => value - predictions![c]!);
      const spread = batch.spreads[i]!;
      const expected = values!.map((value, c) => {
        const moved = c === 0 ? 0 : sumOf(residuals.slice(0, c)) / c;
        return gaussianBits(value, predictions![c]! + moved + spread / 2, 4 * spread);
      });
      for (const [c, value] of bits.entries()) expect(value, `sample ${i}, ${c}`).toBeCloseTo(expected[c]!, 2);
    }
    disposeRun(tf, run);
  });

  it.each(['gradient', 'noise', 'text', 'corners'] as const)(
    'are those of the mixtures that the exported weights make, within a hundredth: %s',
    async (content) => {
      const { data } = await makeData();
      const run = randomRun(tf, data);
      const { weights } = await exported(run);
      const batch = batchOf(makePixels(content, { height: 14, width: 15 }));
      const [trained, coded] = [
        sumOf(bitsOf(tf, run.optimizer.average, batch).flat()),
        sumOf(mixtureBits(weights, batch)),
      ];
      expect(coded / trained).toBeGreaterThan(0.99);
      expect(coded / trained).toBeLessThan(1.01);
      disposeRun(tf, run);
    },
  );
});

describeBackends('training of absorbing diffusion', (tf) => {
  it('learns within a few iterations', async () => {
    const setting = { ...(await makeData()), folder: await temporaryFolder() };
    const config = { ...CONFIG, iterations: 60, adamLearningRate: 0.01, emaDecay: 0.8, warmup: 5 };
    const task = new AbsorbingTask(tf, config, setting);
    const fresh = task.freshRun();
    const run = await train(tf, optionsOf(setting, { config }));
    expect(task.validate(run)).toBeLessThan(task.validate(fresh)! - 0.3);
    for (const each of [fresh, run]) disposeRun(tf, each);
  });

  it('goes on from a checkpoint as if it had never stopped, to the last bit', async () => {
    const data = await makeData();
    const [whole, parts] = [await temporaryFolder(), await temporaryFolder()].map((folder) => ({ ...data, folder }));
    const expected = await train(tf, optionsOf(whole!));
    const stopped = await train(tf, optionsOf(parts!, { signal: abortAfter(3) }));
    expect([stopped.iteration, expected.iteration]).toEqual([3, 6]);
    const resumed = await train(tf, optionsOf(parts!, { resume: true }));
    expect(tensorsOf(resumed)).toEqual(tensorsOf(expected));
    expect([resumed.random, resumed.examples]).toEqual([expected.random, 6 * CONFIG.batchPositions]);
    for (const run of [expected, stopped, resumed]) disposeRun(tf, run);
  });

  it.each([
    [{ headChannels: 16 }, '"headChannels" must be 8 as in the run to resume, got 16'],
    [{ process: 'gaussian' as const }, '"process" must be absorbing as in the run to resume, got gaussian'],
  ])('does not go on as %j', async (fields, message) => {
    const setting = { ...(await makeData()), folder: await temporaryFolder() };
    disposeRun(tf, await train(tf, optionsOf(setting, { signal: abortAfter(1) })));
    const resumed = train(tf, optionsOf(setting, { config: { ...CONFIG, ...fields }, resume: true }));
    await expect(resumed).rejects.toThrow(new RangeError(message));
  });

  it('begins with the averaged weights of another run, if they fit', async () => {
    const { data } = await makeData();
    const source = randomRun(tf, data);
    const task = new AbsorbingTask(tf, { ...CONFIG, seed: 5 }, { data });
    const warm = task.warmRun(source);
    expect([warm.iteration, warm.config.seed]).toEqual([0, 5]);
    expect(tensorsOf(warm)[0]).toEqual(tensorsOf(source)[4]);
    const other = new AbsorbingTask(tf, { ...CONFIG, components: 3 }, { data });
    expect(() => other.warmRun(source)).toThrow(
      new RangeError('"components" must be 2 as in the run to start from, got 3'),
    );
    for (const run of [source, warm]) disposeRun(tf, run);
  });

  it('leaves no tensors behind, iteration after iteration', async () => {
    const setting = await makeData();
    const before = tf.memory().numTensors;
    const task = new AbsorbingTask(tf, CONFIG, setting);
    let run = task.freshRun();
    const ofRun = tf.memory().numTensors - before;
    for (let i = 0; i < 2; i++) {
      ({ run } = await task.step(run));
      task.validate(run);
      expect(tf.memory().numTensors - before).toBe(ofRun);
    }
    disposeRun(tf, run);
    expect(tf.memory().numTensors).toBe(before);
  });
});

describeBackends('the exported model', (tf) => {
  it('has the averaged weights to half a unit, those of weights of components as octaves', async () => {
    const { data } = await makeData();
    const run = randomRun(tf, data);
    const { weights } = await exported(run);
    const { average } = run.optimizer;
    expect(weights).toMatchObject({ channels: 8, blocks: 1, headChannels: 8, components: 2 });
    const layers = { input: [weights.input], hidden: weights.hidden, head: weights.heads, output: weights.outputs };
    const units = unitsOf(weights);
    for (const [name, list] of Object.entries(layers)) {
      const isLogit = (i: number) => name === 'output' && i % 6 >= 4;
      const octaves = (tensor: Tensor) =>
        Array.from(tensor.dataSync(), (value, i) => (isLogit(i) ? value * Math.LOG2E : value));
      const [floats, biases] = [octaves(average[name]!), octaves(average[`${name}Bias`]!)];
      for (const [k, layer] of list.entries()) {
        const [weightAt, biasAt] = [k * layer.weights.length, k * layer.outputs];
        // The integers that a float stands for: its product with an input of so many units is in units of the output.
        const scale = (i: number) => (units[name]![k]!.output * 2 ** layer.shift[0]!) / units[name]![k]!.input(i);
        const off = [
          ...Array.from(layer.weights, (weight, i) => {
            return weight - floats[weightAt + i]! * scale(Math.floor(i / layer.outputs));
          }),
          ...Array.from(layer.bias, (bias, o) => {
            const exact = biases[biasAt + o]! * units[name]![k]!.output * 2 ** layer.shift[0]!;
            // Floats of octaves are rounded to 24 bits.
            return (bias - exact) / (1 + 2 ** -22 * Math.abs(exact));
          }),
        ];
        expect(Math.max(...off.map(Math.abs))).toBeLessThan(0.51);
      }
    }
    disposeRun(tf, run);
  });

  it('says where it comes from', async () => {
    const { data } = await makeData();
    const run = { ...randomRun(tf, data), iteration: 7, seconds: 90 };
    const folder = await temporaryFolder();
    const { sha256, sizeBytes } = await exportAbsorbing(run, folder);
    const manifest = JSON.parse(await readFile(join(folder, 'model.json'), 'utf8'));
    expect(manifest).toMatchObject({ formatVersion: 2, process: 'absorbing', sha256 });
    expect(manifest.training).toMatchObject({ iterations: 7, config: { headChannels: 8, process: 'absorbing' } });
    expect((await readFile(join(folder, 'weights.bin'))).length).toBe(sizeBytes);
    disposeRun(tf, run);
  });

  it('can be trained on: a run begins with its weights', async () => {
    const { data } = await makeData();
    const run = randomRun(tf, data);
    const source = runOfModel(tf, await exported(run));
    const next = new AbsorbingTask(tf, CONFIG, { data }).warmRun(source);
    expect(Object.keys(next.parameters).sort()).toEqual(Object.keys(run.optimizer.average).sort());
    for (const [name, tensor] of Object.entries(next.parameters)) {
      const expected = run.optimizer.average[name]!;
      expect(tensor.shape).toEqual(expected.shape);
      // Half a unit of 16 bits, of weights up to 3.
      for (const [i, value] of tensor.dataSync().entries()) expect(value).toBeCloseTo(expected.dataSync()[i]!, 3);
    }
    for (const each of [run, source, next]) disposeRun(tf, each);
  });

  it('is the same again when what was read of it is exported', async () => {
    const { data } = await makeData();
    const run = randomRun(tf, data);
    const first = await exported(run);
    const source = runOfModel(tf, first);
    const again = await exported(source);
    expect(again.weights).toEqual(first.weights);
    for (const each of [run, source]) disposeRun(tf, each);
  });

  it('is not made of weights that no integers stand for', async () => {
    const { data } = await makeData();
    const run = randomRun(tf, data);
    const average = { ...run.optimizer.average, input: tf.fill(run.optimizer.average.input!.shape, 3e4) };
    const failure = exportAbsorbing({ ...run, optimizer: { ...run.optimizer, average } }, await temporaryFolder());
    await expect(failure).rejects.toThrow(new RangeError('weights are too large for integers of 16 bits'));
    disposeRun(tf, run);
  });

  it('is not made of weights that are not finite', async () => {
    const { data } = await makeData();
    const run = randomRun(tf, data);
    const average = { ...run.optimizer.average, headBias: tf.fill([3, 8], Number.NaN) };
    const failure = exportAbsorbing({ ...run, optimizer: { ...run.optimizer, average } }, await temporaryFolder());
    await expect(failure).rejects.toThrow('weights "headBias" are not finite');
    disposeRun(tf, run);
  });
});

describeBackends('batches', () => {
  it('hold pixels with what is seen of them, the same for the same seed', async () => {
    const { data } = await makeData();
    const sampler = new AbsorbingSampler(cropImages(data, CONFIG), CONFIG);
    const [first, again, other] = [1, 1, 2].map((seed) => sampler.next(new Random(seed)));
    expect(again).toEqual(first);
    expect(other).not.toEqual(first);
    expect(first!.size).toBe(CONFIG.batchPositions);
    expect(first!.inputs.length).toBe(CONFIG.batchPositions * NUM_INPUTS);
    expect(first!.values.every((value) => Number.isInteger(value) && value >= 0 && value <= 255)).toBe(true);
    expect(first!.spreads.every((spread) => spread > 0)).toBe(true);
  });

  it('leave the red and blue of gray crops out', async () => {
    const { data } = await makeData();
    const sampler = new AbsorbingSampler(cropImages(data, CONFIG), CONFIG);
    const random = new Random(3);
    const pixels = Array.from({ length: 40 }, () => sampler.next(random)).flatMap(({ size, values, mask }) =>
      Array.from({ length: size }, (_, i) => [
        [...mask.subarray(3 * i, 3 * i + 3)],
        [...values.subarray(3 * i, 3 * i + 3)],
      ]),
    );
    const gray = pixels.filter(([mask]) => mask!.join() !== '1,1,1');
    expect(gray.length / pixels.length).toBeGreaterThan(0.01);
    expect(gray.length / pixels.length).toBeLessThan(0.15);
    for (const [mask, values] of gray) {
      expect(mask).toEqual([1, 0, 0]);
      expect(new Set(values).size).toBe(1);
    }
  });

  it.each([{ mixture: { photos: 0.5, small: 0.5, tops: 0 } }, { levels: [0, 0, 0, 1] }])(
    'cannot be made of images that have none of %j',
    async (fields) => {
      const { data } = await makeData();
      const config = { ...CONFIG, ...fields };
      const make = () => new AbsorbingSampler(cropImages(data, config), config).next(new Random(1));
      expect(make).toThrow(new RangeError('the images allow no batch of this "mixture"'));
    },
  );
});
