/** An image to a file: the whole recipe. decompress.ts is the same list read upwards. */
import { encodeAlpha } from './codec/alpha.ts';
import { Coder } from './codec/coder.ts';
import { pushImage } from './codec/image-codec.ts';
import { splitPlanes } from './codec/planes.ts';
import type { TileObserver } from './codec/tile-observer.ts';
import { encodeHeader, encodeHeaderStart, imageChecksum } from './container/header.ts';
import { STEP_COUNTS } from './diffusion/chains.ts';
import { assertImage, type Image } from './image/image.ts';
import { defaultModel } from './model/installed-models.ts';
import { type CodingOptions, engineFor } from './options.ts';
import { AnsStack } from './rans/ans-stack.ts';

export interface CompressOptions extends CodingOptions {
  /** Diffusion steps T of each stage: 2, 4, 8 or 16; more steps, fewer bits, more time. Default 8. */
  readonly numSteps?: number | undefined;
  /** Told about every tile, for rate reports. */
  readonly observer?: TileObserver | undefined;
}

export const DEFAULT_NUM_STEPS = 8;

/**
 * Compresses an image without loss.
 *
 * @throws TypeError or RangeError for a malformed image or option.
 */
export async function compress(image: Image, options: CompressOptions = {}): Promise<Uint8Array> {
  assertImage(image);
  const numSteps = options.numSteps ?? DEFAULT_NUM_STEPS;
  assertNumSteps(numSteps);
  const model = options.model ?? (await defaultModel());
  const engine = engineFor(model, options.engine);
  const { height, width, channels, data } = image;

  const planes = splitPlanes(image);
  const coder = new Coder({ ...options, model, engine, numSteps, planes: planes.count, height, width });

  const alpha = planes.alpha === undefined ? new Uint8Array(0) : encodeAlpha(planes.alpha, height, width);
  const stack = new AnsStack();
  await pushImage(stack, planes.samples, coder);

  const start = { version: 1, modelId: model.id, height, width, channels, numSteps } as const;
  const checksum = imageChecksum(encodeHeaderStart(start), data);
  const header = encodeHeader({ ...start, checksum, alphaLength: alpha.length });
  return concat([header, alpha, stack.toBytes()]);
}

function assertNumSteps(numSteps: number): void {
  if (!(STEP_COUNTS as readonly number[]).includes(numSteps)) {
    throw new RangeError(`"numSteps" must be one of ${STEP_COUNTS.join(', ')}, got ${numSteps}`);
  }
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.length;
  }
  return bytes;
}
