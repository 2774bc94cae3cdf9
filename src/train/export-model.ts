/**
 * A trained run as integers: weights of the network, FiLM rows, and the tables of every condition and chain, computed
 * once here so that coding needs no float and no schedule. Writes weights.bin and model.json.
 */
import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { NUM_CONDITIONS } from '../diffusion/conditions.ts';
import { TIME_GRID } from '../diffusion/dimensions.ts';
import type { ModelManifest } from '../model/installed-models.ts';
import {
  arraysOf,
  type Chain,
  type Condition,
  emptyTables,
  encodeTables,
  type Head,
  type ModelTables,
  NUM_TAU,
} from '../model/model.ts';
import { assertAccumulatorBounds } from '../network/bounds.ts';
import type { ConvWeights, Film } from '../network/network.ts';
import { scaleIndexForVariance, scaleSigma } from '../rans/discretised-gaussian.ts';
import type { RunState } from './checkpoint.ts';
import { quantizeWeights, weightExponents } from './fake-quantize.ts';
import { denoiserFilm, EDGE_AXES, HIDDEN_AXES, type Parameters, scheduleOf } from './model.ts';
import { gammaAt } from './schedule.ts';
import type { Tensor, Tensor2D, Tf } from './tensorflow.ts';

/** Units of the integer network (src/network/network.ts), as exponents of two. */
const ACTIVATION_EXPONENT = 5;
const STREAM_EXPONENT = 8;
const MULTIPLIER_EXPONENT = 8;
const OFFSET_EXPONENT = 16;
const SKIP_EXPONENT = 20;
const GAIN_EXPONENT = 12;
const SCALES_PER_OCTAVE = 16;
/** Octaves of the scale grid below 1. */
const SCALE_OCTAVES_BELOW_ONE = 5;
const MAX_MULTIPLIER = 1023;
const MAX_OFFSET = 1 << 22;
/** The input scale maps one standard deviation to 2^7 steps, with 10 fractional bits. */
const INPUT_ONE = 1 << 17;
const ROUNDING_VARIANCE = 1 / 12;

export interface ExportResult {
  readonly folder: string;
  readonly sha256: string;
  readonly sizeBytes: number;
}

/** Exports the averaged weights of a run into a folder. */
export async function exportModel(tf: Tf, run: RunState, folder: string): Promise<ExportResult> {
  const tables = tf.tidy(() => new Exporter(tf, run).tables() as never) as unknown as ModelTables;
  assertAccumulatorBounds(tables.weights);
  const bytes = encodeTables(tables);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const { channels, trunkBlocks, denoiserBlocks } = run.config;
  const manifest: ModelManifest & Record<string, unknown> = {
    formatVersion: 1,
    channels,
    trunkBlocks,
    denoiserBlocks,
    sha256,
    training: { iterations: run.iteration, hours: Math.round(run.seconds / 36) / 100, config: run.config },
    schedule: scheduleReport(tf, run),
    standardDeviations: run.standardDeviations.map((row) => row.map((value) => Math.round(value * 100) / 100)),
  };
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'weights.bin'), bytes);
  await writeFile(join(folder, 'model.json'), `${JSON.stringify(manifest, undefined, 2)}\n`);
  return { folder, sha256, sizeBytes: bytes.length };
}

/** Noise n_t of each condition at the times of the finest grid. */
function scheduleReport(tf: Tf, run: RunState): number[][] {
  const noise = noiseLevels(tf, run.optimizer.average);
  return noise.map((row) => row.map((value) => Math.round(value * 1000) / 1000));
}

/** [conditions][TIME_GRID + 1] standard deviations n_t. */
function noiseLevels(tf: Tf, parameters: Parameters): number[][] {
  return Array.from({ length: NUM_CONDITIONS }, (_, condition) =>
    Array.from({ length: TIME_GRID + 1 }, (_, k) =>
      tf.tidy(() => {
        const oneHot = tf.oneHot(tf.tensor1d([condition], 'int32'), NUM_CONDITIONS).toFloat() as Tensor2D;
        const gamma = gammaAt(tf, scheduleOf(parameters), oneHot, tf.tensor2d([[k / TIME_GRID]]));
        return Math.exp(gamma.dataSync()[0]! / 2);
      }),
    ),
  );
}

class Exporter {
  private readonly tf: Tf;
  private readonly run: RunState;
  private readonly parameters: Parameters;
  private readonly noise: number[][];

  constructor(tf: Tf, run: RunState) {
    this.tf = tf;
    this.run = run;
    this.parameters = run.optimizer.average;
    this.noise = noiseLevels(tf, this.parameters);
  }

  tables(): ModelTables {
    const tables = emptyTables(this.run.config);
    const { weights, conditions } = tables;
    for (const name of ['trunkIn', 'denoiserIn', 'denoiserOut'] as const) this.fillEdge(weights[name], name);
    const blocks = [...weights.trunkBlocks, ...weights.denoiserBlocks];
    const quantized = this.quantized('hidden', HIDDEN_AXES);
    for (const [i, conv] of blocks.flatMap((block) => [block.conv1, block.conv2]).entries()) {
      const size = conv.weights.length;
      fillConv(conv, {
        values: quantized.values.subarray(i * size, (i + 1) * size),
        exponents: quantized.exponents.subarray(i * conv.outChannels, (i + 1) * conv.outChannels),
      });
    }
    for (const [index, condition] of conditions.entries()) this.fillCondition(condition, index);
    for (const array of arraysOf(tables)) if (array.some(Number.isNaN)) throw new Error('exported table holds NaN');
    return tables;
  }

  private fillEdge(conv: ConvWeights, name: 'trunkIn' | 'denoiserIn' | 'denoiserOut'): void {
    const { values, exponents } = this.quantized(name, EDGE_AXES);
    fillConv(conv, { values, exponents });
    const bias = this.parameters[`${name}Bias`]!.dataSync();
    for (const [o, exponent] of exponents.entries()) {
      conv.bias[o] = Math.round(bias[o]! * 2 ** (ACTIVATION_EXPONENT + exponent));
    }
  }

  /** Integers [..., in, out] of a weight and the exponent of each output channel. */
  private quantized(name: string, axes: number[]): { values: Float32Array; exponents: Float32Array } {
    const { tf } = this;
    const weight = this.parameters[name]!;
    const exponents = weightExponents(tf, weight, axes);
    const values = tf.round(tf.mul(quantizeWeights(tf, weight, axes), tf.pow(2, exponents)));
    return { values: values.dataSync() as Float32Array, exponents: exponents.dataSync() as Float32Array };
  }

  private fillCondition(condition: Condition, index: number): void {
    const { tf, run, parameters } = this;
    const { trunkBlocks, denoiserBlocks } = run.config;
    const oneHot = tf.oneHot(tf.tensor1d([index], 'int32'), NUM_CONDITIONS).toFloat() as Tensor2D;
    fillFilm(condition.trunkFilm, tf.matMul(oneHot, parameters.trunkFilm as Tensor2D), trunkBlocks);
    const filmAt = (gamma: number, known: number): Tensor =>
      denoiserFilm(tf, parameters, tf.tensor2d([[gamma]]), tf.tensor2d([[known]]), oneHot);
    const noise = this.noise[index]!;
    const sd = run.standardDeviations[index]!;
    for (const [k, film] of condition.films.entries()) {
      fillFilm(film, filmAt(2 * Math.log(noise[k]!), 1), denoiserBlocks);
      const scales = sd.map((value) => Math.min(INPUT_ONE, Math.round(INPUT_ONE / Math.hypot(value, noise[k]!))));
      condition.inScales[k]!.set(scales);
    }
    fillFilm(condition.priorFilm, filmAt(0, 0), denoiserBlocks);
    fillHead(
      condition.direct,
      sd.map((value) => ({ skip: 0, gain: value, tau: value })),
      (tau) => tau * tau,
    );
    for (const chain of condition.chains) fillChain(chain, noise, sd);
  }
}

function fillConv(conv: ConvWeights, { values, exponents }: { values: Float32Array; exponents: Float32Array }): void {
  const { inChannels, outChannels } = conv;
  const taps = 9 * inChannels;
  for (let o = 0; o < outChannels; o++) {
    conv.shift[o] = exponents[o]! + ACTIVATION_EXPONENT - STREAM_EXPONENT;
    for (let tap = 0; tap < taps; tap++) conv.weights[o * taps + tap] = values[tap * outChannels + o]!;
  }
}

/** @param rows [1, blocks * 2 * channels]: multiplier minus one, then offset, of each block. */
function fillFilm(film: Film, rows: Tensor, blocks: number): void {
  const values = rows.dataSync();
  const channels = film.multiplier.length / blocks;
  for (let block = 0; block < blocks; block++) {
    for (let c = 0; c < channels; c++) {
      const multiplier = 1 + values[2 * block * channels + c]!;
      const offset = values[(2 * block + 1) * channels + c]!;
      film.multiplier[block * channels + c] = clampRound(multiplier * 2 ** MULTIPLIER_EXPONENT, MAX_MULTIPLIER);
      film.offset[block * channels + c] = clampRound(offset * 2 ** OFFSET_EXPONENT, MAX_OFFSET);
    }
  }
}

const clampRound = (value: number, max: number): number => Math.max(-max, Math.min(max, Math.round(value)));

interface HeadTerm {
  readonly skip: number;
  readonly gain: number;
  /** tau at G = 0. */
  readonly tau: number;
}

/** @param variance of the coded Gaussian, before rounding, for each tau. */
function fillHead(head: Head, terms: readonly HeadTerm[], variance: (tau: number) => number): void {
  for (const [c, { skip, gain, tau }] of terms.entries()) {
    head.skip[c] = Math.round(skip * 2 ** SKIP_EXPONENT);
    head.gain[c] = Math.round(gain * 2 ** GAIN_EXPONENT);
    head.tauBase[c] = Math.round(SCALES_PER_OCTAVE * (Math.log2(tau) + SCALE_OCTAVES_BELOW_ONE));
  }
  for (let i = 0; i < NUM_TAU; i++) head.scaleOf[i] = scaleIndexForVariance(variance(scaleSigma(i)));
}

const totalVariance = (scale: number): number => scaleSigma(scale) ** 2 + ROUNDING_VARIANCE;

/**
 * The chain's forward scales follow the learned noise levels on the grid of scales; its reverse Gaussians are those of
 * the posterior with the exact variances that result, each without the variance that rounding adds.
 */
function fillChain(chain: Chain, noise: readonly number[], sd: readonly number[]): void {
  const { numSteps, forwardScale, heads, prior } = chain;
  const variances: number[] = [];
  for (let i = 0; i <= numSteps; i++) {
    const n = noise[(i * TIME_GRID) / numSteps]!;
    const before = variances[i - 1] ?? 0;
    // Training rounds y too, so what the network knows as n has variance n^2 + 1/12; rounding adds the last 1/12 here.
    forwardScale[i] = scaleIndexForVariance(n * n - before);
    variances[i] = before + totalVariance(forwardScale[i]!);
    const ratio = i === 0 ? 0 : before / variances[i]!;
    const rest = 1 - ratio;
    const terms = sd.map((value) => {
      const total = Math.hypot(value, n);
      const skip = (value / total) ** 2;
      const gain = (n * value) / total;
      return { skip: ratio + rest * skip, gain: rest * gain, tau: gain };
    });
    fillHead(heads[i]!, terms, (tau) => (i === 0 ? tau * tau : before * rest + (rest * tau) ** 2 - ROUNDING_VARIANCE));
  }
  const last = variances[numSteps]!;
  const terms = sd.map((value) => ({ skip: 0, gain: value, tau: value }));
  fillHead(prior, terms, (tau) => last + tau * tau - ROUNDING_VARIANCE);
}
