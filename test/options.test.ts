import { beforeAll, expect, it, vi } from 'vitest';
import { compress } from '../src/compress.ts';
import { decompress } from '../src/decompress.ts';
import type { Model } from '../src/model/model.ts';
import { engineFor } from '../src/options.ts';
import { loadTensorFlow } from '../src/tensorflow.ts';
import { fixtureImage, tinyModel } from './helpers/fixtures.ts';
import { describeBackends } from './helpers/tensorflow.ts';

vi.mock('../src/tensorflow.ts', async (original) => ({ ...(await original<object>()), loadTensorFlow: vi.fn() }));

const CODING = { model: tinyModel, numSteps: 2, method: 'diffusion' } as const;

it('codes the same bytes with any number of threads, at the same time too', async () => {
  const image = await fixtureImage('photo-rgb8-256x192');
  const files = await Promise.all([1, 2, 3, undefined].map((threads) => compress(image, { ...CODING, threads })));
  for (const file of files) expect(file).toEqual(files[0]);
  const images = await Promise.all([1, 4].map((threads) => decompress(files[0]!, { model: tinyModel, threads })));
  for (const { data } of images) expect(data).toEqual(image.data);
});

it.each([0, 65, 1.5, Number.NaN, -1])('refuses %d threads', async (threads) => {
  await expect(engineFor(tinyModel, { threads })).rejects.toThrow(`"threads" must be 1..64, got ${threads}`);
});

it('keeps the engine of a model', async () => {
  const engine = await engineFor(tinyModel, { threads: 2 });
  expect(await engineFor(tinyModel, { threads: 2 })).toBe(engine);
  expect(await engineFor(tinyModel, { threads: 1 })).not.toBe(engine);
});

describeBackends('the tfjs engine', (tf) => {
  // Engines are kept by weights, so these have engines of this backend.
  const { weights, details } = tinyModel;
  const model: Model = {
    ...tinyModel,
    weights: { ...weights },
    details: { ...details, weights: { ...details.weights } },
  };
  const CODING = { model, engine: 'tfjs' } as const;

  beforeAll(() => {
    vi.mocked(loadTensorFlow).mockResolvedValue(tf);
  });

  it.each([
    ['gradient-rgb8-17x5', 2],
    ['gradient-gray-alpha8-19x11', 4],
  ] as const)('codes and decodes %s as WebAssembly does', async (name, numSteps) => {
    const image = await fixtureImage(name);
    const options = { numSteps, method: 'diffusion' } as const;
    const file = await compress(image, { ...options, model, engine: 'wasm' });
    expect(await compress(image, { ...options, ...CODING })).toEqual(file);
    expect(await decompress(file, CODING)).toEqual(image);
  });

  it('is kept with its model, and leaves no tensors behind when it codes again', async () => {
    const image = await fixtureImage('gradient-rgb8-13x1');
    await compress(image, CODING);
    const engine = await engineFor(model, CODING);
    const before = tf.memory().numTensors;
    await compress(image, CODING);
    expect(await engineFor(model, CODING)).toBe(engine);
    expect(tf.memory().numTensors).toBe(before);
  });
});
