/**
 * The encoder's choice how a stage is coded: where it is small, by what its tiles cost without latents and with them; regression
 * where it is large, for that then has much to learn from, and latents only win where the weights of colours make up for it.
 *
 * Nothing here has to be repeated by a decoder, which is told the choice.
 */
import type { Stage } from '../pyramid/stages.ts';
import type { Tile } from '../pyramid/tiles.ts';
import type { Coder } from './coder.ts';
import { bandsOf, type NotedBand, noteBand } from './stage-regression.ts';

/** More tiles are not tried with latents. */
const MAX_TRIED = 2;

/** @param diffusionBits gives the cost of some tiles with latents  @returns the first band if regression pays */
export async function chooseRegression(
  stage: Stage,
  coder: Coder,
  diffusionBits: (tiles: readonly Tile[]) => Promise<number>,
): Promise<NotedBand | undefined> {
  const band = bandsOf(stage)[0]!;
  const noted = await noteBand(band, stage, coder);
  if (band.length > MAX_TRIED) return noted;
  const bits = noted.port.contentBits();
  return bits <= (await diffusionBits(band)) ? noted : undefined;
}
