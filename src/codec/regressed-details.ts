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
import { NUM_PASSES, PASS_OF } from '../diffusion/passes.ts';
import { type Block, D, H, V } from '../pyramid/block-details.ts';
import { BAND_COUNT, coefficientExists, halfSize } from '../pyramid/haar.ts';
import { CODING_ORDERS, RoundingShifts } from '../pyramid/rounding-shifts.ts';
import type { KnownStage } from '../pyramid/stages.ts';
import type { Tile } from '../pyramid/tiles.ts';
import { blueOf, greenOf, redOf } from '../pyramid/ycocg.ts';
import { scaleIndexForVariance } from '../rans/discretised-gaussian.ts';
import { GaussianMixture, NUM_COMPONENTS } from '../rans/gaussian-mixture.ts';
import { ClippedBlocks } from './clipped-blocks.ts';
import { checked } from './coefficient-maps.ts';
import type { PredictPass } from './details-predictor.ts';
import { emptyGaussians, type Gaussians } from './gaussians.ts';
import { DEVIATIONS16, MAX_MEAN16 } from './neighbour-residuals.ts';
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
const NUM_ERROR_CLASSES = ERROR_CLASSES.length + 1;
/** Scale indices from which the next class begins: network's deviations, with rounding, of 1/2, 1 and 2. */
const SCALE_CLASSES = [59, 79, 96];
const NUM_CLASSES = (SCALE_CLASSES.length + 1) * NUM_ERROR_CLASSES;
const MAX_SQUARE = 25;
const VARIANCE_RATE = 1 / 128;
const MIN_VARIANCE = 1 / 512;
const FIRST_WEIGHTS = [0.02, 0.16, 0.64, 0.16, 0.02];
const WEIGHT_RATE = 1 / 64;
/** Differences of the low image are in units of so many deviations. */
const LOW_UNITS = 4;

const BANDS = [H, V, D] as const;

/** What is learned of blocks of one kind. */
interface Regime {
  /** One for each pass. */
  readonly regressions: readonly SequentialRegression[];
  /** [9, classes]: squares of errors in units of the network's variance. */
  readonly variances: Float64Array;
  /** [9, classes, components] */
  readonly weights: Float64Array;
}

/** A pass over the positions of a tile: its coefficients, and those whose values its regression sees. */
interface Pass {
  readonly index: number;
  readonly targets: readonly number[];
  /** Coefficients of earlier passes. */
  readonly earlier: readonly number[];
  /** Of the neighbours: all that are known in the planes of the targets. */
  readonly nearby: readonly number[];
  /** Inputs, then targets in coding order, in deviations. */
  readonly sample: Float64Array;
  readonly numInputs: number;
}

/** The passes that have something to code. */
function passesOf(planes: 1 | 3): Pass[] {
  const order = CODING_ORDERS[planes];
  return Array.from({ length: NUM_PASSES }, (_, index) => {
    const targets = order.filter((c) => PASS_OF[c] === index);
    const earlier = order.filter((c) => PASS_OF[c]! < index);
    const isInPlane = (c: number): boolean => targets.some((target) => (target - c) % NUM_PLANES === 0);
    const nearby = [...earlier, ...targets].filter(isInPlane);
    const numInputs =
      NEIGHBOURS.length * (nearby.length + targets.length) +
      2 * earlier.length +
      targets.length +
      LOW_NEIGHBOURS.length * planes;
    return { index, targets, earlier, nearby, numInputs, sample: new Float64Array(numInputs + targets.length) };
  }).filter(({ targets }) => targets.length > 0);
}

/** What is known of the tile at hand; arrays are [height, width, 9]. */
interface TileState extends Tile {
  readonly u: Int32Array;
  readonly gaussians: Gaussians;
  /** 16 times the details with what was rounded away. */
  readonly exact16: Int32Array;
  /** Squares of errors in deviations. */
  readonly squares: Float64Array;
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
  private readonly passes: readonly Pass[];
  private readonly regimes: Regime[] = [];
  private readonly shifts: RoundingShifts;
  /** Of a photograph's own pixels in colour. */
  private readonly clipped: ClippedBlocks | undefined;
  private readonly mixture = new GaussianMixture();
  /** Positions in the tile of the neighbours at hand, -1 for those outside. */
  private readonly neighbours = new Int32Array(NEIGHBOURS.length);

  constructor(stage: KnownStage, planes: 1 | 3) {
    this.stage = stage;
    this.planes = planes;
    this.order = CODING_ORDERS[planes];
    this.passes = passesOf(planes);
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
    const exact16 = new Int32Array(u.length);
    const squares = new Float64Array(u.length);
    const state = { ...tile, u, gaussians, exact16, squares };
    this.clipped?.startTile(tile);
    for (const pass of this.passes) {
      predict(pass.index, u, gaussians);
      this.codePass(port, state, pass);
    }
    return gaussians;
  }

  private codePass(port: SymbolPort, state: TileState, pass: Pass): void {
    const { stage, planes } = this;
    const { width } = halfSize(stage);
    const block = { low: stage.low, lowBase: 0, u: state.u, base: 0 };
    for (let position = 0; position < state.height * state.width; position++) {
      const column = position % state.width;
      const place = [state.row + (position - column) / state.width, state.column + column] as const;
      block.base = position * NUM_COEFFICIENTS;
      block.lowBase = (place[0] * width + place[1]) * planes;
      this.findNeighbours(position, column, state.width);
      const isWhole = 2 * place[0] + 1 < stage.height && 2 * place[1] + 1 < stage.width;
      if (isWhole) this.codeBlock(port, state, pass, { ...block, position });
      else this.codePartly(port, state, pass, { base: block.base, place });
    }
  }

  private codeBlock(port: SymbolPort, state: TileState, pass: Pass, block: Block & { position: number }): void {
    const { targets, sample, numInputs } = pass;
    const { u, base } = block;
    const { gaussians, exact16 } = state;
    const regime = this.regimeOf(clippedChannels(block, this.planes));
    const regression = regime.regressions[pass.index]!;
    this.gatherInputs(state, pass, block);
    for (const [target, c] of targets.entries()) {
      const index = base + c;
      const deviation16 = DEVIATIONS16[gaussians.scale[index]!]!;
      const guess16 = gaussians.mean16[index]!;
      const move = clamp(regression.predict(target, sample), MAX_MOVE);
      const shift16 = this.shifts.shift16(c, block);
      if (c === D) this.clipped?.code(port, block.position, block);
      const mean16 = guess16 + move * deviation16;
      if (!this.follows(c, block.position)) {
        u[index] = this.codeDetail(port, state, regime, { c, base, mean16, shift16 });
      }
      exact16[index] = 16 * u[index]! + shift16;
      state.squares[index] = squareOf((exact16[index]! - mean16) / deviation16);
      sample[numInputs + target] = clamp((exact16[index]! - guess16) / deviation16, MAX_DEVIATIONS);
    }
    regression.learn(sample);
  }

  /** True for a detail of Y that is known already. */
  private follows(c: number, position: number): boolean {
    return c % NUM_PLANES === 0 && this.clipped?.follows(position) === true;
  }

  /** A block that lacks pixels: nothing is known of its rounding, and the regression has no part in it. */
  private codePartly(
    port: SymbolPort,
    state: TileState,
    { targets }: Pass,
    { base, place: [row, column] }: { base: number; place: readonly [number, number] },
  ): void {
    const { u, gaussians, exact16 } = state;
    const regime = this.regimeOf(0);
    for (const c of targets) {
      if (!coefficientExists(this.stage, row, column, BANDS.indexOf(c - (c % NUM_PLANES)))) continue;
      const mean16 = gaussians.mean16[base + c]!;
      u[base + c] = this.codeDetail(port, state, regime, { c, base, mean16, shift16: 0 });
      exact16[base + c] = 16 * u[base + c]!;
      state.squares[base + c] = squareOf((exact16[base + c]! - mean16) / DEVIATIONS16[gaussians.scale[base + c]!]!);
    }
  }

  /** @returns the detail, after learning from its error */
  private codeDetail(
    port: SymbolPort,
    state: TileState,
    { variances, weights }: Regime,
    { c, base, mean16, shift16 }: { c: number; base: number; mean16: number; shift16: number },
  ): number {
    const { mixture } = this;
    const wanted = state.u[base + c]!;
    const networkScale = state.gaussians.scale[base + c]!;
    const deviation16 = DEVIATIONS16[networkScale]!;
    const scaleClass = classOf(networkScale, SCALE_CLASSES);
    const entry = c * NUM_CLASSES + scaleClass * NUM_ERROR_CLASSES + this.errorClass(state, c, base);
    const deviation = deviation16 / 16;
    const variance = variances[entry]! * deviation * deviation - ROUNDING_VARIANCE;
    const scale = scaleIndexForVariance(Math.max(variance, MIN_VARIANCE));
    const rounded16 = clamp(Math.floor(mean16 - shift16 + 0.5), MAX_MEAN16);
    mixture.set(rounded16, scale, weights, entry * NUM_COMPONENTS);
    const bin = port.mixtureBin(mixture, mixture.binOf(wanted));
    const isFar = mixture.isEscape(bin);
    const value = checked(isFar ? port.gaussian(rounded16, mixture.widestScale, wanted) : mixture.centre + bin);
    mixture.learn(bin, weights, entry * NUM_COMPONENTS, WEIGHT_RATE);
    const square = squareOf((16 * value + shift16 - mean16) / deviation16);
    variances[entry] = variances[entry]! + VARIANCE_RATE * (square - variances[entry]!);
    return value;
  }

  /** @param number bits of the channels that are clipped */
  private regimeOf(number: number): Regime {
    this.regimes[number] ??= {
      regressions: Array.from({ length: NUM_PASSES }, (_, index) => {
        const pass = this.passes.find((candidate) => candidate.index === index);
        return new SequentialRegression(pass?.numInputs ?? 0, pass?.targets.length ?? 0);
      }),
      variances: new Float64Array(NUM_COEFFICIENTS * NUM_CLASSES).fill(1),
      weights: Float64Array.from(
        { length: NUM_COEFFICIENTS * NUM_CLASSES * NUM_COMPONENTS },
        (_, i) => FIRST_WEIGHTS[i % NUM_COMPONENTS]!,
      ),
    };
    return this.regimes[number];
  }

  private gatherInputs({ gaussians, exact16 }: TileState, pass: Pass, { base, lowBase }: Block): void {
    const { sample, targets, earlier, nearby } = pass;
    const { neighbours } = this;
    const { mean16, scale } = gaussians;
    const deviationOf = (c: number): number => DEVIATIONS16[scale[base + c]!]!;
    let count = 0;
    const add = (value16: number, deviation16: number): void => {
      sample[count++] = clamp(value16 / deviation16, MAX_DEVIATIONS);
    };
    for (const neighbour of neighbours) {
      const from = neighbour * NUM_COEFFICIENTS;
      for (const c of nearby) add(neighbour < 0 ? 0 : exact16[from + c]!, deviationOf(c));
      for (const c of targets) add(neighbour < 0 ? 0 : mean16[from + c]!, deviationOf(c));
    }
    for (const c of earlier) add(mean16[base + c]!, deviationOf(c));
    for (const c of targets) add(mean16[base + c]!, deviationOf(c));
    for (const c of earlier) add(exact16[base + c]! - mean16[base + c]!, deviationOf(c));
    this.addLow(lowBase, (difference) => add((16 / LOW_UNITS) * difference, deviationOf(targets[0]!)));
  }

  /** Differences of the low image around a block, those at its ends repeated. */
  private addLow(lowBase: number, add: (difference: number) => void): void {
    const { planes, stage } = this;
    const { height, width } = halfSize(stage);
    const column = (lowBase / planes) % width;
    const row = (lowBase / planes - column) / width;
    for (const [rows, columns] of LOW_NEIGHBOURS) {
      const otherRow = Math.min(Math.max(row + rows, 0), height - 1);
      const otherColumn = Math.min(Math.max(column + columns, 0), width - 1);
      const other = (otherRow * width + otherColumn) * planes;
      for (let plane = 0; plane < planes; plane++) add(stage.low[other + plane]! - stage.low[lowBase + plane]!);
    }
  }

  private findNeighbours(position: number, column: number, width: number): void {
    for (const [n, [rows, columns]] of NEIGHBOURS.entries()) {
      const isInside = position + rows * width >= 0 && column + columns >= 0 && column + columns < width;
      this.neighbours[n] = isInside ? position + rows * width + columns : -1;
    }
  }

  /** That of the mean square of errors around a detail: its own and its plane's at the neighbours, and before it at the position. */
  private errorClass({ squares }: TileState, c: number, base: number): number {
    const { neighbours, order } = this;
    const plane = c % NUM_PLANES;
    let [sum, total] = [0, 0];
    for (const [n, neighbour] of neighbours.entries()) {
      if (neighbour < 0) continue;
      for (let other = plane; other < NUM_COEFFICIENTS; other += NUM_PLANES) {
        if (PASS_OF[other]! > PASS_OF[c]!) continue;
        const weight = other === c ? NEIGHBOUR_WEIGHTS[n]! : NEIGHBOUR_WEIGHTS[n]! / BAND_COUNT;
        sum += weight * squares[neighbour * NUM_COEFFICIENTS + other]!;
        total += weight;
      }
    }
    for (const other of order) {
      if (other === c) break;
      const weight = other % NUM_PLANES === plane ? OWN_PLANE_WEIGHT : OTHER_PLANE_WEIGHT;
      sum += weight * squares[base + other]!;
      total += weight;
    }
    return classOf(total > 0 ? sum / total : 1, ERROR_CLASSES);
  }
}

/** Number of the bounds that a value has reached. */
function classOf(value: number, bounds: readonly number[]): number {
  let index = 0;
  while (index < bounds.length && value >= bounds[index]!) index++;
  return index;
}

const squareOf = (error: number): number => Math.min(error * error, MAX_SQUARE);
const clamp = (value: number, limit: number): number => Math.min(Math.max(value, -limit), limit);
