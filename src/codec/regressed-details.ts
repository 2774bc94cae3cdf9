/**
 * Details without latents, by what the image itself has taught so far. The network's Gaussians are a first guess, pass by pass
 * (src/diffusion/passes.ts); two regressions move their means by the details decoded before, the network's other means and the low
 * image around; deviations and shapes are learned, and a mixture is made of both (experts.ts). What the integer
 * transforms round away is taken into account (src/pyramid/rounding-shifts.ts), and blocks in which channels are clipped, so that
 * one plane follows from the others, are learned apart.
 *
 * Nothing depends on latents, so an encoder can learn forward, as a decoder does, before it pushes anything.
 *
 * Doubles with IEEE + - * / and floor alone, in the order written here.
 */
import { NUM_COEFFICIENTS, NUM_PLANES } from '../diffusion/dimensions.ts';
import { BANDS, type Block, D } from '../pyramid/block-details.ts';
import { coefficientExists, halfSize } from '../pyramid/haar.ts';
import { CODING_ORDERS, RoundingShifts } from '../pyramid/rounding-shifts.ts';
import type { KnownStage } from '../pyramid/stages.ts';
import type { Tile } from '../pyramid/tiles.ts';
import { blueOf, greenOf, redOf } from '../pyramid/ycocg.ts';
import { ClippedBlocks } from './clipped-blocks.ts';
import { colourClass } from './colour-classes.ts';
import type { PredictPass } from './details-predictor.ts';
import { errorClass, errorSquare, type Surroundings } from './error-classes.ts';
import { type Expected, Experts } from './experts.ts';
import { emptyGaussians, type Gaussians } from './gaussians.ts';
import { DEVIATIONS16 } from './neighbour-residuals.ts';
import { inDeviations, type Pass, passesOf, RegressionInputs, type TileState } from './regression-inputs.ts';
import { SequentialRegression } from './sequential-regression.ts';
import type { SymbolPort } from './symbol-port.ts';

/** What each sample leaves of the weight of those before, in regressions of long and of short memory. */
const MEMORIES = [0.9999, 0.998] as const;
/** Regressions move means by no more deviations than this. */
const MAX_PREDICTION = 4;

/** Regressions of a pass, of long and of short memory. */
type Regressions = readonly [SequentialRegression, SequentialRegression];

/** What is learned of blocks of one kind. */
interface Regime {
  /** By the index of the pass. */
  readonly regressions: readonly Regressions[];
  readonly experts: Experts;
}

function newRegime(passes: readonly Pass[]): Regime {
  const regressions: Regressions[] = [];
  for (const { index, numInputs, targets } of passes) {
    const [long, short] = MEMORIES;
    regressions[index] = [
      new SequentialRegression(numInputs, targets.length, long),
      new SequentialRegression(numInputs, targets.length, short),
    ];
  }
  return { regressions, experts: new Experts() };
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
        else this.codePartly(port, state, pass, { place, row, column });
        place.position++;
        place.base += NUM_COEFFICIENTS;
      }
    }
  }

  private codeBlock(port: SymbolPort, state: TileState, pass: Pass, place: Place): void {
    const { targets, sample, numInputs } = pass;
    const { base, position } = place;
    const { mean16: means16, scale: scales } = state.gaussians;
    const regime = this.regimeOf(clippedChannels(place, this.planes));
    const [long, short] = regime.regressions[pass.index]!;
    this.inputs.gather(state, pass, place);
    for (let target = 0; target < targets.length; target++) {
      const c = targets[target]!;
      const guess16 = means16[base + c]!;
      const scale = scales[base + c]!;
      const deviation16 = DEVIATIONS16[scale]!;
      const shift16 = this.shifts.shift16(c, place);
      const long16 = guess16 + clamp(long.predict(target, sample), MAX_PREDICTION) * deviation16;
      const short16 = guess16 + clamp(short.predict(target, sample), MAX_PREDICTION) * deviation16;
      if (c === D) this.clipped?.code(port, position, place);
      const isKnown = c % NUM_PLANES === 0 && this.clipped?.follows(position) === true;
      const expected = { c, scale, long16, short16, shift16 };
      const mean16 = regime.experts.mean16(expected);
      if (!isKnown) this.codeDetail(port, state, place, { regime, expected });
      note(state, base, expected, mean16);
      sample[numInputs + target] = inDeviations((state.exact16[base + c]! - guess16) / deviation16);
    }
    long.learn(sample);
    short.learn(sample);
  }

  /** A block that lacks pixels: nothing is known of its rounding, and the regressions have no part in it. */
  private codePartly(
    port: SymbolPort,
    state: TileState,
    { targets }: Pass,
    { place, row, column }: { place: Place; row: number; column: number },
  ): void {
    const regime = this.regimeOf(0);
    const { mean16: means16, scale: scales } = state.gaussians;
    for (const c of targets) {
      if (!coefficientExists(this.stage, row, column, BANDS.indexOf(c - (c % NUM_PLANES)))) continue;
      const [mean16, scale] = [means16[place.base + c]!, scales[place.base + c]!];
      const expected = { c, scale, long16: mean16, short16: mean16, shift16: 0 };
      this.codeDetail(port, state, place, { regime, expected });
      note(state, place.base, expected, mean16);
    }
  }

  /** Codes a detail, and learns from its error. */
  private codeDetail(
    port: SymbolPort,
    { u, squares }: TileState,
    place: Place,
    { regime: { experts }, expected }: { regime: Regime; expected: Expected },
  ): void {
    const { order, planes, inputs } = this;
    const { base } = place;
    const around: Surroundings = { squares, neighbours: inputs.neighbours, order };
    const classes = { error: errorClass(expected.c, base, around), colour: colourClass(place, planes) };
    u[base + expected.c] = experts.code(port, expected, classes, u[base + expected.c]!);
  }

  private regimeOf(channels: number): Regime {
    this.regimes[channels] ??= newRegime(this.passes);
    return this.regimes[channels];
  }
}

/** For the details that follow: the detail with what was rounded away, and the square of its error in the network's variance. */
function note({ u, exact16, squares }: TileState, base: number, { c, scale, shift16 }: Expected, mean16: number): void {
  const index = base + c;
  exact16[index] = 16 * u[index]! + shift16;
  squares[index] = errorSquare(exact16[index]! - mean16, scale);
}

const clamp = (value: number, limit: number): number => Math.min(Math.max(value, -limit), limit);
