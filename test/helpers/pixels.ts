/** Pixels as absorbing diffusion sees them, and the tiny model's network for them. */
import type { Pixels } from '../../src/absorbing/neighbourhood.ts';
import type { PixelCoding } from '../../src/absorbing/pixel-codec.ts';
import { createPixelNetwork } from '../../src/absorbing/pixel-network.ts';
import { PlainDense } from '../../src/absorbing/plain-dense.ts';
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

export const copyOf = (pixels: Pixels): Pixels => ({ ...pixels, data: pixels.data.slice() });

export const plainCoding = (planes: 1 | 3): PixelCoding => ({
  network: createPixelNetwork(tinyPixels.weights, new PlainDense()),
  planes,
  onProgress: async () => undefined,
});
