/** What images are coded with by absorbing diffusion: a model's network on an engine, and their pixels as it sees them. */

import { KernelPredictor } from './absorbing/kernel-predictor.ts';
import { NUM_CHANNELS, type Pixels } from './absorbing/neighbourhood.ts';
import type { PixelCoding, PredictorLender } from './absorbing/pixel-codec.ts';
import { createPixelNetwork, type PixelWeights } from './absorbing/pixel-network.ts';
import { PlainDense } from './absorbing/plain-dense.ts';
import { PlainPredictor } from './absorbing/plain-predictor.ts';
import type { SamplePredictor } from './absorbing/sample-predictor.ts';
import { planeCount } from './codec/planes.ts';
import type { ChannelCount, Image8 } from './image/image.ts';
import { DenseKernel } from './kernels/dense.ts';
import { loadDense, loadSharedDense } from './kernels/load.ts';
import { defaultThreads } from './kernels/team.ts';
import type { CodingOptions } from './options.ts';

/** What pixels of so many channels are coded by: the weights of a model. */
export interface PixelModel {
  readonly weights: PixelWeights;
  readonly channels: ChannelCount;
}

/** @param options those of TensorFlow.js run this network in WebAssembly: sums of a device have no fixed order */
export function pixelCodingOf(
  { weights, channels }: PixelModel,
  { engine, threads = defaultThreads(), onProgress, signal }: CodingOptions,
): PixelCoding {
  return {
    predictors: engine === 'reference' ? plainPredictors(weights) : kernelPredictors(weights, threads),
    planes: planeCount(channels),
    onProgress: async (fraction) => {
      onProgress?.(fraction);
      // Lets timers and signals in.
      await new Promise((resolve) => setImmediate(resolve));
      signal?.throwIfAborted();
    },
  };
}

const plainPredictor = (weights: PixelWeights): SamplePredictor =>
  new PlainPredictor(createPixelNetwork(weights, new PlainDense()));

const plainPredictors = (weights: PixelWeights): PredictorLender => ({
  take: async () => plainPredictor(weights),
  giveBack: () => undefined,
});

/** Predictors of one model, each with a kernel and threads. More would not make images that are coded at once any faster. */
const MAX_PREDICTORS = 2;

/** What a predictor may hold and be kept. */
const MAX_HELD_BYTES = 8 << 20;

/**
 * Keeps predictors from image to image; images beyond their number wait. Those that hold much are let go, as it takes some hundredths of
 * a second to make another, but none whose memory threads share: engines do not count that, and may never take it back.
 */
class KernelPredictors implements PredictorLender {
  readonly threads: number;
  private readonly weights: PixelWeights;
  private readonly idle: SamplePredictor[] = [];
  private readonly waiting: ((predictor: Promise<SamplePredictor>) => void)[] = [];
  private count = 0;

  constructor(weights: PixelWeights, threads: number) {
    this.weights = weights;
    this.threads = threads;
  }

  async take(): Promise<SamplePredictor> {
    const predictor = this.idle.pop();
    if (predictor !== undefined) return predictor;
    if (this.count === MAX_PREDICTORS) return new Promise((resolve) => this.waiting.push(resolve));
    const created = this.create();
    this.count++;
    return created;
  }

  giveBack(predictor: SamplePredictor): void {
    if (this.threads > 1 || predictor.heldBytes() <= MAX_HELD_BYTES) this.idle.push(predictor);
    else this.count--;
    this.waiting.shift()?.(this.take());
  }

  private create(): SamplePredictor {
    const wasm = (this.threads > 1 ? loadSharedDense() : undefined) ?? loadDense();
    return wasm ? new KernelPredictor(this.weights, new DenseKernel(wasm, this.threads)) : plainPredictor(this.weights);
  }
}

/** Those of the number of threads that was asked for last are kept as long as the weights. */
const lenders = new WeakMap<PixelWeights, KernelPredictors>();

function kernelPredictors(weights: PixelWeights, threads: number): KernelPredictors {
  const kept = lenders.get(weights);
  if (kept?.threads === threads) return kept;
  const lender = new KernelPredictors(weights, threads);
  lenders.set(weights, lender);
  return lender;
}

/** The colours of an image; of gray ones three times the same. Those of RGB share the image's memory. */
export function pixelsOf({ height, width, channels, data }: Image8): Pixels {
  if (channels === NUM_CHANNELS) return { height, width, data };
  const colours = new Uint8Array(height * width * NUM_CHANNELS);
  const step = planeCount(channels) === 1 ? 0 : 1;
  for (let i = 0; i < height * width; i++) {
    for (let c = 0; c < NUM_CHANNELS; c++) colours[i * NUM_CHANNELS + c] = data[i * channels + c * step]!;
  }
  return { height, width, data: colours };
}

/** Pixels to be decoded. */
export const emptyPixels = ({ height, width }: Pick<Pixels, 'height' | 'width'>): Pixels => ({
  height,
  width,
  data: new Uint8Array(height * width * NUM_CHANNELS),
});

/** Undoes pixelsOf; alpha is 0. */
export function imageOf({ height, width, data }: Pixels, channels: ChannelCount): Image8 {
  if (channels === NUM_CHANNELS) return { height, width, channels, bitDepth: 8, data };
  const samples = new Uint8Array(height * width * channels);
  const planes = planeCount(channels);
  for (let i = 0; i < height * width; i++) {
    for (let c = 0; c < planes; c++) samples[i * channels + c] = data[i * NUM_CHANNELS + c]!;
  }
  return { height, width, channels, bitDepth: 8, data: samples };
}
