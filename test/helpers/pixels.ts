/** Pixels as absorbing diffusion sees them, and what predicts their samples: the tiny model's network, or one that says little. */
import { NUM_CHANNELS, NUM_INPUTS, type Pixels } from '../../src/absorbing/neighbourhood.ts';
import type { PixelCoding, PredictorLender } from '../../src/absorbing/pixel-codec.ts';
import { createPixelNetwork, MAX_BATCH, type PixelNetwork } from '../../src/absorbing/pixel-network.ts';
import { PlainDense } from '../../src/absorbing/plain-dense.ts';
import { PlainPredictor } from '../../src/absorbing/plain-predictor.ts';
import type { SamplePredictor } from '../../src/absorbing/sample-predictor.ts';
import { pixelsOf } from '../../src/open-pixels.ts';
import { tinyPixels } from './fixtures.ts';
import { type Content, makeImage } from './images.ts';

interface PixelOptions {
  readonly height: number;
  readonly width: number;
  /** Default 3. */
  readonly planes?: 1 | 3;
  readonly seed?: number;
}

export const makePixels = (content: Content, { planes = 3, ...size }: PixelOptions): Pixels =>
  pixelsOf(makeImage(content, { ...size, channels: planes }));

export const blackPixels = (height: number, width: number): Pixels => ({
  height,
  width,
  data: new Uint8Array(height * width * NUM_CHANNELS),
});

export const copyOf = (pixels: Pixels): Pixels => ({ ...pixels, data: pixels.data.slice() });

/** Lends one predictor again and again. */
export const lenderOf = (predictor: SamplePredictor): PredictorLender => ({
  take: async () => predictor,
  giveBack: () => undefined,
});

export const plainCoding = (planes: 1 | 3): PixelCoding => ({
  predictors: lenderOf(new PlainPredictor(createPixelNetwork(tinyPixels.weights, new PlainDense()))),
  planes,
  onProgress: async () => undefined,
});

/** Predicts samples by a network whose outputs are all 0: components around the base, with the spread for a deviation. */
export function silentPredictor(components = 1): PlainPredictor {
  const width = 3 * components;
  const inputs = { values: new Int16Array(MAX_BATCH * NUM_INPUTS), width: NUM_INPUTS };
  const network: PixelNetwork = {
    components,
    inputs: () => inputs,
    known: () => ({ values: new Int16Array(0), width: 0 }),
    begin: () => undefined,
    finish: () => ({ values: new Int32Array(MAX_BATCH * width), width }),
  };
  return new PlainPredictor(network);
}
