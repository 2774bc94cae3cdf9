/**
 * One tile on the stack: bits-back in Bit-Swap order (Kingma et al., arXiv:1905.06845), or directly.
 *
 *     pop y_0 ~ q(y_0 | u);  push u | y_0;  pop y_1 ~ q(y_1 | y_0);  push y_0 | y_1;  ...  push y_T by the prior
 *
 * and the decoder is the same list read upward with push and pop exchanged. Popping needs bits that are on the stack
 * already: up to about 10 a coefficient for a main chain, fewer for a seed chain, none for direct coding without
 * latents. A tile is coded in the best mode that the stack can pay, and its bits serve the next ones.
 */
import { NUM_SEED_CHAINS } from '../diffusion/chains.ts';
import { CodecError } from '../errors.ts';
import type { Chain } from '../model/model.ts';
import type { AnsStack, StackChanges } from '../rans/ans-stack.ts';
import { popFlag, pushFlag } from '../rans/bernoulli.ts';
import { CDF_PRECISION } from '../rans/discretised-gaussian.ts';
import { popUniform, pushUniform } from '../rans/uniform.ts';
import { type MapShape, popAll, popAround, pushAll, pushAround } from './coefficient-maps.ts';
import type { DataCodec, DataModel } from './data-codec.ts';
import type { TilePredictor } from './predictor.ts';
import type { DirectTerm, PriorTerm, ReverseTerm, TileObserver } from './tile-observer.ts';

export interface TileCoefficients {
  /** [height, width, 9]; 0 where no coefficient exists. */
  readonly u: Int32Array;
  readonly coded: Int32Array;
}

export interface TileOptions {
  /** The main chain and the seed chains, as chainsFor gives them. */
  readonly chains: readonly number[];
  readonly data: DataCodec;
  readonly observer?: TileObserver | undefined;
}

/** A way to code a tile: MAIN and the seed chains, which are places in TileOptions.chains, or DIRECT. */
type Mode = number;
const MAIN: Mode = 0;
const DIRECT: Mode = 1 + NUM_SEED_CHAINS;
/** By falling need of bits; the last one needs none. */
const MODES: readonly Mode[] = Array.from({ length: DIRECT + 1 }, (_, mode) => mode);
/** The main chain costs one bit, every other mode these as well. */
const MODE_BITS = 3;
const FREQ_OF_MAIN = 1 << (CDF_PRECISION - 1);

/** A tile of at most this many coefficients is tried in every mode. */
const MAX_TRIED = 1200;

interface Attempt {
  readonly terms: TileTerms;
  readonly changes: StackChanges;
  readonly bitLength: number;
}

/**
 * Puts a tile on the stack in the cheapest of the modes it tries: the first that the stack can pay, direct coding (far
 * cheaper for text and line art, and its network output serves the prior as well), and all modes if the tile is small.
 */
export function pushTile(
  stack: AnsStack,
  tile: TileCoefficients,
  predictor: TilePredictor,
  options: TileOptions,
): void {
  const triesAll = tile.coded.length <= MAX_TRIED;
  stack.mark();
  let best: Attempt | undefined;
  for (const mode of MODES) {
    if (best !== undefined && !triesAll && !isWorthTrying(mode, best, { stack, tile, predictor })) continue;
    const terms = tryPushMode(stack, tile, predictor, { mode, options });
    if (terms !== undefined && (best === undefined || stack.bitLength < best.bitLength)) {
      best = { terms, changes: stack.changes(), bitLength: stack.bitLength };
    }
    stack.rollback();
  }
  if (best === undefined) throw new Error('direct coding needs no bits and cannot fail');
  stack.redo(best.changes);
  if (options.observer !== undefined) report(options.observer, best.terms);
}

/** Even where colours weigh, they hardly save a third of what direct coding costs without them. */
const MAX_DIRECT_RATIO = 1.5;

/** Once a chain is paid, only direct coding is, and that only where it costs not much more without weights of colours. */
function isWorthTrying(
  mode: Mode,
  best: Attempt,
  { stack, tile, predictor }: { stack: AnsStack; tile: TileCoefficients; predictor: TilePredictor },
): boolean {
  if (mode !== DIRECT) return false;
  const before = stack.bitLength;
  pushAll(stack, tile.u, predictor.direct(), tile.coded);
  const bits = stack.bitLength - before;
  stack.rollback();
  return bits < MAX_DIRECT_RATIO * (best.bitLength - before);
}

/** Takes a tile off the stack: undoes pushTile. Returns u, [height, width, 9]. */
export function popTile(
  stack: AnsStack,
  shape: MapShape,
  predictor: TilePredictor,
  { chains, data }: TileOptions,
): Int32Array {
  const mode = popMode(stack);
  if (mode === DIRECT) return data.pop(stack, directModel(predictor), shape);
  return popChain(stack, shape, predictor, { chain: predictor.chains[chains[mode]!]!, data });
}

/** Draws a tile from the model: ancestral sampling along the main chain, by the bits on the stack, which are to be random. */
export function drawTile(
  stack: AnsStack,
  shape: MapShape,
  predictor: TilePredictor,
  { chains, data }: TileOptions,
): Int32Array {
  return popChain(stack, shape, predictor, { chain: predictor.chains[chains[MAIN]!]!, data });
}

/**
 * Adds noise to a tile and lets the model take it away again, along the first latents of the main chain.
 * @param noise share of the chain's latents, 0..1
 * @param refill called before each map, for which it is to put enough random bits on the stack: none come back
 */
export function redrawTile(
  stack: AnsStack,
  { u, coded }: TileCoefficients,
  predictor: TilePredictor,
  { chains, noise, refill }: { chains: readonly number[]; noise: number; refill: () => void },
): Int32Array {
  const chain = predictor.chains[chains[MAIN]!]!;
  const scales = chain.forwardScale.slice(0, Math.round(noise * chain.forwardScale.length));
  let latent = u;
  for (const scale of scales) {
    refill();
    latent = popAround(stack, { centre: latent, scale, coded });
  }
  for (let i = scales.length - 1; i >= 0; i--) {
    refill();
    latent = popAll(stack, predictor.reverse(chain, i, latent), { coded, size: u.length });
  }
  return latent;
}

function pushMode(stack: AnsStack, mode: Mode): void {
  if (mode !== MAIN) pushUniform(stack, mode, MODE_BITS);
  pushFlag(stack, mode === MAIN, FREQ_OF_MAIN);
}

function popMode(stack: AnsStack): Mode {
  if (popFlag(stack, FREQ_OF_MAIN)) return MAIN;
  const mode = popUniform(stack, MODE_BITS);
  if (mode === MAIN || mode > DIRECT) throw new CodecError('corrupt', `a tile states mode ${mode}`);
  return mode;
}

/**
 * Codes a tile in a mode, or says undefined when the stack runs out of bits on the way or its bits make a latent too
 * large; the stack is then to be rolled back.
 */
function tryPushMode(
  stack: AnsStack,
  tile: TileCoefficients,
  predictor: TilePredictor,
  { mode, options }: { mode: Mode; options: TileOptions },
): TileTerms | undefined {
  const { chains, data } = options;
  try {
    const terms =
      mode === DIRECT
        ? pushDirect(stack, tile, predictor, data)
        : pushChain(stack, tile, predictor, { chain: predictor.chains[chains[mode]!]!, data });
    pushMode(stack, mode);
    return terms;
  } catch (error) {
    if (error instanceof CodecError) return undefined;
    throw error;
  }
}

/** What was coded, for observers: the reverse terms from u on and the prior, or u alone. */
interface TileTerms {
  readonly reverse: readonly ReverseTerm[];
  readonly prior?: PriorTerm;
  readonly direct?: DirectTerm;
}

function pushDirect(
  stack: AnsStack,
  { u, coded }: TileCoefficients,
  predictor: TilePredictor,
  data: DataCodec,
): TileTerms {
  const model = directModel(predictor);
  const uBits = data.push(stack, u, model, coded);
  return { reverse: [], direct: { u, gaussians: model.gaussians, coded, uBits } };
}

const directModel = (predictor: TilePredictor): DataModel => ({
  gaussians: predictor.direct(),
  neighbours: predictor.directNeighbours(),
});

interface ChainCoding {
  readonly chain: Chain;
  readonly data: DataCodec;
}

function pushChain(
  stack: AnsStack,
  { u, coded }: TileCoefficients,
  predictor: TilePredictor,
  { chain, data }: ChainCoding,
): TileTerms {
  const { forwardScale } = chain;
  const neighbours = predictor.neighbours(chain);
  const reverse: ReverseTerm[] = [];
  let previous = u;
  for (const [i, scale] of forwardScale.entries()) {
    const latent = popAround(stack, { centre: previous, scale, coded });
    const gaussians = predictor.reverse(chain, i, latent);
    const uBits = i === 0 ? data.push(stack, u, { gaussians, neighbours }, coded) : undefined;
    if (i > 0) pushAll(stack, previous, gaussians, coded);
    reverse.push({ u, previous, latent, gaussians, forwardScale, coded, uBits });
    previous = latent;
  }
  const gaussians = predictor.prior(chain);
  pushAll(stack, previous, gaussians, coded);
  return { reverse, prior: { u, latent: previous, gaussians, forwardScale, coded } };
}

function popChain(
  stack: AnsStack,
  shape: MapShape,
  predictor: TilePredictor,
  { chain, data }: ChainCoding,
): Int32Array {
  const { coded } = shape;
  const neighbours = predictor.neighbours(chain);
  let latent = popAll(stack, predictor.prior(chain), shape);
  for (const [i, scale] of [...chain.forwardScale.entries()].reverse()) {
    const gaussians = predictor.reverse(chain, i, latent);
    const previous = i === 0 ? data.pop(stack, { gaussians, neighbours }, shape) : popAll(stack, gaussians, shape);
    pushAround(stack, latent, { centre: previous, scale, coded });
    latent = previous;
  }
  return latent;
}

function report(observer: TileObserver, { reverse, prior, direct }: TileTerms): void {
  for (const [i, term] of reverse.entries()) observer.reverse(i, term);
  if (prior !== undefined) observer.prior(prior);
  if (direct !== undefined) observer.direct(direct);
}
