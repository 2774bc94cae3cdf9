import { expect, it } from 'vitest';
import { rgbToYcocg } from '../../src/pyramid/ycocg.ts';
import type { Plane } from '../../src/train/dataset.ts';
import { evaluatePixels } from '../../src/train/pixel-evaluation.ts';
import { PixelTask } from '../../src/train/pixel-task.ts';
import { pixelTermCosts } from '../../src/train/pixel-term-costs.ts';
import { Random } from '../../src/train/random.ts';
import { PIXEL_CONFIG } from '../helpers/pixel-runs.ts';
import { describeBackends } from '../helpers/tensorflow.ts';

const SIDE = 8;

/** Eighteen of them, more than are in a batch. */
const IMAGES: Plane[][] = Array.from({ length: 18 }, (_, seed) => {
  const random = new Random(seed);
  const rgb = Uint8Array.from({ length: SIDE * SIDE * 3 }, () => random.integer(256));
  return [{ height: SIDE, width: SIDE, data: rgbToYcocg(rgb) }];
});

describeBackends('pixelTermCosts', (tf) => {
  it('sum to the bound, but for the noise, and leave no tensors behind', () => {
    const run = new PixelTask(tf, PIXEL_CONFIG, { data: { photos: [], small: IMAGES } }).freshRun();
    const before = tf.memory().numTensors;
    const { base, recon, steps, prior } = pixelTermCosts(tf, run, IMAGES, { numSteps: 6 });
    expect(tf.memory().numTensors).toBe(before);
    expect(base).toBe(0);
    expect(steps).toHaveLength(6);
    const sum = steps.reduce((total, step) => total + step, recon + prior);
    expect(sum / evaluatePixels(tf, run, IMAGES, { numSteps: 6 }).bitsPerDim).toBeCloseTo(1, 1);
  });
});
