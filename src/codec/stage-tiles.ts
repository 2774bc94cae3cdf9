/** The tiles of a stage: what predicts them, and their coefficients out of and into the stage's image. */
import { conditionOf } from '../diffusion/conditions.ts';
import { NUM_COEFFICIENTS, NUM_PLANES } from '../diffusion/dimensions.ts';
import { BAND_COUNT, coefficientExists, halfSize, type Size } from '../pyramid/haar.ts';
import { readDetail, type Stage, writeDetail } from '../pyramid/stages.ts';
import type { Tile } from '../pyramid/tiles.ts';
import type { Coder, CoderOptions } from './coder.ts';
import { detailsPredictor, type PredictPass } from './details-predictor.ts';
import { TilePredictor } from './predictor.ts';
import { type ContextNetwork, StageContext } from './stage-context.ts';

export const conditionOfStage = ({ level, height, width }: Stage): number => conditionOf(level, height, width);

/** Predictors of a stage's tiles. */
export function predictorsOf(stage: Stage, { options }: Coder): (tile: Tile) => TilePredictor {
  const { model, engine } = options;
  const condition = model.conditions[conditionOfStage(stage)]!;
  const contexts = contextsOf(stage, options, { engine, trunkFilm: condition.trunkFilm });
  return (tile) => new TilePredictor(engine, condition, tile, contexts.of(tile));
}

/** The same for details without latents. */
export function detailsPredictorsOf(stage: Stage, { options }: Coder): (tile: Tile) => PredictPass {
  const { model, detailsEngine: engine } = options;
  if (engine === undefined) throw new Error('a large stage needs the engine for details');
  const condition = model.details.conditions[conditionOfStage(stage)]!;
  const contexts = contextsOf(stage, options, { engine, trunkFilm: condition.trunkFilm });
  return (tile) => detailsPredictor(engine, condition, tile, contexts.of(tile));
}

/** What a stage's known image says to a network of the model. */
function contextsOf(
  stage: Stage,
  { model, planes }: CoderOptions,
  network: Pick<ContextNetwork, 'engine' | 'trunkFilm'>,
): StageContext {
  return new StageContext({ ...network, architecture: model }, { ...halfSize(stage), planes, data: stage.low });
}

/** Indices in [height, width, 9] of a tile of the coefficients that the stage's image has. */
export function codedIndices(size: Size, tile: Tile, planes: 1 | 3): Int32Array {
  const indices = new Int32Array(tile.height * tile.width * NUM_COEFFICIENTS);
  let count = 0;
  for (let row = 0; row < tile.height; row++) {
    for (let column = 0; column < tile.width; column++) {
      for (let band = 0; band < BAND_COUNT; band++) {
        if (!coefficientExists(size, tile.row + row, tile.column + column, band)) continue;
        const start = (row * tile.width + column) * NUM_COEFFICIENTS + band * NUM_PLANES;
        for (let plane = 0; plane < planes; plane++) indices[count++] = start + plane;
      }
    }
  }
  return indices.subarray(0, count);
}

/** A tile's coefficients as [height, width, 9]; the chroma of gray images is 0. */
export function readTile(stage: Stage, tile: Tile, planes: 1 | 3): Int32Array {
  const detail = readDetail(stage, tile, planes);
  const u = new Int32Array(tile.height * tile.width * NUM_COEFFICIENTS);
  const step = NUM_PLANES / planes;
  for (let i = 0; i < detail.length; i++) u[i * step] = detail[i]!;
  return u;
}

/** Fills a tile's pixels from its coefficients: undoes readTile. */
export function writeTile(stage: Stage, tile: Tile, planes: 1 | 3, u: Int32Array): void {
  const detail = new Int16Array(tile.height * tile.width * BAND_COUNT * planes);
  const step = NUM_PLANES / planes;
  for (let i = 0; i < detail.length; i++) detail[i] = u[i * step]!;
  writeDetail(stage, tile, planes, detail);
}
