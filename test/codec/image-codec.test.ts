import { describe, expect, it } from 'vitest';
import { Coder } from '../../src/codec/coder.ts';
import { popImage, pushImage } from '../../src/codec/image-codec.ts';
import { planeCount } from '../../src/codec/planes.ts';
import { engineFor } from '../../src/options.ts';
import { AnsStack } from '../../src/rans/ans-stack.ts';
import { tinyModel as model } from '../helpers/fixtures.ts';
import { makeImage } from '../helpers/images.ts';
import { stackOfBytes } from '../helpers/stacks.ts';

const IMAGES = [
  makeImage('noise', { height: 1, width: 1, channels: 1 }),
  makeImage('noise', { height: 1, width: 1, channels: 3 }),
  makeImage('gradient', { height: 33, width: 18, channels: 3 }),
  makeImage('text', { height: 9, width: 30, channels: 1 }),
];

describe('the colours of an image', () => {
  const starts = { empty: () => new AnsStack(), poor: () => stackOfBytes(200), rich: () => stackOfBytes(30_000) };

  it.each(Object.entries(starts))('come back from a stack that starts %s, and leave it so', async (_title, start) => {
    for (const image of IMAGES) {
      const { height, width, channels } = image;
      const planes = planeCount(channels);
      const options = {
        model,
        engine: await engineFor(model),
        detailsEngine: await engineFor(model.details),
        numSteps: 4,
        planes,
        height,
        width,
      };
      const stack = start();
      await pushImage(stack, image, new Coder(options));
      expect(await popImage(stack, channels, new Coder(options))).toEqual(image);
      expect(stack.toBytes()).toEqual(start().toBytes());
    }
  });
});
