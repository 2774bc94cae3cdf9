/**
 * Fits what decoded neighbours tell of details (codec/neighbour-residuals.ts) to images: weights by least squares over
 * residuals, steps of scales by what they save. For whoever makes a model; coding only reads the tables.
 */
import { popAround } from './codec/coefficient-maps.ts';
import type { Gaussians } from './codec/gaussians.ts';
import { NeighbourResiduals, shift16, WEIGHT_UNITS } from './codec/neighbour-residuals.ts';
import { PixelSamples, planeCount } from './codec/planes.ts';
import type { TilePredictor } from './codec/predictor.ts';
import { codedIndices, conditionOfStage, predictorsOf, readTile } from './codec/stage-tiles.ts';
import { NUM_COMMON_CHAINS } from './diffusion/chains.ts';
import { NUM_CONDITIONS } from './diffusion/conditions.ts';
import { NUM_COEFFICIENTS, TIME_GRID } from './diffusion/dimensions.ts';
import type { Image8 } from './image/image.ts';
import { emptyNeighbourTable, type NeighbourTable, NUM_ENERGY_CLASSES, NUM_NEIGHBOURS } from './model/model.ts';
import { encoderOf } from './open-coder.ts';
import type { CodingOptions } from './options.ts';
import { halfSize } from './pyramid/haar.ts';
import { buildPyramid } from './pyramid/stages.ts';
import { type Tile, tilesOf } from './pyramid/tiles.ts';
import { gaussianFreq, NUM_SCALES } from './rans/discretised-gaussian.ts';
import { randomStack } from './sample.ts';

const NUM_INPUTS = NUM_NEIGHBOURS * NUM_COEFFICIENTS;
/** Tiles of a stage that are looked at. */
const TILES_A_STAGE = 2;
/** Positions kept of each kind of Gaussians to choose steps by. */
const MAX_SAMPLES = 12_000;
const MAX_STEP = 32;
/** A step has to save as many bits in the samples. */
const MIN_SAVING = 12;
const RIDGE = 1e-3;

export interface FitOptions extends CodingOptions {
  /**
   * Fits the noise levels at which late chains begin, for images whose colours weigh: without steps of the scales, for
   * narrower Gaussians leave less to the weights of colours. Otherwise all others, and what goes without latents.
   */
  readonly startsLate: boolean;
}

/** [NUM_CONDITIONS][TIME_GRID + 2]: tables for a model; those of noise levels that no such chain begins at are empty. */
export async function fitNeighbours(images: AsyncIterable<Image8>, options: FitOptions): Promise<NeighbourTable[][]> {
  const { startsLate } = options;
  const fits = Array.from({ length: NUM_CONDITIONS }, () =>
    Array.from({ length: TIME_GRID + 2 }, () => new NeighbourFit()),
  );
  const { stack, fill } = randomStack({ seed: 1 });
  for await (const image of images) {
    const { height, width, channels } = image;
    const coder = await encoderOf({ height, width, channels }, 2, options);
    const planes = planeCount(channels);
    for (const stage of buildPyramid(new PixelSamples(image), planes).stages) {
      const condition = conditionOfStage(stage);
      const predictorOf = predictorsOf(stage, coder);
      for (const tile of someTiles(stage)) {
        const predictor = predictorOf(tile);
        const [u, coded] = [readTile(stage, tile, planes), codedIndices(stage, tile, planes)];
        const draw = (scale: number): Int32Array => {
          fill(32 * coded.length);
          return popAround(stack, { centre: u, scale, coded });
        };
        for (const [level, gaussians] of predictions(predictor, draw, startsLate)) {
          fits[condition]![level]!.add(gaussians, { u, coded, width: tile.width });
        }
      }
    }
  }
  return fits.map((row) => row.map((fit) => fit.solve(!startsLate)));
}

function someTiles(stage: { height: number; width: number }): Tile[] {
  const { height, width } = halfSize(stage);
  const tiles = tilesOf(height, width, false);
  const stride = Math.max(1, tiles.length / TILES_A_STAGE);
  return Array.from(
    { length: Math.min(tiles.length, TILES_A_STAGE) },
    (_, i) => tiles[Math.floor((i + 0.5) * stride)]!,
  );
}

/** The Gaussians of u for each noise level that a chain begins at, and without latents. @param draw gives y_0 */
function* predictions(
  predictor: TilePredictor,
  draw: (scale: number) => Int32Array,
  startsLate: boolean,
): Generator<[level: number, Gaussians]> {
  const chains = predictor.chains.filter((_, i) => i >= NUM_COMMON_CHAINS === startsLate);
  const starts = new Map(chains.map((chain) => [chain.levels[0]!, chain]));
  for (const [level, chain] of starts) yield [level, predictor.reverse(chain, 0, draw(chain.forwardScale[0]!))];
  if (!startsLate) yield [TIME_GRID + 1, predictor.direct()];
}

/** A position as it is when its Gaussians are refined. */
interface Sample {
  readonly inputs: Float32Array;
  readonly classes: Uint8Array;
  /** [9] each */
  readonly u: Int32Array;
  readonly mean16: Int32Array;
  readonly scale: Uint8Array;
}

/** Residuals of one kind of Gaussians. */
class NeighbourFit {
  /** [36, 36] and [9, 36]: sums of products. */
  private readonly products = new Float64Array(NUM_INPUTS * NUM_INPUTS);
  private readonly moments = new Float64Array(NUM_COEFFICIENTS * NUM_INPUTS);
  private readonly samples: Sample[] = [];
  private seen = 0;

  add(gaussians: Gaussians, { u, coded, width }: { u: Int32Array; coded: Int32Array; width: number }): void {
    const residuals = new NeighbourResiduals(gaussians, emptyNeighbourTable(), width);
    for (const index of coded) residuals.note(index, u[index]!);
    for (let position = 0; position < u.length / NUM_COEFFICIENTS; position++) {
      const count = residuals.gather(position);
      this.addPosition(residuals.inputs, residuals.residualsOf(position));
      this.keep(residuals, count, { position, gaussians, u });
    }
  }

  /** @param withSteps of the scales, or weights alone */
  solve(withSteps: boolean): NeighbourTable {
    const table = emptyNeighbourTable();
    if (this.seen === 0) return table;
    for (let c = 0; c < NUM_COEFFICIENTS; c++) {
      const moments = this.moments.subarray(c * NUM_INPUTS, (c + 1) * NUM_INPUTS);
      const weights = solveSymmetric(this.products, moments);
      for (const [i, weight] of weights.entries()) {
        table.weights[c * NUM_INPUTS + i] = Math.max(-127, Math.min(127, Math.round(weight * WEIGHT_UNITS)));
      }
    }
    if (withSteps) this.fitSteps(table);
    return table;
  }

  private addPosition(inputs: Float64Array, residuals: Float64Array): void {
    const { products, moments } = this;
    for (let i = 0; i < NUM_INPUTS; i++) {
      const input = inputs[i]!;
      for (let j = 0; j < NUM_INPUTS; j++) products[i * NUM_INPUTS + j]! += input * inputs[j]!;
      for (let c = 0; c < NUM_COEFFICIENTS; c++) moments[c * NUM_INPUTS + i]! += input * residuals[c]!;
    }
  }

  /** Keeps the first positions, then others in the place of older ones, ever fewer. */
  private keep(
    residuals: NeighbourResiduals,
    count: number,
    { position, gaussians, u }: { position: number; gaussians: Gaussians; u: Int32Array },
  ): void {
    this.seen++;
    const index = this.samples.length < MAX_SAMPLES ? this.samples.length : scattered(this.seen);
    if (index >= MAX_SAMPLES) return;
    const [start, end] = [position * NUM_COEFFICIENTS, (position + 1) * NUM_COEFFICIENTS];
    this.samples[index] = {
      inputs: Float32Array.from(residuals.inputs),
      classes: Uint8Array.from({ length: NUM_COEFFICIENTS }, (_, c) => residuals.energyClass(c, count)),
      u: u.slice(start, end),
      mean16: gaussians.mean16.slice(start, end),
      scale: gaussians.scale.slice(start, end),
    };
  }

  private fitSteps(table: NeighbourTable): void {
    for (let c = 0; c < NUM_COEFFICIENTS; c++) {
      const means = this.samples.map((sample) => refinedMean(sample, c, table));
      for (let energy = 0; energy < NUM_ENERGY_CLASSES; energy++) {
        const members = this.samples.flatMap(({ classes, u, scale }, i) =>
          classes[c] === energy ? [{ u: u[c]!, mean16: means[i]!, scale: scale[c]! }] : [],
        );
        table.steps[c * NUM_ENERGY_CLASSES + energy] = bestStep(members);
      }
    }
  }
}

/** Reservoir sampling by a hash of the number of what was seen. */
const scattered = (seen: number): number => (Math.imul(seen, 0x9e3779b1) >>> 0) % seen;

const refinedMean = ({ inputs, mean16, scale }: Sample, c: number, table: NeighbourTable): number =>
  mean16[c]! + shift16(table, c, { inputs, scale: scale[c]! });

interface Coded {
  readonly u: number;
  readonly mean16: number;
  readonly scale: number;
}

function bestStep(members: readonly Coded[]): number {
  const bits = (step: number): number =>
    members.reduce((sum, { u, mean16, scale }) => {
      return sum - Math.log2(gaussianFreq(u, mean16, Math.min(Math.max(scale + step, 0), NUM_SCALES - 1)));
    }, 0);
  const unchanged = bits(0);
  let best = { step: 0, bits: unchanged - MIN_SAVING };
  for (let step = -MAX_STEP; step <= MAX_STEP; step++) {
    const total = bits(step);
    if (total < best.bits) best = { step, bits: total };
  }
  return best.step;
}

/** Solves products x = moments by Cholesky's decomposition. @param products [n, n], positive semidefinite */
function solveSymmetric(products: Float64Array, moments: Float64Array): Float64Array {
  const n = moments.length;
  const lower = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = products[i * n + j]! * (i === j ? 1 + RIDGE : 1) + (i === j ? RIDGE : 0);
      for (let k = 0; k < j; k++) sum -= lower[i * n + k]! * lower[j * n + k]!;
      lower[i * n + j] = i === j ? Math.sqrt(sum) : sum / lower[j * n + j]!;
    }
  }
  const x = Float64Array.from(moments);
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < i; k++) x[i]! -= lower[i * n + k]! * x[k]!;
    x[i]! /= lower[i * n + i]!;
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let k = i + 1; k < n; k++) x[i]! -= lower[k * n + i]! * x[k]!;
    x[i]! /= lower[i * n + i]!;
  }
  return x;
}
