/**
 * One stage of the pyramid on the stack: its tiles, chained on the same stack. The decoder takes them in the order of
 * tilesOf, so the encoder goes from the last tile to the first.
 */
import { chainsFor } from '../diffusion/chains.ts';
import { NUM_LARGE_CONDITIONS } from '../diffusion/conditions.ts';
import { NUM_COEFFICIENTS } from '../diffusion/dimensions.ts';
import { halfSize } from '../pyramid/haar.ts';
import type { Stage } from '../pyramid/stages.ts';
import { type Tile, tilesOf as tilesOfStage } from '../pyramid/tiles.ts';
import type { AnsStack } from '../rans/ans-stack.ts';
import { popFlag, pushFlag } from '../rans/bernoulli.ts';
import { CDF_PRECISION } from '../rans/discretised-gaussian.ts';
import { chooseRegression } from './choose-regression.ts';
import type { Coder } from './coder.ts';
import type { MapShape } from './coefficient-maps.ts';
import type { ImageColours } from './colours.ts';
import { ColourData, type DataCodec, PlainData } from './data-codec.ts';
import type { TilePredictor } from './predictor.ts';
import { seededStack } from './seeded-stack.ts';
import { popRegressedStage, pushRegressedStage } from './stage-regression.ts';
import { codedIndices, conditionOfStage, predictorsOf, readTile, writeTile } from './stage-tiles.ts';
import { drawTile, popTile, pushTile, redrawTile, type TileOptions } from './tile-codec.ts';

/** Puts a stage's details on the stack. @param colours only of the finest stage */
export async function pushStage(stack: AnsStack, stage: Stage, coder: Coder, colours?: ImageColours): Promise<void> {
  if (!hasChoice(stage)) return pushDiffusedStage(stack, stage, coder, colours);
  const weighsColours = colours?.startsLate ?? false;
  const bitsOf = diffusionBits(stage, coder, colours);
  const regression = await chooseRegression(stage, coder, { weighsColours, bitsOf });
  if (regression === undefined) await pushDiffusedStage(stack, stage, coder, colours);
  else await pushRegressedStage(stack, stage, coder, regression.noted);
  pushFlag(stack, regression !== undefined, FREQ_OF_REGRESSION);
}

/** Takes a stage's details off the stack and fills its image. @param colours only of the finest stage */
export async function popStage(stack: AnsStack, stage: Stage, coder: Coder, colours?: ImageColours): Promise<void> {
  if (hasChoice(stage) && popFlag(stack, FREQ_OF_REGRESSION)) return popRegressedStage(stack, stage, coder);
  return fillStage(stage, coder, colours, (shape, predictor, options) => popTile(stack, shape, predictor, options));
}

/** What tiles cost with latents, each on bits that are there already; the counts of colours are left as they were. */
const diffusionBits =
  (stage: Stage, coder: Coder, colours?: ImageColours) =>
  async (tiles: readonly Tile[], known: readonly Tile[]): Promise<number> => {
    const { planes } = coder.options;
    const predictorOf = predictorsOf(stage, coder);
    const chains = chainsOf(stage, coder, colours);
    if (colours !== undefined) countTiles(known, stage, { planes, colours, change: 1 });
    let bits = 0;
    for (const tile of tiles) {
      const [u, coded] = [readTile(stage, tile, planes), codedIndices(stage, tile, planes)];
      const data = dataCodec(stage, tile, planes, colours);
      const stack = seededStack();
      bits -= stack.bitLength;
      pushTile(stack, { u, coded }, predictorOf(tile), { chains, data });
      bits += stack.bitLength;
      data.count(u, 1);
      await coder.pause();
    }
    if (colours !== undefined) countTiles([...known, ...tiles], stage, { planes, colours, change: -1 });
    return bits;
  };

/** Smaller stages have too few details to learn from. */
const hasChoice = (stage: Stage): boolean => conditionOfStage(stage) < NUM_LARGE_CONDITIONS;
/** Seven of eight. */
const FREQ_OF_REGRESSION = 7 << (CDF_PRECISION - 3);

async function pushDiffusedStage(stack: AnsStack, stage: Stage, coder: Coder, colours?: ImageColours): Promise<void> {
  const { planes, observer } = coder.options;
  const tiles = tilesOf(stage, coder).reverse();
  const predictorOf = predictorsOf(stage, coder);
  const chains = chainsOf(stage, coder, colours);
  // An encoder works backwards: it takes tile after tile back before it codes it.
  if (colours !== undefined) countTiles(tiles, stage, { planes, colours, change: 1 });
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

const chainsOf = (stage: Stage, { options: { numSteps } }: Coder, colours?: ImageColours): number[] =>
  chainsFor(conditionOfStage(stage), { numSteps, startsLate: colours?.startsLate ?? false });

const dataCodec = (stage: Stage, tile: Tile, planes: 1 | 3, colours?: ImageColours): DataCodec =>
  colours === undefined ? new PlainData(tile.width) : new ColourData(colours.counts, stage, tile, planes);

/** Tells the counts that tiles are decoded already, or that they are not. @param change 1 or -1 */
function countTiles(
  tiles: readonly Tile[],
  stage: Stage,
  { planes, colours, change }: { planes: 1 | 3; colours: ImageColours; change: number },
): void {
  for (const tile of tiles) dataCodec(stage, tile, planes, colours).count(readTile(stage, tile, planes), change);
}
