/** Tiny runs of a plain VDM on pixels and images for them. */
import { rgbToYcocg } from '../../src/pyramid/ycocg.ts';
import type { Tf } from '../../src/tensorflow.ts';
import type { RunState } from '../../src/train/checkpoint.ts';
import type { TrainConfig } from '../../src/train/config.ts';
import type { Plane } from '../../src/train/dataset.ts';
import { PIXEL_DEFAULTS } from '../../src/train/pixel-config.ts';
import { PixelTask } from '../../src/train/pixel-task.ts';
import { Random } from '../../src/train/random.ts';
import { TINY_CONFIG } from './tiny-runs.ts';

export const PIXEL_CONFIG: TrainConfig = { ...TINY_CONFIG, domain: 'pixels', ...PIXEL_DEFAULTS, batchPositions: 16 };

const SIDE = 4;
/** Of an image. */
export const NUM_VALUES = SIDE * SIDE * 3;

function imageOf(seed: number): Plane[] {
  const random = new Random(seed);
  const rgb = Uint8Array.from({ length: NUM_VALUES }, () => (seed === 0 ? 255 : random.integer(256)));
  return [{ height: SIDE, width: SIDE, data: rgbToYcocg(rgb) }];
}

/** 4x4 pixels: a white one, and two of noise. */
export const PIXEL_IMAGES = [imageOf(0), imageOf(1), imageOf(2)];
export const PIXEL_DATA = { photos: [], small: PIXEL_IMAGES };

/** A run whose network adds nothing, so that epsHat = z, with these ends of gamma. */
export function idleRun(tf: Tf, [start, end]: readonly [number, number]): RunState {
  const run = new PixelTask(tf, PIXEL_CONFIG, { data: PIXEL_DATA }).freshRun();
  const { average } = run.optimizer;
  const gammas = {
    gammaStart: tf.fill([6, 1], start),
    gammaRange: tf.fill([6, 1], Math.log(Math.expm1(end - start))),
  };
  const idle = { ...average, ...gammas, denoiserOut: tf.zerosLike(average.denoiserOut!) };
  return { ...run, optimizer: { ...run.optimizer, average: idle } };
}
