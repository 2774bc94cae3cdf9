import { expect } from 'vitest';
import { type CompressOptions, compress } from '../../src/compress.ts';
import { decompress } from '../../src/decompress.ts';
import { type Image, sampleBytes } from '../../src/image/image.ts';
import { tinyModel } from './fixtures.ts';

/** Compresses by diffusion with the tiny model, checks that every bit comes back, and returns the file. */
export async function checkRoundTrip(image: Image, options: CompressOptions = {}): Promise<Uint8Array> {
  const file = await compress(image, { model: tinyModel, method: 'diffusion', ...options });
  const decoded = await decompress(file, { model: options.model ?? tinyModel });
  const { data: _decoded, ...rest } = decoded;
  const { data: _expected, ...expectedRest } = image;
  expect(rest).toEqual(expectedRest);
  // A tenth of the time of comparing the arrays element by element.
  expect(Buffer.compare(sampleBytes(decoded), sampleBytes(image))).toBe(0);
  return file;
}
