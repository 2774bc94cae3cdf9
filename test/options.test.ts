import { expect, it } from 'vitest';
import { compress } from '../src/compress.ts';
import { decompress } from '../src/decompress.ts';
import { engineFor } from '../src/options.ts';
import { fixtureImage, tinyModel } from './helpers/fixtures.ts';

const CODING = { model: tinyModel, numSteps: 2, method: 'diffusion' } as const;

it('codes the same bytes with any number of threads, at the same time too', async () => {
  const image = await fixtureImage('photo-rgb8-256x192');
  const files = await Promise.all([1, 2, 3, undefined].map((threads) => compress(image, { ...CODING, threads })));
  for (const file of files) expect(file).toEqual(files[0]);
  const images = await Promise.all([1, 4].map((threads) => decompress(files[0]!, { model: tinyModel, threads })));
  for (const { data } of images) expect(data).toEqual(image.data);
});

it.each([0, 65, 1.5, Number.NaN, -1])('refuses %d threads', (threads) => {
  expect(() => engineFor(tinyModel, { threads })).toThrow(`"threads" must be 1..64, got ${threads}`);
});

it('keeps the engine of a model', () => {
  const engine = engineFor(tinyModel, { threads: 2 });
  expect(engineFor(tinyModel, { threads: 2 })).toBe(engine);
  expect(engineFor(tinyModel, { threads: 1 })).not.toBe(engine);
});
