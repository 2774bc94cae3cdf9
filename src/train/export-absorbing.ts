/** A trained run of absorbing diffusion as a model: its averaged weights in float32. Writes weights.bin and model.json. */
import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { COMPONENT_PARAMETERS, type PixelWeights } from '../absorbing/pixel-network.ts';
import type { DenseWeights } from '../kernels/dense-backend.ts';
import { emptyPixelWeights, encodePixelWeights } from '../model/absorbing-model.ts';
import { type AbsorbingManifest, assertPixelArchitecture } from '../model/installed-models.ts';
import { assertPixelBounds } from '../model/pixel-bounds.ts';
import type { RunState } from './checkpoint.ts';
import { assertFinite, type ExportResult, provenance } from './export-model.ts';
import type { Parameters } from './model.ts';

/** @throws Error when weights are not finite, RangeError for sizes that no model may have, or where sums of the network could overflow */
export async function exportAbsorbing(run: RunState, folder: string): Promise<ExportResult> {
  assertFinite(run.optimizer.average);
  const { channels, denoiserBlocks: blocks, headChannels, components } = run.config;
  const architecture = { channels, blocks, headChannels, components };
  assertPixelArchitecture(architecture);
  const weights = emptyPixelWeights(architecture);
  fillWeights(weights, run.optimizer.average);
  assertPixelBounds(weights);
  const bytes = encodePixelWeights(weights);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const manifest: AbsorbingManifest & Record<string, unknown> = {
    formatVersion: 1,
    process: 'absorbing',
    ...architecture,
    sha256,
    training: provenance(run),
  };
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'weights.bin'), bytes);
  await writeFile(join(folder, 'model.json'), `${JSON.stringify(manifest, undefined, 2)}\n`);
  return { folder, sha256, sizeBytes: bytes.length };
}

function fillWeights({ input, hidden, heads, outputs, components }: PixelWeights, average: Parameters): void {
  fillLayers([input], average, 'input');
  fillLayers(hidden, average, 'hidden');
  fillLayers(heads, average, 'head');
  fillLayers(outputs, average, 'output');
  for (const { weights, bias } of outputs) for (const array of [weights, bias]) weightsToOctaves(array, components);
}

function fillLayers(layers: readonly DenseWeights[], average: Parameters, name: string): void {
  const [weights, biases] = [average[name]!.dataSync(), average[`${name}Bias`]!.dataSync()];
  for (const [i, layer] of layers.entries()) {
    const [size, outputs] = [layer.weights.length, layer.bias.length];
    layer.weights.set(weights.subarray(i * size, (i + 1) * size));
    layer.bias.set(biases.subarray(i * outputs, (i + 1) * outputs));
  }
}

/** Training takes the last third of the outputs as natural logarithms, the codec as octaves. */
function weightsToOctaves(array: Float32Array, components: number): void {
  const outputs = COMPONENT_PARAMETERS * components;
  for (let i = 0; i < array.length; i++) if (i % outputs >= outputs - components) array[i]! *= Math.LOG2E;
}
