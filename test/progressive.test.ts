import { describe, expect, it } from 'vitest';
import { compress } from '../src/compress.ts';
import { decodeFile } from '../src/container/header.ts';
import { evaluateImage } from '../src/evaluate.ts';
import { progressiveSteps } from '../src/progressive.ts';
import { fixtureImage, tinyModel as model } from './helpers/fixtures.ts';
import { withoutNeighbours } from './helpers/neighbours.ts';

const OPTIONS = { model, numSteps: 4 };

describe.each(['noise-gray8-1x1', 'gradient-rgb8-13x1', 'smooth-gray8-64x48', 'disc-rgba8-40x33', 'smooth-rgb8-97x71'])(
  'the steps of %s',
  async (name) => {
    const image = await fixtureImage(name);
    const steps = await progressiveSteps(image, OPTIONS);

    it('go from coarse to fine and end at the image', () => {
      const levels = steps.map(({ level }) => level);
      expect(levels).toEqual(levels.toSorted((a, b) => b - a));
      expect(steps.at(-1)).toMatchObject({ level: 0, known: 'all', rmse: 0 });
    });

    it('add up to the bound', async () => {
      const { vlbBits } = await evaluateImage(image, OPTIONS);
      expect(steps.at(-1)!.bits).toBeCloseTo(vlbBits, 3);
    });

    it('never take bits back', () => {
      for (const [i, { bits }] of steps.entries()) expect(bits).toBeGreaterThanOrEqual(steps[i - 1]?.bits ?? 0);
    });

    it('have estimates of the size of the image', () => {
      for (const { estimate } of steps) {
        const { height, width, channels, data } = estimate();
        expect({ height, width }).toEqual({ height: image.height, width: image.width });
        expect(data).toHaveLength(height * width * channels);
      }
    });
  },
);

it('come nearer to the image within a level', async () => {
  const model = withoutNeighbours(OPTIONS.model);
  const steps = await progressiveSteps(await fixtureImage('disc-rgba8-40x33'), { ...OPTIONS, model });
  let compared = 0;
  for (const level of [0, 1, 2]) {
    const errors = steps.filter((step) => step.level === level && step.known !== 'all').map(({ rmse }) => rmse);
    if (errors.length < 4) continue;
    expect(errors.at(-1)).toBeLessThan(errors[0]!);
    compared++;
  }
  expect(compared).toBeGreaterThan(0);
});

it('shows tiles one after the other where a level has no latents', async () => {
  const image = await fixtureImage('photo-rgb8-256x192');
  const steps = await progressiveSteps(image, { ...OPTIONS, isFile: true });
  const tiles = steps.filter(({ known }) => typeof known === 'object');
  expect(tiles.length).toBeGreaterThan(2);
  const finest = steps.filter(({ level, known }) => level === tiles.at(-1)!.level && known !== 'low');
  for (const [i, { bits, rmse }] of finest.entries()) {
    if (i === 0) continue;
    expect(bits).toBeGreaterThan(finest[i - 1]!.bits);
    expect(rmse).toBeLessThan(finest[i - 1]!.rmse);
  }
});

it('has the bits of a file, but for the noise of its latents', async () => {
  const image = await fixtureImage('photo-rgb8-256x192');
  const { payload } = decodeFile(await compress(image, { ...OPTIONS, method: 'gaussian' }));
  const { bits } = (await progressiveSteps(image, { ...OPTIONS, isFile: true })).at(-1)!;
  expect(Math.abs(bits / (8 * payload.length) - 1)).toBeLessThan(0.01);
});
