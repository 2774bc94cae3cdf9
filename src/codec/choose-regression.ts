/**
 * The encoder's choice how a stage is coded: what its first band costs without latents, exactly, against what some of that band's
 * tiles cost with them.
 *
 * Nothing here has to be repeated by a decoder, which is told the choice.
 */
import type { Stage } from '../pyramid/stages.ts';
import type { Tile } from '../pyramid/tiles.ts';
import type { Coder } from './coder.ts';
import { bandsOf, type NotedBand, noteBand } from './stage-regression.ts';

/** Tiles to try with latents, at most. */
const MAX_TRIED = 4;

/** @param diffusionBits gives the cost of each of some tiles with latents, in their order  @returns the first band if regression pays */
export async function chooseRegression(
  stage: Stage,
  coder: Coder,
  diffusionBits: (tiles: readonly Tile[]) => Promise<number>,
): Promise<NotedBand | undefined> {
  const band = bandsOf(stage)[0]!;
  const noted = await noteBand(band, stage, coder);
  const stride = Math.max(1, band.length / MAX_TRIED);
  const count = Math.min(band.length, MAX_TRIED);
  const tried = Array.from({ length: count }, (_, i) => Math.floor((i + 0.5) * stride));
  let bits = 0;
  for (const i of tried) bits += noted.port.contentBits(noted.starts[i]!, noted.starts[i + 1]);
  return bits <= (await diffusionBits(tried.map((i) => band[i]!))) ? noted : undefined;
}
