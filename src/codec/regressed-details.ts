/**
 * Details without latents, by what the image itself has taught so far. The network's Gaussians are a first guess; a regression
 * moves their means by the details decoded before, the network's means and the low image around; the deviations follow the errors
 * nearby, and the shape is a mixture whose weights are learned. What the integer transforms round away is taken into
 * account (rounding-shifts.ts), and blocks in which channels are clipped, so that one plane follows from the others, are learned
 * apart.
 *
 * Nothing depends on latents, so an encoder can learn forward, as a decoder does, before it pushes anything.
 *
 * Doubles with IEEE + - * / and floor alone, in the order written here.
 */
import { NUM_COEFFICIENTS, NUM_PLANES, ROUNDING_VARIANCE } from '../diffusion/dimensions.ts';
import { BAND_COUNT, coefficientExists, halfSize } from '../pyramid/haar.ts';
import type { KnownStage } from '../pyramid/stages.ts';
import type { Tile } from '../pyramid/tiles.ts';
import { blueOf, greenOf, redOf } from '../pyramid/ycocg.ts';
import { scaleIndexForVariance } from '../rans/discretised-gaussian.ts';
import { GaussianMixture, NUM_COMPONENTS } from '../rans/gaussian-mixture.ts';
import { type Block, D, H, V } from '../pyramid/block-details.ts';
import { checked } from './coefficient-maps.ts';
import { DEVIATIONS16, MAX_MEAN16 } from './neighbour-residuals.ts';
import type { Gaussians } from './predictor.ts';
import { CODING_ORDERS, RoundingShifts } from '../pyramid/rounding-shifts.ts';
import { SequentialRegression } from './sequential-regression.ts';
import type { SymbolPort } from './symbol-port.ts';

/** Rows and columns from a position to its neighbours: decoded ones, and those of the low image. */
const NEIGHBOURS = [
  [0, -1],
  [-1, 0],
  [-1, -1],
  [-1, 1],
] as const;
const LOW_NEIGHBOURS = [
  [-1, 0],
  [0, -1],
  [0, 1],
  [1, 0],
  [-1, -1],
  [-1, 1],
  [1, -1],
  [1, 1],
] as const;
/** How much the errors of neighbours count. */
const NEIGHBOUR_WEIGHTS = [2, 2, 1, 1] as const;
/** The same of details of the position itself, in the same plane and in others. */
const OWN_PLANE_WEIGHT = 1.5;
const OTHER_PLANE_WEIGHT = 0.7;

/** Numbers of the regression are within this many deviations, and moves of means. */
const MAX_DEVIATIONS = 6;
const MAX_MOVE = 4;
/** Squares of errors from which the next class begins: half an octave each. */
const ERROR_CLASSES = [0.105, 0.149, 0.21, 0.297, 0.42, 0.595, 0.841, 1.19, 1.68, 2.38, 3.36, 4.76, 6.73];
const NUM_CLASSES = ERROR_CLASSES.length + 1;
const MAX_SQUARE = 25;
const VARIANCE_RATE = 1 / 128;
const MIN_VARIANCE = 1 / 512;
const FIRST_WEIGHTS = [0.02, 0.16, 0.64, 0.16, 0.02];
const WEIGHT_RATE = 1 / 64;
/** 16 times the mean of what is rounded away from H. */
const MEAN_SHIFT_H16 = 4;

const BANDS = [H, V, D] as const;

/** What is learned of blocks of one kind. */
interface Regime {
  readonly regression: SequentialRegression;
  /** [9, classes]: squares of errors in units of the network's variance. */
  readonly variances: Float64Array;
  /** [9, classes, components] */
  readonly weights: Float64Array;
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

export class RegressedDetails {
  private readonly stage: KnownStage;
  private readonly planes: 1 | 3;
  private readonly order: readonly number[];
  private readonly regimes: Regime[] = [];
  private regime: Regime;
  private readonly shifts: RoundingShifts;
  private readonly mixture = new GaussianMixture();
  /** Inputs, then targets in coding order, in deviations. */
  private readonly sample: Float64Array;
  private readonly numInputs: number;

  /** Of the tile at hand, [height, width, 9]: details with what was rounded away, 16 times; squares of errors in deviations. */
  private exact16 = new Int32Array(0);
  private squares = new Float64Array(0);
  /** [9] of the position at hand: 16 times the deviations. */
  private readonly deviations16 = new Float64Array(NUM_COEFFICIENTS);
  /** Positions in the tile of the neighbours at hand, -1 for those outside. */
  private readonly neighbours = new Int32Array(NEIGHBOURS.length);

  constructor(stage: KnownStage, planes: 1 | 3) {
    this.stage = stage;
    this.planes = planes;
    this.order = CODING_ORDERS[planes];
    this.shifts = new RoundingShifts(stage.level === 0 && planes === NUM_PLANES);
    this.numInputs = (BAND_COUNT * (NEIGHBOURS.length + 1) + LOW_NEIGHBOURS.length) * planes;
    this.regime = this.regimeOf(0);
    this.sample = new Float64Array(this.numInputs + this.order.length);
  }

  /** Codes the details u of a tile, [height, width, 9], which a decoder's port writes. @throws CodecError 'truncated' or 'corrupt' */
  code(port: SymbolPort, tile: Tile, gaussians: Gaussians, u: Int32Array): void {
    const { stage, planes } = this;
    const { width } = halfSize(stage);
    this.exact16 = new Int32Array(u.length);
    this.squares = new Float64Array(u.length);
    const block = { low: stage.low, lowBase: 0, u, base: 0 };
    for (let position = 0; position < tile.height * tile.width; position++) {
      const column = position % tile.width;
      const row = (position - column) / tile.width;
      block.base = position * NUM_COEFFICIENTS;
      block.lowBase = ((tile.row + row) * width + tile.column + column) * planes;
      this.findNeighbours(position, column, tile.width);
      const isWhole = 2 * (tile.row + row) + 1 < stage.height && 2 * (tile.column + column) + 1 < stage.width;
      if (isWhole) this.codeBlock(port, gaussians, block, [tile.row + row, tile.column + column]);
      else this.codePartly(port, gaussians, block, [tile.row + row, tile.column + column]);
    }
  }

  private codeBlock(port: SymbolPort, gaussians: Gaussians, block: Block, place: readonly [number, number]): void {
    const { order, sample, numInputs, deviations16, exact16 } = this;
    const { u, base } = block;
    this.regime = this.regimeOf(clippedChannels(block, this.planes));
    const { regression } = this.regime;
    for (const c of order) deviations16[c] = DEVIATIONS16[gaussians.scale[base + c]!]!;
    this.gatherInputs(gaussians, base, place);
    for (let target = 0; target < order.length; target++) {
      const c = order[target]!;
      const deviation16 = deviations16[c]!;
      const guess16 = guessOf(gaussians, base, c);
      const move = clamp(regression.predict(target, sample), MAX_MOVE);
      const shift16 = this.shifts.shift16(c, block);
      const mean16 = guess16 + move * deviation16;
      u[base + c] = this.codeDetail(port, { target, base, mean16, shift16 }, u[base + c]!);
      exact16[base + c] = 16 * u[base + c]! + shift16;
      sample[numInputs + target] = clamp((exact16[base + c]! - guess16) / deviation16, MAX_DEVIATIONS);
    }
    regression.learn(sample);
  }

  /** A block that lacks pixels: nothing is known of its rounding, and the regression has no part in it. */
  private codePartly(
    port: SymbolPort,
    { mean16, scale }: Gaussians,
    { u, base }: Block,
    [row, column]: readonly [number, number],
  ): void {
    const { order, deviations16, exact16 } = this;
    for (let target = 0; target < order.length; target++) {
      const c = order[target]!;
      if (!coefficientExists(this.stage, row, column, BANDS.indexOf(c - (c % NUM_PLANES)))) continue;
      deviations16[c] = DEVIATIONS16[scale[base + c]!]!;
      u[base + c] = this.codeDetail(port, { target, base, mean16: mean16[base + c]!, shift16: 0 }, u[base + c]!);
      exact16[base + c] = 16 * u[base + c]!;
    }
  }

  /** @returns the detail, after learning from its error */
  private codeDetail(
    port: SymbolPort,
    { target, base, mean16, shift16 }: { target: number; base: number; mean16: number; shift16: number },
    wanted: number,
  ): number {
    const { mixture, squares } = this;
    const { variances, weights } = this.regime;
    const c = this.order[target]!;
    const deviation16 = this.deviations16[c]!;
    const entry = c * NUM_CLASSES + this.errorClass(target, base);
    const deviation = deviation16 / 16;
    const variance = variances[entry]! * deviation * deviation - ROUNDING_VARIANCE;
    const scale = scaleIndexForVariance(Math.max(variance, MIN_VARIANCE));
    const rounded16 = clamp(Math.floor(mean16 - shift16 + 0.5), MAX_MEAN16);
    mixture.set(rounded16, scale, weights, entry * NUM_COMPONENTS);
    const bin = port.mixtureBin(mixture, mixture.binOf(wanted));
    const isFar = mixture.isEscape(bin);
    const value = checked(isFar ? port.gaussian(rounded16, mixture.widestScale, wanted) : mixture.centre + bin);
    mixture.learn(bin, weights, entry * NUM_COMPONENTS, WEIGHT_RATE);
    const error = (16 * value + shift16 - mean16) / deviation16;
    const square = Math.min(error * error, MAX_SQUARE);
    squares[base + c] = square;
    variances[entry] = variances[entry]! + VARIANCE_RATE * (square - variances[entry]!);
    return value;
  }

  /** @param number bits of the channels that are clipped */
  private regimeOf(number: number): Regime {
    this.regimes[number] ??= {
      regression: new SequentialRegression(this.numInputs, this.order.length),
      variances: new Float64Array(NUM_COEFFICIENTS * NUM_CLASSES).fill(1),
      weights: Float64Array.from(
        { length: NUM_COEFFICIENTS * NUM_CLASSES * NUM_COMPONENTS },
        (_, i) => FIRST_WEIGHTS[i % NUM_COMPONENTS]!,
      ),
    };
    return this.regimes[number];
  }

  private gatherInputs(gaussians: Gaussians, base: number, [row, column]: readonly [number, number]): void {
    const { sample, order, neighbours, exact16, deviations16, planes } = this;
    let count = 0;
    for (let n = 0; n < neighbours.length; n++) {
      const from = neighbours[n]! * NUM_COEFFICIENTS;
      for (const c of order) {
        sample[count++] = from < 0 ? 0 : clamp(exact16[from + c]! / deviations16[c]!, MAX_DEVIATIONS);
      }
    }
    for (const c of order) sample[count++] = clamp(guessOf(gaussians, base, c) / deviations16[c]!, MAX_DEVIATIONS);
    const { low, ...size } = this.stage;
    const { height, width } = halfSize(size);
    const centre = (row * width + column) * planes;
    for (const [rows, columns] of LOW_NEIGHBOURS) {
      const otherRow = Math.min(Math.max(row + rows, 0), height - 1);
      const otherColumn = Math.min(Math.max(column + columns, 0), width - 1);
      const other = (otherRow * width + otherColumn) * planes;
      for (let plane = 0; plane < planes; plane++) {
        const difference = low[other + plane]! - low[centre + plane]!;
        const unit = deviations16[H + plane]! + deviations16[V + plane]!;
        sample[count++] = clamp((8 * difference) / unit, MAX_DEVIATIONS);
      }
    }
  }

  private findNeighbours(position: number, column: number, width: number): void {
    for (const [n, [rows, columns]] of NEIGHBOURS.entries()) {
      const isInside = position + rows * width >= 0 && column + columns >= 0 && column + columns < width;
      this.neighbours[n] = isInside ? position + rows * width + columns : -1;
    }
  }

  /** That of the mean square of errors around a detail: its own and its plane's at the neighbours, and before it at the position. */
  private errorClass(target: number, base: number): number {
    const { squares, neighbours, order } = this;
    const c = order[target]!;
    const plane = c % NUM_PLANES;
    let [sum, total] = [0, 0];
    for (let n = 0; n < neighbours.length; n++) {
      if (neighbours[n]! < 0) continue;
      const from = neighbours[n]! * NUM_COEFFICIENTS;
      const ofPlane = squares[from + H + plane]! + squares[from + V + plane]! + squares[from + D + plane]!;
      sum += NEIGHBOUR_WEIGHTS[n]! * (squares[from + c]! + ofPlane / BAND_COUNT);
      total += 2 * NEIGHBOUR_WEIGHTS[n]!;
    }
    for (let before = 0; before < target; before++) {
      const other = order[before]!;
      const weight = other % NUM_PLANES === plane ? OWN_PLANE_WEIGHT : OTHER_PLANE_WEIGHT;
      sum += weight * squares[base + other]!;
      total += weight;
    }
    const mean = total > 0 ? sum / total : 1;
    let index = 0;
    while (index < ERROR_CLASSES.length && mean >= ERROR_CLASSES[index]!) index++;
    return index;
  }
}

/** 16 times what the network says of a detail before its rounding. */
const guessOf = ({ mean16 }: Gaussians, base: number, c: number): number =>
  mean16[base + c]! + (c - (c % NUM_PLANES) === H ? MEAN_SHIFT_H16 : 0);

const clamp = (value: number, limit: number): number => Math.min(Math.max(value, -limit), limit);
