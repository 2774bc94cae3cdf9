/**
 * A run that begins with the averaged weights of another. It may have more blocks; those come after the old ones, and
 * their second convolution is 0, so that at first the network says what it said before (as Net2Net, arXiv:1511.05641).
 */
import { NUM_CONDITIONS } from '../diffusion/conditions.ts';
import type { Tensor, Tensor2D, Tensor3D, Tf } from '../tensorflow.ts';
import type { RunState } from './checkpoint.ts';
import type { TrainConfig } from './config.ts';
import { beginRun } from './fresh-run.ts';
import { initialHidden, type Parameters } from './model.ts';
import { Random } from './random.ts';
import { assertGrowth } from './task.ts';

/**
 * @param source stays the caller's
 * @throws RangeError when the config has fewer blocks than the source, another width or domain
 */
export function warmRun(tf: Tf, config: TrainConfig, source: RunState): RunState {
  assertGrowth([source.config, config], {
    equal: ['process', 'domain', 'channels', 'filmHidden'],
    atLeast: ['trunkBlocks', 'denoiserBlocks'],
  });
  const random = new Random(config.seed);
  const parameters = tf.tidy(() => grow(tf, config, source, random));
  const { standardDeviations } = source;
  return beginRun(tf, { config, random: random.state, standardDeviations, parameters });
}

function grow(tf: Tf, config: TrainConfig, { config: before, optimizer }: RunState, random: Random): Parameters {
  const { channels } = config;
  const old = optimizer.average;
  const trunkLayers = 2 * before.trunkBlocks;
  const newTrunk = 2 * config.trunkBlocks - trunkLayers;
  const newDenoiser = 2 * (config.denoiserBlocks - before.denoiserBlocks);
  const hidden = old.hidden as Tensor3D;
  const newLayers = (count: number): Tensor => {
    const isFirst = tf.tensor3d(
      Array.from({ length: count }, (_, i) => [[1 - (i % 2)]]),
      [count, 1, 1],
    );
    return tf.mul(initialHidden(tf, count, channels, random), isFirst);
  };
  const parts = [
    hidden.slice([0, 0, 0], [trunkLayers, -1, -1]),
    newLayers(newTrunk),
    hidden.slice([trunkLayers, 0, 0], [-1, -1, -1]),
    newLayers(newDenoiser),
  ].filter(({ shape }) => shape[0]! > 0);
  const copies = Object.fromEntries(Object.entries(old).map(([name, tensor]) => [name, tensor.clone()]));
  return {
    ...copies,
    hidden: tf.concat(parts),
    ...(config.trunkBlocks > 0 ? { trunkFilm: grownFilm(tf, old.trunkFilm, newTrunk * channels) } : {}),
    filmOut: tf.pad(old.filmOut as Tensor2D, [
      [0, 0],
      [0, newDenoiser * channels],
    ]),
    filmOutBias: tf.pad(old.filmOutBias!, [[0, newDenoiser * channels]]),
  };
}

/** Rows of new blocks are 0; a trunk without blocks had none at all. */
function grownFilm(tf: Tf, film: Tensor | undefined, added: number): Tensor {
  if (film === undefined) return tf.zeros([NUM_CONDITIONS, added]);
  return tf.pad(film as Tensor2D, [
    [0, 0],
    [0, added],
  ]);
}
