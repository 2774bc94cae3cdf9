/**
 * A stage without latents (regressed-details.ts), in bands of tiles, each of which begins to learn anew: that bounds what an
 * encoder has to remember, which learns forward, like the decoder, and pushes backward.
 */
import { NUM_COEFFICIENTS } from '../diffusion/dimensions.ts';
import { halfSize } from '../pyramid/haar.ts';
import type { Stage } from '../pyramid/stages.ts';
import { type Tile, tilesOf } from '../pyramid/tiles.ts';
import type { AnsStack } from '../rans/ans-stack.ts';
import type { Coder } from './coder.ts';
import type { Gaussians } from './gaussians.ts';
import { RegressedDetails } from './regressed-details.ts';
import { codedIndices, detailsPredictorsOf, readTile, writeTile } from './stage-tiles.ts';
import { NotingPort, PoppingPort } from './symbol-port.ts';

/** Tiles of a band: up to a million pixels. */
const BAND_TILES = 64;

/** The tiles of a stage, of which none is cut. */
export function regressedTiles(stage: Stage): Tile[] {
  const { height, width } = halfSize(stage);
  return tilesOf(height, width, false);
}

function bandsOf(stage: Stage): Tile[][] {
  const tiles = regressedTiles(stage);
  return Array.from({ length: Math.ceil(tiles.length / BAND_TILES) }, (_, i) =>
    tiles.slice(i * BAND_TILES, (i + 1) * BAND_TILES),
  );
}

/** A band's symbols, and which of them begin its tiles. */
export interface NotedBand {
  readonly port: NotingPort;
  readonly starts: readonly number[];
  /** What the network said of each tile, for whoever observes. */
  readonly gaussians: readonly Gaussians[];
}

export async function noteBand(band: readonly Tile[], stage: Stage, coder: Coder): Promise<NotedBand> {
  const { planes, observer } = coder.options;
  const predictorOf = detailsPredictorsOf(stage, coder);
  const details = new RegressedDetails(stage, planes);
  const port = new NotingPort();
  const starts: number[] = [];
  const gaussians: Gaussians[] = [];
  for (const tile of band) {
    starts.push(port.count);
    const said = details.code(port, tile, predictorOf(tile), readTile(stage, tile, planes));
    if (observer !== undefined) gaussians.push(said);
    await coder.pause();
  }
  return { port, starts, gaussians };
}

/** Puts a stage's details on the stack. @param only of a stage of one band: that, if it has been noted */
export async function pushRegressedStage(stack: AnsStack, stage: Stage, coder: Coder, only?: NotedBand): Promise<void> {
  const { planes, observer } = coder.options;
  for (const band of bandsOf(stage).reverse()) {
    const { port, starts, gaussians } = only ?? (await noteBand(band, stage, coder));
    port.pushOnto(stack);
    for (const [j, tile] of band.entries()) {
      const coded = codedIndices(stage, tile, planes);
      if (observer !== undefined) {
        const uBits = port.contentBits(starts[j], starts[j + 1]);
        observer.tile?.(stage, tile);
        observer.direct({ u: readTile(stage, tile, planes), gaussians: gaussians[j]!, coded, uBits, isInPasses: true });
      }
      await coder.tileDone(coded.length);
    }
  }
}

/** Undoes pushRegressedStage: fills the stage's image. @throws CodecError 'truncated' or 'corrupt' */
export async function popRegressedStage(stack: AnsStack, stage: Stage, coder: Coder): Promise<void> {
  const { planes } = coder.options;
  const predictorOf = detailsPredictorsOf(stage, coder);
  const port = new PoppingPort(stack);
  for (const band of bandsOf(stage)) {
    const details = new RegressedDetails(stage, planes);
    for (const tile of band) {
      const coded = codedIndices(stage, tile, planes);
      const u = new Int32Array(tile.height * tile.width * NUM_COEFFICIENTS);
      details.code(port, tile, predictorOf(tile), u);
      writeTile(stage, tile, planes, u);
      await coder.tileDone(coded.length);
    }
  }
}
