/**
 * One tile on the stack: bits-back in Bit-Swap order (Kingma et al., arXiv:1905.06845), or directly.
 *
 *     pop y_0 ~ q(y_0 | u);  push u | y_0;  pop y_1 ~ q(y_1 | y_0);  push y_0 | y_1;  ...  push y_T by the prior
 *
 * and the decoder is the same list read upward with push and pop exchanged. Only y_0 needs bits that are on the stack
 * already; where there are too few, the tile is coded without latents and its bits serve the next one.
 */
import { CodecError } from '../errors.ts';
import type { AnsStack } from '../rans/ans-stack.ts';
import { popFlag, pushFlag } from '../rans/bernoulli.ts';
import { popGaussian, pushGaussian } from '../rans/discretised-gaussian.ts';
import type { Gaussians, TilePredictor } from './predictor.ts';
import type { TileObserver } from './tile-observer.ts';

/** Out of 2^20: about one tile in an image is coded directly. */
const FREQ_OF_DIRECT = 1 << 14;
/** |u| of an image stays below 2^11, and so far from this only damaged files get. */
const MAX_LATENT = 1 << 18;

export interface TileCoefficients {
  /** [height, width, 9]; 0 where no coefficient exists. */
  readonly u: Int32Array;
  /** Indices of the coefficients that exist, rising. */
  readonly coded: Int32Array;
}

/** Puts a tile on the stack. */
export function pushTile(
  stack: AnsStack,
  { u, coded }: TileCoefficients,
  predictor: TilePredictor,
  observer?: TileObserver,
): void {
  const mark = stack.mark();
  const y0 = tryPopAround(stack, u, predictor.forwardScale[0]!, coded);
  if (y0 === undefined) {
    stack.rewind(mark);
    pushDirect(stack, { u, coded }, predictor, observer);
  } else {
    pushChain(stack, { u, coded, y0 }, predictor, observer);
  }
  pushFlag(stack, y0 === undefined, FREQ_OF_DIRECT);
}

/** Takes a tile off the stack: undoes pushTile. Returns u, [height, width, 9]. */
export function popTile(stack: AnsStack, coded: Int32Array, size: number, predictor: TilePredictor): Int32Array {
  const isDirect = popFlag(stack, FREQ_OF_DIRECT);
  return isDirect ? popDirect(stack, coded, size, predictor) : popChain(stack, coded, size, predictor);
}

function pushDirect(
  stack: AnsStack,
  { u, coded }: TileCoefficients,
  predictor: TilePredictor,
  observer?: TileObserver,
): void {
  const gaussians = predictor.withoutLatents('direct');
  pushAll(stack, u, gaussians, coded);
  observer?.direct({ u, gaussians, coded });
}

function popDirect(stack: AnsStack, coded: Int32Array, size: number, predictor: TilePredictor): Int32Array {
  return popAll(stack, predictor.withoutLatents('direct'), coded, size);
}

function pushChain(
  stack: AnsStack,
  { u, coded, y0 }: TileCoefficients & { y0: Int32Array },
  predictor: TilePredictor,
  observer?: TileObserver,
): void {
  const { forwardScale } = predictor;
  let previous = u;
  let latent = y0;
  for (let i = 0; ; i++) {
    const gaussians = predictor.reverse(i, latent);
    pushAll(stack, previous, gaussians, coded);
    observer?.reverse(i, { u, previous, latent, gaussians, forwardScale, coded });
    if (i === forwardScale.length - 1) break;
    previous = latent;
    latent = popAround(stack, previous, forwardScale[i + 1]!, coded);
  }
  const prior = predictor.withoutLatents('prior');
  pushAll(stack, latent, prior, coded);
  observer?.prior({ u, latent, gaussians: prior, forwardScale, coded });
}

function popChain(stack: AnsStack, coded: Int32Array, size: number, predictor: TilePredictor): Int32Array {
  const { forwardScale } = predictor;
  let latent = popAll(stack, predictor.withoutLatents('prior'), coded, size);
  for (let i = forwardScale.length - 1; i >= 0; i--) {
    const previous = popAll(stack, predictor.reverse(i, latent), coded, size);
    pushAround(stack, latent, { centre: previous, scale: forwardScale[i]!, coded });
    latent = previous;
  }
  return latent;
}

/** Pushes from the last coefficient to the first, so that popping goes forward. */
function pushAll(stack: AnsStack, values: Int32Array, { mean16, scale }: Gaussians, coded: Int32Array): void {
  for (let i = coded.length - 1; i >= 0; i--) {
    const index = coded[i]!;
    pushGaussian(stack, values[index]!, mean16[index]!, scale[index]!);
  }
}

function popAll(stack: AnsStack, { mean16, scale }: Gaussians, coded: Int32Array, size: number): Int32Array {
  const values = new Int32Array(size);
  for (let i = 0; i < coded.length; i++) {
    const index = coded[i]!;
    values[index] = checked(popGaussian(stack, mean16[index]!, scale[index]!));
  }
  return values;
}

interface Around {
  readonly centre: Int32Array;
  readonly scale: number;
  readonly coded: Int32Array;
}

/** Pushes latents by the rounded Gaussian around `centre`. */
function pushAround(stack: AnsStack, values: Int32Array, { centre, scale, coded }: Around): void {
  for (let i = coded.length - 1; i >= 0; i--) {
    const index = coded[i]!;
    pushGaussian(stack, values[index]!, 16 * centre[index]!, scale);
  }
}

/** Pops latents from the rounded Gaussian around `centre`. */
function popAround(stack: AnsStack, centre: Int32Array, scale: number, coded: Int32Array): Int32Array {
  const values = new Int32Array(centre.length);
  for (let i = 0; i < coded.length; i++) {
    const index = coded[i]!;
    values[index] = checked(popGaussian(stack, 16 * centre[index]!, scale));
  }
  return values;
}

/** undefined when the stack runs out of bits; the caller then rewinds it. */
function tryPopAround(stack: AnsStack, centre: Int32Array, scale: number, coded: Int32Array): Int32Array | undefined {
  try {
    return popAround(stack, centre, scale, coded);
  } catch (error) {
    if (error instanceof CodecError && error.code === 'truncated') return undefined;
    throw error;
  }
}

function checked(value: number): number {
  if (value > MAX_LATENT || value < -MAX_LATENT)
    throw new CodecError('corrupt', `coefficient ${value} is out of range`);
  return value;
}
