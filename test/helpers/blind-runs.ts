/** Small images as pyramids, and a run whose bound on them does not depend on noise. */
import { analyse } from '../../src/pyramid/haar.ts';
import type { Tf } from '../../src/tensorflow.ts';
import type { RunState } from '../../src/train/checkpoint.ts';
import type { Plane } from '../../src/train/dataset.ts';
import { Random } from '../../src/train/random.ts';
import { randomRun, TINY_CONFIG } from './tiny-runs.ts';

/** Of the images. */
export const SIDE = 8;

/** All levels of an image of small noise around a random colour. */
function pyramidOf(seed: number): Plane[] {
  const random = new Random(seed);
  const normal = random.normal(SIDE * SIDE * 3);
  let data = Int16Array.from(normal, (value, i) => (i % 3 === 0 ? 100 + 10 * seed : 0) + Math.round(9 * value));
  const levels: Plane[] = [];
  for (let side = SIDE; side >= 2; side /= 2) {
    levels.push({ height: side, width: side, data });
    data = analyse(data, side, side, 3).low as Int16Array<ArrayBuffer>;
  }
  return levels;
}

export const IMAGES = [pyramidOf(1), pyramidOf(2), pyramidOf(3)];

/** With the prediction of x, F = 0 and G = 0 the model is uHat = 0, tau = sd, whatever the noise. */
export function blindRun(tf: Tf): RunState {
  const run = randomRun(tf, { seed: 4, config: { ...TINY_CONFIG, prediction: 'x' } });
  const { average } = run.optimizer;
  const [denoiserOut, denoiserOutBias] = [average.denoiserOut!, average.denoiserOutBias!].map((t) => tf.zerosLike(t));
  return { ...run, optimizer: { ...run.optimizer, average: { ...average, denoiserOut, denoiserOutBias } as never } };
}
