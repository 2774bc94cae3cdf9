/**
 * The encoder's choice how a stage is coded: regression where it is large and has much to learn from; where it is small, or the
 * weights of colours may make up for it, by what some tiles cost without latents and with them.
 *
 * Nothing here has to be repeated by a decoder, which is told the choice.
 */
import type { Stage } from '../pyramid/stages.ts';
import type { Coder } from './coder.ts';
import { type NotedBand, noteBand, regressedTiles } from './stage-regression.ts';

/** Stages of so many tiles are small: all of them are tried. */
const MAX_SMALL = 2;
/** In the middle of a large stage so many tiles are looked at, and the last of them is tried. */
const SAMPLE_TILES = 2;

interface Alternative {
  /** The weights of colours save much with latents. */
  readonly weighsColours: boolean;
  /** What the tiles of the stage from one on to before another cost with latents, in bits. */
  readonly bitsOf: (from: number, to: number) => Promise<number>;
}

/** @returns undefined where latents are the choice; else regression's, with the band of a small stage, which has been noted */
export async function chooseRegression(
  stage: Stage,
  coder: Coder,
  diffusion: Alternative,
): Promise<{ readonly noted?: NotedBand } | undefined> {
  const tiles = regressedTiles(stage);
  const isSmall = tiles.length <= MAX_SMALL;
  if (!isSmall && !diffusion.weighsColours) return {};
  const end = isSmall ? tiles.length : (tiles.length >> 1) + 1;
  const start = Math.max(0, end - SAMPLE_TILES);
  const tried = isSmall ? 0 : end - 1;
  const noted = await noteBand(tiles.slice(start, end), stage, coder);
  if (noted.port.contentBits(noted.starts[tried - start]) > (await diffusion.bitsOf(tried, end))) return undefined;
  return isSmall ? { noted } : {};
}
