import { expect, it } from 'vitest';
import { pixelBatch } from '../../src/train/pixel-batch.ts';
import { evaluatePixels } from '../../src/train/pixel-evaluation.ts';
import { levelValue } from '../../src/train/pixel-loss.ts';
import { idleRun, PIXEL_IMAGES } from '../helpers/pixel-runs.ts';
import { describeBackends } from '../helpers/tensorflow.ts';

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

describeBackends('evaluatePixels', (tf) => {
  it.each([8, 3])('gives the expectation by %d of 8 steps', (samples) => {
    const [start, end, T] = [-14, 3, 8];
    const run = idleRun(tf, [start, end]);
    const seeds = [1, 2, 3, 4, 5, 6, 7, 8];
    const rates = seeds.map((seed) => evaluatePixels(tf, run, PIXEL_IMAGES, { numSteps: T, samples, seed }).bitsPerDim);
    const { levels } = pixelBatch(PIXEL_IMAGES.map(([finest]) => finest!));
    const squares = mean(Array.from(levels, (v) => levelValue(v) ** 2));
    const variance = sigmoid(end);
    // With n_0 of a ninth of a level L0 is nothing.
    let nats = 0.5 * (variance + (1 - variance) * squares - 1 - Math.log(variance));
    for (let k = 1; k <= T; k++) {
      const sigma = Math.sqrt(sigmoid(start + ((end - start) * k) / T));
      nats += 0.5 * Math.expm1((end - start) / T) * ((1 - sigma) ** 2 + (1 - sigma ** 2) * squares);
    }
    expect(mean(rates) / (nats / Math.LN2)).toBeCloseTo(1, 1);
  });
});
