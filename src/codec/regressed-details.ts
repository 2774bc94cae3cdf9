/**
 * Details without latents, by what the image itself has taught so far. The network's Gaussians are a first guess, pass by pass
 * (src/diffusion/passes.ts); a regression moves their means by the details decoded before, the network's other means and the low
 * image around; the deviations follow the errors nearby, and the shape is a mixture whose weights are learned. What the integer
 * transforms round away is taken into account (src/pyramid/rounding-shifts.ts), and blocks in which channels are clipped, so that
 * one plane follows from the others, are learned apart.
 *
 * Nothing depends on latents, so an encoder can learn forward, as a decoder does, before it pushes anything.
 *
 * Doubles with IEEE + - * / and floor alone, in the order written here.
 */
import { NUM_COEFFICIENTS, NUM_PLANES, ROUNDING_VARIANCE } from '../diffusion/dimensions.ts';
import { BANDS, type Block, D } from '../pyramid/block-details.ts';
import { coefficientExists, halfSize } from '../pyramid/haar.ts';
import { CODING_ORDERS, RoundingShifts } from '../pyramid/rounding-shifts.ts';
import type { KnownStage } from '../pyramid/stages.ts';
import type { Tile } from '../pyramid/tiles.ts';
import { blueOf, greenOf, redOf } from '../pyramid/ycocg.ts';
import { scaleIndexForVariance } from '../rans/discretised-gaussian.ts';
import { GaussianMixture, NUM_COMPONENTS } from '../rans/gaussian-mixture.ts';
import { BlendedRegression } from './blended-regression.ts';
import { ClippedBlocks } from './clipped-blocks.ts';
import { checked } from './coefficient-maps.ts';
import type { PredictPass } from './details-predictor.ts';
import { classOfDetail, NUM_CLASSES, type Surroundings } from './error-classes.ts';
import { emptyGaussians, type Gaussians } from './gaussians.ts';
import { DEVIATIONS16, MAX_MEAN16 } from './neighbour-residuals.ts';
import { inDeviations, type Pass, passesOf, RegressionInputs, type TileState } from './regression-inputs.ts';
import type { SymbolPort } from './symbol-port.ts';

/** The most that an error counts, in squared deviations. */
const MAX_SQUARE = 25;
const VARIANCE_RATE = 1 / 128;
const MIN_VARIANCE = 1 / 512;
const FIRST_WEIGHTS = [0.02, 0.16, 0.64, 0.16, 0.02];
const WEIGHT_RATE = 1 / 64;

/** What is learned of blocks of one kind. */
interface Regime {
  /** By the index of the pass. */
  readonly regressions: readonly BlendedRegression[];
  /** [9, classes]: squares of errors in units of the network's variance. */
  readonly variances: Float64Array;
  /** [9, classes, components] */
  readonly weights: Float64Array;
}

function newRegime(passes: readonly Pass[]): Regime {
  const regressions: BlendedRegression[] = [];
  for (const { index, numInputs, targets } of passes) {
    regressions[index] = new BlendedRegression(numInputs, targets.length);
  }
  const numEntries = NUM_COEFFICIENTS * NUM_CLASSES;
  const weights = Float64Array.from(
    { length: numEntries * NUM_COMPONENTS },
    (_, i) => FIRST_WEIGHTS[i % NUM_COMPONENTS]!,
  );
  return { regressions, variances: new Float64Array(numEntries).fill(1), weights };
}

/** Means this near to an end of the range are of values that were clipped there, most of them. */
const CLIPPED_RANGE = 3;
const MAX_SAMPLE = 255;

/** A bit for each of red, green and blue that is clipped in a block, or one for gray. */
function clippedChannels({ low, lowBase }: Block, planes: 1 | 3): number {
  if (planes === 1) return isClipped(low[lowBase]!);
  const [y, co, cg] = [low[lowBase]!, low[lowBase + 1]!, low[lowBase + 2]!];
  return isClipped(redOf(y, co, cg)) | (isClipped(greenOf(y, cg)) << 1) | (isClipped(blueOf(y, co, cg)) << 2);
}

const isClipped = (value: number): number => (value <= CLIPPED_RANGE || value >= MAX_SAMPLE - CLIPPED_RANGE ? 1 : 0);

/** The block at hand. */
interface Place extends Block {
  /** In the tile. */
  position: number;
  lowBase: number;
  base: number;
}

/** A detail that is to be coded. */
interface Expected {
  readonly c: number;
  readonly base: number;
  /** 16 times the mean of the detail with what is rounded away, and that. */
  readonly mean16: number;
  readonly shift16: number;
}

export class RegressedDetails {
  private readonly stage: KnownStage;
  private readonly planes: 1 | 3;
  private readonly order: readonly number[];
  private readonly passes: readonly Pass[];
  private readonly inputs: RegressionInputs;
  private readonly shifts: RoundingShifts;
  /** Of a photograph's own pixels in colour. */
  private readonly clipped: ClippedBlocks | undefined;
  /** By clippedChannels. */
  private readonly regimes: Regime[] = [];
  private readonly mixture = new GaussianMixture();

  constructor(stage: KnownStage, planes: 1 | 3) {
    this.stage = stage;
    this.planes = planes;
    this.order = CODING_ORDERS[planes];
    this.passes = passesOf(planes);
    this.inputs = new RegressionInputs(stage, planes);
    const isColoured = stage.level === 0 && planes === NUM_PLANES;
    this.shifts = new RoundingShifts(isColoured);
    this.clipped = isColoured ? new ClippedBlocks() : undefined;
  }

  /**
   * Codes the details u of a tile, [height, width, 9], which a decoder's port writes.
   *
   * @returns what the network said of them
   * @throws CodecError 'truncated' or 'corrupt'
   */
  code(port: SymbolPort, tile: Tile, predict: PredictPass, u: Int32Array): Gaussians {
    const gaussians = emptyGaussians(tile);
    const [exact16, squares] = [new Int32Array(u.length), new Float64Array(u.length)];
    const state = { u, gaussians, exact16, squares };
    this.clipped?.startTile(tile);
    for (const pass of this.passes) {
      predict(pass.index, u, gaussians);
      this.codePass(port, tile, state, pass);
    }
    return gaussians;
  }

  private codePass(port: SymbolPort, tile: Tile, state: TileState, pass: Pass): void {
    const { stage, planes, inputs } = this;
    const { width } = halfSize(stage);
    const place = { low: stage.low, lowBase: 0, u: state.u, base: 0, position: 0 };
    for (let row = tile.row; row < tile.row + tile.height; row++) {
      for (let column = tile.column; column < tile.column + tile.width; column++) {
        place.lowBase = (row * width + column) * planes;
        inputs.findNeighbours(place.position, tile.width);
        const isWhole = 2 * row + 1 < stage.height && 2 * column + 1 < stage.width;
        if (isWhole) this.codeBlock(port, state, pass, place);
        else this.codePartly(port, state, pass, { base: place.base, row, column });
        place.position++;
        place.base += NUM_COEFFICIENTS;
      }
    }
  }

  private codeBlock(port: SymbolPort, state: TileState, pass: Pass, place: Place): void {
    const { targets, sample, numInputs } = pass;
    const { base, position } = place;
    const { mean16: means16, scale } = state.gaussians;
    const regime = this.regimeOf(clippedChannels(place, this.planes));
    const regression = regime.regressions[pass.index]!;
    this.inputs.gather(state, pass, place);
    for (let target = 0; target < targets.length; target++) {
      const c = targets[target]!;
      const guess16 = means16[base + c]!;
      const deviation16 = DEVIATIONS16[scale[base + c]!]!;
      const shift16 = this.shifts.shift16(c, place);
      const mean16 = guess16 + regression.predict(target, sample) * deviation16;
      if (c === D) this.clipped?.code(port, position, place);
      const isKnown = c % NUM_PLANES === 0 && this.clipped?.follows(position) === true;
      const expected = { c, base, mean16, shift16 };
      if (isKnown) note(state, expected);
      else this.codeDetail(port, state, regime, expected);
      sample[numInputs + target] = inDeviations((state.exact16[base + c]! - guess16) / deviation16);
    }
    regression.learn(sample);
  }

  /** A block that lacks pixels: nothing is known of its rounding, and the regression has no part in it. */
  private codePartly(
    port: SymbolPort,
    state: TileState,
    { targets }: Pass,
    { base, row, column }: { base: number; row: number; column: number },
  ): void {
    const regime = this.regimeOf(0);
    for (const c of targets) {
      if (!coefficientExists(this.stage, row, column, BANDS.indexOf(c - (c % NUM_PLANES)))) continue;
      const expected = { c, base, mean16: state.gaussians.mean16[base + c]!, shift16: 0 };
      this.codeDetail(port, state, regime, expected);
    }
  }

  /** Codes a detail, and learns from its error. */
  private codeDetail(port: SymbolPort, state: TileState, { variances, weights }: Regime, expected: Expected): void {
    const { mixture, order, inputs } = this;
    const { c, base, mean16, shift16 } = expected;
    const { u, gaussians, squares } = state;
    const networkScale = gaussians.scale[base + c]!;
    const around: Surroundings = { squares, neighbours: inputs.neighbours, order };
    const entry = c * NUM_CLASSES + classOfDetail(c, base, networkScale, around);
    const deviation = DEVIATIONS16[networkScale]! / 16;
    const variance = variances[entry]! * deviation * deviation - ROUNDING_VARIANCE;
    const scale = scaleIndexForVariance(Math.max(variance, MIN_VARIANCE));
    const rounded16 = clamp(Math.floor(mean16 - shift16 + 0.5), MAX_MEAN16);
    mixture.set(rounded16, scale, weights, entry * NUM_COMPONENTS);
    const wanted = u[base + c]!;
    const bin = port.mixtureBin(mixture, mixture.binOf(wanted));
    const isFar = mixture.isEscape(bin);
    u[base + c] = checked(isFar ? port.gaussian(rounded16, mixture.widestScale, wanted) : mixture.centre + bin);
    mixture.learn(bin, weights, entry * NUM_COMPONENTS, WEIGHT_RATE);
    note(state, expected);
    variances[entry] = variances[entry]! + VARIANCE_RATE * (squares[base + c]! - variances[entry]!);
  }

  private regimeOf(channels: number): Regime {
    this.regimes[channels] ??= newRegime(this.passes);
    return this.regimes[channels];
  }
}

/** For the details that follow: the detail with what was rounded away, and the square of its error in the network's variance. */
function note({ u, gaussians, exact16, squares }: TileState, { c, base, mean16, shift16 }: Expected): void {
  const index = base + c;
  exact16[index] = 16 * u[index]! + shift16;
  const error = (exact16[index]! - mean16) / DEVIATIONS16[gaussians.scale[index]!]!;
  squares[index] = Math.min(error * error, MAX_SQUARE);
}

const clamp = (value: number, limit: number): number => Math.min(Math.max(value, -limit), limit);
