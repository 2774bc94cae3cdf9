/** The weights of an exported model of absorbing diffusion as those of a run, for another to begin with: export-absorbing.ts undone. */
import { COMPONENT_PARAMETERS, NUM_KNOWN } from '../absorbing/pixel-network.ts';
import type { AbsorbingModel } from '../model/absorbing-model.ts';
import type { Tensor, Tf } from '../tensorflow.ts';
import type { RunState } from './checkpoint.ts';
import { DEFAULT_CONFIG } from './config.ts';
import { dequantizeDense, type FloatLayer } from './dense-quantization.ts';
import { beginRun } from './fresh-run.ts';
import { headUnits, hiddenUnits, inputUnits, outputUnits, withWeightUnits } from './pixel-units.ts';

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
  const floats = dequantizeDense(input, inputUnits());
  const hiddenFloats = hidden.map((layer, i) => dequantizeDense(layer, hiddenUnits(weights, i)));
  const headFloats = heads.map((layer) => dequantizeDense(layer, headUnits(weights)));
  const outputFloats = outputs.map((layer) =>
    withWeightUnits(dequantizeDense(layer, outputUnits(weights)), components, Math.LN2),
  );
  const parameters = {
    input: tf.tensor2d(floats.weights, [input.inputs, input.outputs]),
    inputBias: tf.tensor1d(floats.bias),
    ...stacked(tf, 'hidden', hiddenFloats, [channels, channels]),
    ...stacked(tf, 'head', headFloats, [channels + NUM_KNOWN, headChannels]),
    ...stacked(tf, 'output', outputFloats, [headChannels, COMPONENT_PARAMETERS * components]),
  };
  return beginRun(tf, { config, random: [], standardDeviations: [], parameters });
}

function stacked(
  tf: Tf,
  name: string,
  layers: readonly FloatLayer[],
  [inputs, outputs]: readonly [number, number],
): Record<string, Tensor> {
  const all = (key: 'weights' | 'bias') => Float32Array.from(layers.flatMap((layer) => Array.from(layer[key])));
  return {
    [name]: tf.tensor(all('weights'), [layers.length, inputs, outputs]),
    [`${name}Bias`]: tf.tensor(all('bias'), [layers.length, outputs]),
  };
}
