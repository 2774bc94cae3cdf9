/** The weights of an exported model of absorbing diffusion as those of a run, for another to begin with: export-absorbing.ts undone. */
import { COMPONENT_PARAMETERS, NUM_KNOWN } from '../absorbing/pixel-network.ts';
import type { DenseWeights } from '../kernels/dense-backend.ts';
import type { AbsorbingModel } from '../model/absorbing-model.ts';
import type { Tensor, Tf } from '../tensorflow.ts';
import type { RunState } from './checkpoint.ts';
import { DEFAULT_CONFIG } from './config.ts';
import { beginRun } from './fresh-run.ts';

/** A run of the model's size that has done nothing yet; its tensors belong to the caller. */
export function runOfModel(tf: Tf, { name, weights }: AbsorbingModel): RunState {
  const { channels, blocks: denoiserBlocks, headChannels, components, input, hidden, heads, outputs } = weights;
  const config = {
    ...DEFAULT_CONFIG,
    name,
    process: 'absorbing',
    channels,
    denoiserBlocks,
    headChannels,
    components,
  } as const;
  const inLogits = outputs.map((layer) => ({
    ...layer,
    weights: octavesToLogits(layer.weights, components),
    bias: octavesToLogits(layer.bias, components),
  }));
  const parameters = {
    input: tf.tensor2d(input.weights, [input.inputs, input.outputs]),
    inputBias: tf.tensor1d(input.bias),
    ...stacked(tf, 'hidden', hidden, [channels, channels]),
    ...stacked(tf, 'head', heads, [channels + NUM_KNOWN, headChannels]),
    ...stacked(tf, 'output', inLogits, [headChannels, COMPONENT_PARAMETERS * components]),
  };
  return beginRun(tf, { config, random: [], standardDeviations: [], parameters });
}

function stacked(
  tf: Tf,
  name: string,
  layers: readonly DenseWeights[],
  [inputs, outputs]: readonly [number, number],
): Record<string, Tensor> {
  const all = (key: 'weights' | 'bias') => Float32Array.from(layers.flatMap((layer) => Array.from(layer[key])));
  return {
    [name]: tf.tensor(all('weights'), [layers.length, inputs, outputs]),
    [`${name}Bias`]: tf.tensor(all('bias'), [layers.length, outputs]),
  };
}

/** The last third of the outputs. */
function octavesToLogits(array: Float32Array, components: number): Float32Array {
  const outputs = COMPONENT_PARAMETERS * components;
  return array.map((value, i) => (i % outputs >= outputs - components ? value * Math.LN2 : value));
}
