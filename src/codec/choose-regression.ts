/**
 * The encoder's choice how a stage is coded: regression, unless the weights of colours may make up for it. Then it is by what a
 * small stage, or a part of a large one, costs without latents and with them.
 *
 * Nothing here has to be repeated by a decoder, which is told the choice.
 */
import type { Stage } from '../pyramid/stages.ts';
import type { Tile } from '../pyramid/tiles.ts';
import type { Coder } from './coder.ts';
import { type NotedBand, noteBand, regressedTiles } from './stage-regression.ts';

/** Stages of so many tiles are small: all of them are tried. */
const MAX_SMALL = 2;
/** Of a large stage so many parts of its middle tile, of this side, are looked at, and the last of them is tried. */
const SAMPLE_PARTS = 2;
const PART_SIDE = 32;

interface Alternative {
  /** The weights of colours save much with latents. */
  readonly weighsColours: boolean;
  /** What tiles of the stage, or parts of them, cost with latents, in bits; others are known. */
  readonly bitsOf: (tiles: readonly Tile[], known: readonly Tile[]) => Promise<number>;
}

/** @returns undefined where latents are the choice; else regression's, with the band of a small stage, which has been noted */
export async function chooseRegression(
  stage: Stage,
  coder: Coder,
  diffusion: Alternative,
): Promise<{ readonly noted?: NotedBand } | undefined> {
  if (!diffusion.weighsColours) return {};
  const tiles = regressedTiles(stage);
  if (tiles.length <= MAX_SMALL) {
    const noted = await noteBand(tiles, stage, coder);
    return noted.port.contentBits() > (await diffusion.bitsOf(tiles, [])) ? undefined : { noted };
  }
  const middle = tiles.length >> 1;
  const parts = partsOf(tiles[middle]!);
  const { port, starts } = await noteBand(parts, stage, coder);
  const bits = await diffusion.bitsOf(parts.slice(-1), tiles.slice(0, middle));
  return port.contentBits(starts.at(-1)) > bits ? undefined : {};
}

/** Parts of a tile, one after the other along its longer side. */
function partsOf({ row, column, height, width }: Tile): Tile[] {
  const isHigh = height > width;
  const side = Math.min(PART_SIDE, Math.floor(Math.max(height, width) / SAMPLE_PARTS));
  const size = { height: Math.min(side, height), width: Math.min(side, width) };
  return Array.from({ length: SAMPLE_PARTS }, (_, i) => ({
    row: row + (isHigh ? i * side : 0),
    column: column + (isHigh ? 0 : i * side),
    ...size,
  }));
}
