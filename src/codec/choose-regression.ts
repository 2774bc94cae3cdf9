/**
 * The encoder's choice how a stage is coded: regression where it is large and has much to learn from; where it is small, or the
 * weights of colours may make up for it, by what some tiles cost without latents and with them.
 *
 * Nothing here has to be repeated by a decoder, which is told the choice.
 */
import type { Stage } from '../pyramid/stages.ts';
import type { Tile } from '../pyramid/tiles.ts';
import type { Coder } from './coder.ts';
import { noteBand, regressedTiles } from './stage-regression.ts';

/** Stages of so many tiles are small: all of them are tried. */
const MAX_SMALL = 2;
/** In the middle of a large stage so many tiles are looked at, and the last of them is tried. */
const SAMPLE_TILES = 4;

interface Alternative {
  /** The weights of colours save much with latents. */
  readonly weighsColours: boolean;
  /** What some tiles cost with latents, in bits. */
  readonly bitsOf: (tiles: readonly Tile[]) => Promise<number>;
}

/** True where a stage is to be coded by regression. */
export async function choosesRegression(stage: Stage, coder: Coder, diffusion: Alternative): Promise<boolean> {
  const tiles = regressedTiles(stage);
  const isSmall = tiles.length <= MAX_SMALL;
  if (!isSmall && !diffusion.weighsColours) return true;
  const middle = tiles.length >> 1;
  const sample = isSmall ? tiles : tiles.slice(Math.max(0, middle + 1 - SAMPLE_TILES), middle + 1);
  const { port, starts } = await noteBand(sample, stage, coder);
  const first = isSmall ? 0 : sample.length - 1;
  return port.contentBits(starts[first]) <= (await diffusion.bitsOf(sample.slice(first)));
}
