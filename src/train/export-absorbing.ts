/** A trained run of absorbing diffusion as a model: its averaged weights as integers. Writes weights.bin and model.json. */
import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PixelWeights } from '../absorbing/pixel-network.ts';
import type { DenseWeights } from '../kernels/dense-backend.ts';
import { emptyPixelWeights, encodePixelWeights } from '../model/absorbing-model.ts';
import { type AbsorbingManifest, assertPixelArchitecture } from '../model/installed-models.ts';
import { assertPixelBounds } from '../model/pixel-bounds.ts';
import type { RunState } from './checkpoint.ts';
import { type FloatLayer, quantizeDense } from './dense-quantization.ts';
import { assertFinite, type ExportResult, provenance } from './export-model.ts';
import type { Parameters } from './model.ts';
import { headUnits, hiddenUnits, inputUnits, outputUnits, withWeightUnits } from './pixel-units.ts';

/** @throws Error when weights are not finite, RangeError for sizes that no model may have, or weights that no integers could stand for */
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
    formatVersion: 2,
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

function fillWeights(weights: PixelWeights, average: Parameters): void {
  const { input, hidden, heads, outputs, components } = weights;
  const layers = (name: string) => new FloatLayers(average, name);
  quantizeDense(input, layers('input').at(0, input), inputUnits());
  const [hiddenFloats, headFloats, outputFloats] = [layers('hidden'), layers('head'), layers('output')];
  for (const [i, layer] of hidden.entries()) quantizeDense(layer, hiddenFloats.at(i, layer), hiddenUnits(weights, i));
  for (const [i, layer] of heads.entries()) quantizeDense(layer, headFloats.at(i, layer), headUnits(weights));
  for (const [i, layer] of outputs.entries()) {
    // Training takes weights of components as natural logarithms, the codec as octaves.
    const floats = withWeightUnits(outputFloats.at(i, layer), components, Math.LOG2E);
    quantizeDense(layer, floats, outputUnits(weights));
  }
}

/** Layers of one name, which are one tensor. */
class FloatLayers {
  private readonly weights: Float32Array;
  private readonly biases: Float32Array;

  constructor(average: Parameters, name: string) {
    this.weights = average[name]!.dataSync() as Float32Array;
    this.biases = average[`${name}Bias`]!.dataSync() as Float32Array;
  }

  at(i: number, { weights: { length: size }, bias: { length: outputs } }: DenseWeights): FloatLayer {
    return {
      weights: this.weights.subarray(i * size, (i + 1) * size),
      bias: this.biases.subarray(i * outputs, (i + 1) * outputs),
    };
  }
}
