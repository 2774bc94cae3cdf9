/** Terms of the bound of whole images by a plain VDM's averaged weights, in batches: stage-terms.ts has those of pyramids. */
import type { Tf } from '../tensorflow.ts';
import type { RunState } from './checkpoint.ts';
import type { Plane } from './dataset.ts';
import { type PixelBatch, pixelBatch } from './pixel-batch.ts';
import { type PixelInputs, type PixelTerms, pixelTerms } from './pixel-loss.ts';

/** Images in a batch: all 256 levels of each of their values are held at once. */
const CHUNK = 16;

/** Images in their order. @param images pyramids of square images of one size, of which the finest levels are used */
export function* pixelBatches(images: readonly (readonly Plane[])[]): Generator<PixelBatch> {
  for (let first = 0; first < images.length; first += CHUNK) {
    yield pixelBatch(images.slice(first, first + CHUNK).map(([finest]) => finest!));
  }
}

/** The terms of pixelTerms as arrays [images], in bits per dim. */
export function pixelTermBits(tf: Tf, run: RunState, inputs: PixelInputs): Record<keyof PixelTerms, Float32Array> {
  const config = { ...run.config, precision: 'float32' } as const;
  return tf.tidy(() => {
    const terms = pixelTerms(tf, run.optimizer.average, config, inputs);
    return Object.fromEntries(Object.entries(terms).map(([name, term]) => [name, term.dataSync()])) as never;
  }) as never;
}
