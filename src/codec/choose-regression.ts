/**
 * The encoder's choice how a stage is coded: regression where it is large and has much to learn from; where it is small, or the
 * weights of colours may make up for it, by what some tiles cost without latents and with them.
 *
 * Nothing here has to be repeated by a decoder, which is told the choice.
 */
import type { Stage } from '../pyramid/stages.ts';
import type { Tile } from '../pyramid/tiles.ts';
import type { Coder } from './coder.ts';
import { bandsOf, type NotedBand, noteBand } from './stage-regression.ts';

/** Tiles to try with latents, at most; stages of no more are small. */
const MAX_TRIED = 2;

interface Alternative {
  /** The weights of colours save much with latents. */
  readonly weighsColours: boolean;
  /** What some tiles cost with latents, in bits. */
  readonly bitsOf: (tiles: readonly Tile[]) => Promise<number>;
}

/** @returns the first band, if regression is the choice */
export async function chooseRegression(
  stage: Stage,
  coder: Coder,
  diffusion: Alternative,
): Promise<NotedBand | undefined> {
  const band = bandsOf(stage)[0]!;
  const noted = await noteBand(band, stage, coder);
  if (band.length > MAX_TRIED && !diffusion.weighsColours) return noted;
  const count = Math.min(band.length, MAX_TRIED);
  const tried = Array.from({ length: count }, (_, i) => Math.floor(((i + 0.5) * band.length) / count));
  const bits = tried.reduce((sum, i) => sum + noted.port.contentBits(noted.starts[i], noted.starts[i + 1]), 0);
  return bits <= (await diffusion.bitsOf(tried.map((i) => band[i]!))) ? noted : undefined;
}
