/** The task of a config's process and domain. */
import type { Tf } from '../tensorflow.ts';
import { AbsorbingTask } from './absorbing-task.ts';
import type { TrainConfig } from './config.ts';
import { GaussianTask } from './gaussian-task.ts';
import { PixelTask } from './pixel-task.ts';
import type { Task, TaskImages } from './task.ts';

/** @throws RangeError when the images allow no batch of the config's mixture */
export function openTask(tf: Tf, config: TrainConfig, images: TaskImages): Task {
  if (config.process === 'absorbing') return new AbsorbingTask(tf, config, images);
  return config.domain === 'pixels' ? new PixelTask(tf, config, images) : new GaussianTask(tf, config, images);
}
