import { describe, expect, it } from 'vitest';
import { Coder } from '../../src/codec/coder.ts';
import { popImage, pushImage } from '../../src/codec/image-codec.ts';
import { splitPlanes } from '../../src/codec/planes.ts';
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

describe('the planes of an image', () => {
  const starts = { empty: () => new AnsStack(), poor: () => stackOfBytes(200), rich: () => stackOfBytes(30_000) };

  it.each(Object.entries(starts))('come back from a stack that starts %s, and leave it so', async (_title, start) => {
    for (const image of IMAGES) {
      const { height, width } = image;
      const planes = splitPlanes(image);
      const options = { model, engine: await engineFor(model), numSteps: 4, planes: planes.count, height, width };
      const stack = start();
      await pushImage(stack, planes.samples, new Coder(options));
      expect(await popImage(stack, new Coder(options))).toEqual(planes.samples);
      expect(stack.toBytes()).toEqual(start().toBytes());
    }
  });
});
