import { expect, it } from 'vitest';
import { compress } from '../src/compress.ts';
import { decompress } from '../src/decompress.ts';
import { fitNeighbours } from '../src/fit-neighbours.ts';
import type { NeighbourTable } from '../src/model/model.ts';
import { fixtureImage, smallPhoto, tinyModel } from './helpers/fixtures.ts';
import { withNeighbours, withoutNeighbours } from './helpers/neighbours.ts';

const image = await fixtureImage('photo-rgb8-256x192');

async function* images() {
  yield image;
}

const isEmpty = ({ weights, steps }: NeighbourTable): boolean => [...weights, ...steps].every((value) => value === 0);

it('tables fitted to an image make files of its kind with latents smaller, and they come back', async () => {
  const fitted = await fitNeighbours(images(), { model: tinyModel, startsLate: false });
  const options = { numSteps: 4, method: 'diffusion' } as const;
  const model = withNeighbours(tinyModel, (i) => fitted[i]!);
  const small = await smallPhoto();
  const file = await compress(small, { ...options, model });
  const plain = await compress(small, { ...options, model: withoutNeighbours(tinyModel) });
  expect(file.length).toBeLessThan(plain.length);
  expect(await decompress(file, { model })).toEqual(small);
});

it('late chains get tables of their own, without steps', async () => {
  const fitted = await fitNeighbours(images(), { model: tinyModel, startsLate: true });
  const levels = fitted[0]!.flatMap((table, level) => (isEmpty(table) ? [] : [level]));
  expect(levels).toEqual([7, 9, 10, 11]);
  expect(fitted.slice(1).flat().every(isEmpty)).toBe(true);
  expect(fitted[0]!.every(({ steps }) => steps.every((step) => step === 0))).toBe(true);
});
