/**
 * Maps of coefficients, [height, width, 9], on and off the stack. Only the indices in `coded` are coded; all other
 * values are 0.
 */
import { CodecError } from '../errors.ts';
import type { AnsStack } from '../rans/ans-stack.ts';
import { popGaussian, pushGaussian } from '../rans/discretised-gaussian.ts';
import type { Gaussians } from './gaussians.ts';

/**
 * |u| of an image stays below 2^11; one latent in 2^34 and the coefficients of damaged files may lie further out. Two
 * values within this are less than 2^17 - 1 apart, so that each can be pushed by a Gaussian around the other.
 */
const MAX_LATENT = 0x7fff;

/** What the decoder knows of a map. */
export interface MapShape {
  /** height * width * 9 */
  readonly size: number;
  /** Indices of the coefficients that exist, rising. */
  readonly coded: Int32Array;
}

/** Pushes from the last coefficient to the first, so that popping goes forward. */
export function pushAll(stack: AnsStack, values: Int32Array, { mean16, scale }: Gaussians, coded: Int32Array): void {
  for (let i = coded.length - 1; i >= 0; i--) {
    const index = coded[i]!;
    pushGaussian(stack, values[index]!, mean16[index]!, scale[index]!);
  }
}

/** @throws CodecError 'truncated', or 'corrupt' for a value that no image has. */
export function popAll(stack: AnsStack, { mean16, scale }: Gaussians, { coded, size }: MapShape): Int32Array {
  const values = new Int32Array(size);
  for (let i = 0; i < coded.length; i++) {
    const index = coded[i]!;
    values[index] = checked(popGaussian(stack, mean16[index]!, scale[index]!));
  }
  return values;
}

/** A rounded Gaussian around each value of a map. */
export interface Around {
  readonly centre: Int32Array;
  readonly scale: number;
  readonly coded: Int32Array;
}

export function pushAround(stack: AnsStack, values: Int32Array, { centre, scale, coded }: Around): void {
  for (let i = coded.length - 1; i >= 0; i--) {
    const index = coded[i]!;
    pushGaussian(stack, values[index]!, 16 * centre[index]!, scale);
  }
}

/** @throws CodecError 'truncated', or 'corrupt' for a value that no image has. */
export function popAround(stack: AnsStack, { centre, scale, coded }: Around): Int32Array {
  const values = new Int32Array(centre.length);
  for (let i = 0; i < coded.length; i++) {
    const index = coded[i]!;
    values[index] = checked(popGaussian(stack, 16 * centre[index]!, scale));
  }
  return values;
}

/** @throws CodecError 'corrupt' for a value that no image has. */
export function checked(value: number): number {
  if (value > MAX_LATENT || value < -MAX_LATENT)
    throw new CodecError('corrupt', `coefficient ${value} is out of range`);
  return value;
}
