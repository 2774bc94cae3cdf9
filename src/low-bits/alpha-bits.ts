/**
 * The alpha of an image of 8 bits a sample, by the model of low bits: all of its bits are low ones, and the colours, which
 * are known before, have none. So alpha that is smooth, or that follows from the colours, takes little.
 */
import { CodecError } from '../errors.ts';
import type { Image8 } from '../image/image.ts';
import { AnsStack } from '../rans/ans-stack.ts';
import { NotingBits, PoppingBits } from './bit-port.ts';
import { LowBitModel } from './low-bit-model.ts';
import { MAX_SHIFT, type SplitImage, shiftsOf } from './split.ts';

/** Pixels of an image whose alpha may be coded so: as many take half a second. */
export const MAX_ALPHA_PIXELS = 1 << 16;

/** Encodes the alpha of an image that has one. */
export function encodeAlphaBits(image: Image8): Uint8Array {
  const { channels, data } = image;
  const model = new LowBitModel(splitOf(image));
  const port = new NotingBits((MAX_SHIFT * data.length) / channels);
  for (let i = channels - 1; i < data.length; i += channels) model.code(port, i, data[i]!);
  const stack = new AnsStack();
  port.pushOnto(stack);
  return stack.toBytes();
}

/**
 * Decodes the alpha plane [height, width] of an image whose colours are known.
 * @throws CodecError 'truncated' or 'corrupt'
 */
export function decodeAlphaBits(bytes: Uint8Array, image: Image8): Uint8Array {
  const { height, width, channels } = image;
  const pixels = height * width;
  if (pixels > MAX_ALPHA_PIXELS) {
    throw new CodecError('corrupt', `modelled alpha may have ${MAX_ALPHA_PIXELS} pixels, found ${pixels}`);
  }
  const split = splitOf(image);
  const model = new LowBitModel(split);
  const stack = AnsStack.fromBytes(bytes);
  const port = new PoppingBits(stack);
  const plane = new Uint8Array(pixels);
  for (let pixel = 0; pixel < pixels; pixel++) {
    const index = (pixel + 1) * channels - 1;
    plane[pixel] = model.code(port, index, 0);
    split.samples[index] = plane[pixel]!;
  }
  if (!stack.isPristine) throw new CodecError('corrupt', 'modelled alpha goes on after the last pixel');
  return plane;
}

function splitOf({ height, width, channels, data }: Image8): SplitImage {
  const high = data.slice();
  for (let i = channels - 1; i < high.length; i += channels) high[i] = 0;
  return { height, width, channels, high, samples: Uint16Array.from(data), shifts: shiftsOf(channels, 0) };
}
