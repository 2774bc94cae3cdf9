/**
 * One stage of the pyramid on the stack: its tiles, chained on the same stack. The decoder takes them in the order of
 * tilesOf, so the encoder goes from the last tile to the first.
 */
import { chainsFor } from '../diffusion/chains.ts';
import { conditionOf } from '../diffusion/conditions.ts';
import { NUM_COEFFICIENTS, NUM_PLANES } from '../diffusion/dimensions.ts';
import { BAND_COUNT, coefficientExists, halfSize, type Size } from '../pyramid/haar.ts';
import { readDetail, type Stage, writeDetail } from '../pyramid/stages.ts';
import { type Tile, tilesOf as tilesOfStage } from '../pyramid/tiles.ts';
import type { AnsStack } from '../rans/ans-stack.ts';
import type { Coder } from './coder.ts';
import type { MapShape } from './coefficient-maps.ts';
import type { ImageColours } from './colours.ts';
import { ColourData, type DataCodec, PlainData } from './data-codec.ts';
import { TilePredictor } from './predictor.ts';
import { StageContext } from './stage-context.ts';
import { drawTile, popTile, pushTile, redrawTile, type TileOptions } from './tile-codec.ts';

/** Puts a stage's details on the stack. @param colours only of the finest stage */
export async function pushStage(stack: AnsStack, stage: Stage, coder: Coder, colours?: ImageColours): Promise<void> {
  const { planes, observer } = coder.options;
  const tiles = tilesOf(stage, coder).reverse();
  const predictorOf = predictorsOf(stage, coder);
  const chains = chainsOf(stage, coder, colours);
  if (colours !== undefined) countTiles(tiles, stage, planes, colours);
  for (const tile of tiles) {
    const coded = codedIndices(stage, tile, planes);
    const u = readTile(stage, tile, planes);
    const data = dataCodec(stage, tile, planes, colours);
    data.count(u, -1);
    const options = { chains, data, observer };
    observer?.tile?.(stage, tile);
    pushTile(stack, { u, coded }, predictorOf(tile), options);
    await coder.tileDone(coded.length);
  }
}

/** Takes a stage's details off the stack and fills its image. @param colours only of the finest stage */
export function popStage(stack: AnsStack, stage: Stage, coder: Coder, colours?: ImageColours): Promise<void> {
  return fillStage(stage, coder, colours, (shape, predictor, options) => popTile(stack, shape, predictor, options));
}

/** Draws a stage's details from the model and fills its image. @param fill puts at least so many random bits on the stack */
export function drawStage(stack: AnsStack, stage: Stage, coder: Coder, fill: (bits: number) => void): Promise<void> {
  return fillStage(stage, coder, undefined, (shape, predictor, options) => {
    fill(MAX_BITS_TAKEN * shape.coded.length);
    return drawTile(stack, shape, predictor, options);
  });
}

/** Two stages of equal size, and how much of the second one goes into the mixture. */
export interface Mixture {
  readonly from: Stage;
  readonly to: Stage;
  /** 0..1 */
  readonly weight: number;
  /** As redrawTile has it. */
  readonly noise: number;
}

/** Fills a stage's image with the details of two others, mixed, with noise that the model takes away. @param fill as drawStage */
export function mixStage(
  stack: AnsStack,
  stage: Stage,
  coder: Coder,
  { mixture, fill }: { mixture: Mixture; fill: (bits: number) => void },
): Promise<void> {
  const { from, to, weight, noise } = mixture;
  const { planes } = coder.options;
  const chains = chainsOf(stage, coder);
  return fillStage(stage, coder, undefined, ({ coded }, predictor, _options, tile) => {
    const refill = () => fill(MAX_BITS_TAKEN * coded.length);
    const ends = readTile(to, tile, planes);
    const u = readTile(from, tile, planes).map((value, i) => Math.round(value + weight * (ends[i]! - value)));
    return redrawTile(stack, { u, coded }, predictor, { chains, noise, refill });
  });
}

/** More than a tile takes from the stack before it gives back, in bits a coefficient. */
const MAX_BITS_TAKEN = 32;

async function fillStage(
  stage: Stage,
  coder: Coder,
  colours: ImageColours | undefined,
  take: (shape: MapShape, predictor: TilePredictor, options: TileOptions, tile: Tile) => Int32Array,
): Promise<void> {
  const { planes } = coder.options;
  const predictorOf = predictorsOf(stage, coder);
  const chains = chainsOf(stage, coder, colours);
  for (const tile of tilesOf(stage, coder)) {
    const coded = codedIndices(stage, tile, planes);
    const size = tile.height * tile.width * NUM_COEFFICIENTS;
    const data = dataCodec(stage, tile, planes, colours);
    const u = take({ coded, size }, predictorOf(tile), { chains, data }, tile);
    writeTile(stage, tile, planes, u);
    await coder.tileDone(coded.length);
  }
}

const tilesOf = (stage: Stage, { options: { isChained } }: Coder): Tile[] => {
  const { height, width } = halfSize(stage);
  return tilesOfStage(height, width, stage.level === 0 && !isChained);
};

export const conditionOfStage = ({ level, height, width }: Stage): number => conditionOf(level, height, width);

const chainsOf = (stage: Stage, { options: { numSteps } }: Coder, colours?: ImageColours): number[] =>
  chainsFor(conditionOfStage(stage), { numSteps, startsLate: colours?.startsLate ?? false });

const dataCodec = (stage: Stage, tile: Tile, planes: 1 | 3, colours?: ImageColours): DataCodec =>
  colours === undefined ? new PlainData(tile.width) : new ColourData(colours.counts, stage, tile, planes);

/** Counts the whole image: the encoder, which works backwards, then takes tile after tile back. */
function countTiles(tiles: readonly Tile[], stage: Stage, planes: 1 | 3, colours: ImageColours): void {
  for (const tile of tiles) dataCodec(stage, tile, planes, colours).count(readTile(stage, tile, planes), 1);
}

/** Predictors of a stage's tiles. */
export function predictorsOf(stage: Stage, { options }: Coder): (tile: Tile) => TilePredictor {
  const known = { ...halfSize(stage), planes: options.planes, data: stage.low };
  const condition = conditionOfStage(stage);
  const contexts = new StageContext(options, known, condition);
  return (tile) => new TilePredictor(options.engine, options.model.conditions[condition]!, tile, contexts.of(tile));
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

function writeTile(stage: Stage, tile: Tile, planes: 1 | 3, u: Int32Array): void {
  const detail = new Int16Array(tile.height * tile.width * BAND_COUNT * planes);
  const step = NUM_PLANES / planes;
  for (let i = 0; i < detail.length; i++) detail[i] = u[i * step]!;
  writeDetail(stage, tile, planes, detail);
}
