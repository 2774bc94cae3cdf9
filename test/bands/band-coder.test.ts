import { expect, it } from 'vitest';
import { LocalBandCoder } from '../../src/bands/band-coder.ts';
import { fixtureImage, tinyPixels as model } from '../helpers/fixtures.ts';

const pixels = await fixtureImage('smooth-rgb8-97x71');

it('a band that is not needed any more ends without another word', async () => {
  const coder = new LocalBandCoder({ weights: model.weights, channels: 3 }, {});
  const told: number[] = [];
  const onProgress = (fraction: number) => {
    told.push(fraction);
    coder.close();
  };
  await expect(coder.encode(pixels, onProgress)).rejects.toThrow('not needed');
  expect(told.length).toBe(1);
});
