/**
 * A run of absorbing diffusion that begins with the averaged weights of another. It may have more blocks, whose second layers
 * are 0, and wider heads, of whose new channels nothing is made: at first the network says what it said before
 * (as Net2Net, arXiv:1511.05641).
 */
import { NUM_CHANNELS } from '../absorbing/neighbourhood.ts';
import type { Tensor, Tensor2D, Tensor3D, Tf } from '../tensorflow.ts';
import { initialAbsorbingParameters } from './absorbing-network.ts';
import type { RunState } from './checkpoint.ts';
import type { TrainConfig } from './config.ts';
import { beginRun } from './fresh-run.ts';
import type { Parameters } from './model.ts';
import { Random } from './random.ts';
import { assertGrowth } from './task.ts';

/**
 * @param source stays the caller's
 * @throws RangeError when the config has fewer blocks or narrower heads than the source, or differs in other sizes
 */
export function grownRun(tf: Tf, config: TrainConfig, source: RunState): RunState {
  assertGrowth([source.config, config], {
    equal: ['process', 'channels', 'components'],
    atLeast: ['denoiserBlocks', 'headChannels'],
  });
  const random = new Random(config.seed);
  const parameters = tf.tidy(() => grow(tf, config, source, random));
  return beginRun(tf, { config, random: random.state, standardDeviations: [], parameters });
}

function grow(tf: Tf, config: TrainConfig, { config: before, optimizer }: RunState, random: Random): Parameters {
  const old = optimizer.average;
  const layers = 2 * before.denoiserBlocks;
  const addedLayers = 2 * config.denoiserBlocks - layers;
  const addedChannels = config.headChannels - before.headChannels;
  const fresh = initialAbsorbingParameters(tf, config, random);
  const isFirst = tf.tensor3d(Array.from({ length: 2 * config.denoiserBlocks }, (_, i) => [[1 - (i % 2)]]));
  const newLayers = tf.slice(tf.mul(fresh.hidden!, isFirst), [layers, 0, 0]);
  const newHeads = tf.slice(fresh.head!, [0, 0, before.headChannels]);
  const copies = Object.fromEntries(Object.entries(old).map(([name, tensor]) => [name, tensor.clone()]));
  return {
    ...copies,
    hidden: joined(tf, [old.hidden!, newLayers], 0),
    hiddenBias: tf.pad(old.hiddenBias as Tensor2D, [
      [0, addedLayers],
      [0, 0],
    ]),
    head: joined(tf, [old.head!, newHeads], 2),
    headBias: tf.pad(old.headBias as Tensor2D, [
      [0, 0],
      [0, addedChannels],
    ]),
    output: joined(tf, [old.output!, tf.zeros([NUM_CHANNELS, addedChannels, old.output!.shape[2]!])], 1),
  };
}

/** Those that hold anything. */
const joined = (tf: Tf, tensors: readonly Tensor[], axis: number): Tensor3D =>
  tf.concat(tensors.filter(({ size }) => size > 0) as Tensor3D[], axis);
