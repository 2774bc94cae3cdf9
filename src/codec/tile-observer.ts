/** What a tile's encoder can tell while it works, for rate reports; the stream does not depend on it. */
import type { KnownStage } from '../pyramid/stages.ts';
import type { Tile } from '../pyramid/tiles.ts';
import type { Gaussians } from './gaussians.ts';

/** Arrays are [height, width, 9]; `coded` lists the indices that count. */
export interface ReverseTerm {
  readonly u: Int32Array;
  /** What was coded: u, or the latent before `latent`. */
  readonly previous: Int32Array;
  readonly latent: Int32Array;
  readonly gaussians: Gaussians;
  readonly forwardScale: Uint8Array;
  readonly coded: Int32Array;
  /** Information content of u, which neighbours and the weights of colours make less than that of its Gaussians; undefined for latents. */
  readonly uBits?: number | undefined;
}

export type PriorTerm = Omit<ReverseTerm, 'previous' | 'uBits'>;

export interface DirectTerm {
  /** The Gaussians of a pass know the details of the passes before (src/diffusion/passes.ts). */
  readonly isInPasses?: boolean | undefined;
  readonly u: Int32Array;
  readonly gaussians: Gaussians;
  readonly coded: Int32Array;
  /** As in ReverseTerm. */
  readonly uBits?: number | undefined;
}

export interface TileObserver {
  /** The next terms are of this tile. */
  tile?(stage: KnownStage, tile: Tile): void;
  /** The tile was coded without latents. */
  direct(term: DirectTerm): void;
  /** u was coded given y_0 (i = 0), or y_(i-1) given y_i. */
  reverse(i: number, term: ReverseTerm): void;
  /** The last latent was coded. */
  prior(term: PriorTerm): void;
}
