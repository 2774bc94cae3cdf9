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
import type { PriorTerm, ReverseTerm, TileObserver } from './tile-observer.ts';

/** Out of 2^20: about one tile in an image is coded directly. */
const FREQ_OF_DIRECT = 1 << 14;
/** A pop takes at most CDF_PRECISION bits, but for escapes, of which there is one in a million. */
const MAX_BITS_PER_LATENT = 24;
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
  tile: TileCoefficients,
  predictor: TilePredictor,
  observer?: TileObserver,
): void {
  const isChained = tryPushChain(stack, tile, predictor, observer);
  if (!isChained) pushDirect(stack, tile, predictor, observer);
  pushFlag(stack, !isChained, FREQ_OF_DIRECT);
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

/** Codes a tile with latents, or, when the stack runs out of bits on the way, leaves it as it was and says false. */
function tryPushChain(
  stack: AnsStack,
  tile: TileCoefficients,
  predictor: TilePredictor,
  observer?: TileObserver,
): boolean {
  const canRunOut = stack.bitLength < MAX_BITS_PER_LATENT * predictor.forwardScale.length * tile.coded.length;
  const saved = canRunOut ? stack.save() : undefined;
  try {
    const terms = pushChain(stack, tile, predictor);
    if (observer !== undefined) reportChain(observer, terms);
    return true;
  } catch (error) {
    if (saved === undefined || !(error instanceof CodecError) || error.code !== 'truncated') throw error;
    stack.restore(saved);
    return false;
  }
}

/** What was coded, for observers: the reverse terms from u on, and the prior. */
interface ChainTerms {
  readonly reverse: readonly ReverseTerm[];
  readonly prior: PriorTerm;
}

function pushChain(stack: AnsStack, { u, coded }: TileCoefficients, predictor: TilePredictor): ChainTerms {
  const { forwardScale } = predictor;
  const reverse: ReverseTerm[] = [];
  let previous = u;
  for (const [i, scale] of forwardScale.entries()) {
    const latent = popAround(stack, previous, scale, coded);
    const gaussians = predictor.reverse(i, latent);
    pushAll(stack, previous, gaussians, coded);
    reverse.push({ u, previous, latent, gaussians, forwardScale, coded });
    previous = latent;
  }
  const gaussians = predictor.withoutLatents('prior');
  pushAll(stack, previous, gaussians, coded);
  return { reverse, prior: { u, latent: previous, gaussians, forwardScale, coded } };
}

function reportChain(observer: TileObserver, { reverse, prior }: ChainTerms): void {
  for (const [i, term] of reverse.entries()) observer.reverse(i, term);
  observer.prior(prior);
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

function checked(value: number): number {
  if (value > MAX_LATENT || value < -MAX_LATENT)
    throw new CodecError('corrupt', `coefficient ${value} is out of range`);
  return value;
}
