/**
 * What a decoder knows of an image as bits come in: progressive decoding and its rate-distortion curve (DDPM,
 * arXiv:2006.11239, section 4.3), here level by level of the pyramid, and within a level latent by latent, or tile by tile where
 * there are no latents.
 */
import { lowPixels, PixelSamples, planeCount } from './codec/planes.ts';
import { priorBits, reconBits, stepBits, varianceAt } from './codec/rate-meter.ts';
import type { DirectTerm, PriorTerm, ReverseTerm, TileObserver } from './codec/tile-observer.ts';
import { NUM_COEFFICIENTS, NUM_PLANES } from './diffusion/dimensions.ts';
import { codedIn } from './diffusion/passes.ts';
import { assertImage, type Image, type Image8, requireImage8 } from './image/image.ts';
import { rmseOf } from './image/rmse.ts';
import { type NetChainOptions, pushFileChain, pushNetChain } from './net-chain.ts';
import { halfSize, type Size, synthesise } from './pyramid/haar.ts';
import type { KnownStage } from './pyramid/stages.ts';
import type { Tile } from './pyramid/tiles.ts';

export interface ProgressiveStep {
  /** The level being decoded, 0 for the finest. */
  readonly level: number;
  /** What is known of its details: nothing but the coarser levels, the latent y_i, those of the first tiles, or at last all. */
  readonly known: 'low' | number | { readonly tiles: number } | 'all';
  /** The bound on the bits received so far. */
  readonly bits: number;
  /** Root mean square error of the estimate's samples, alpha left out, in 0..255. */
  readonly rmse: number;
  /** Makes the estimate in full size: posterior means of the level's details, repeated pixels in place of finer ones. */
  readonly estimate: () => Image8;
}

export interface ProgressiveOptions extends NetChainOptions {
  /** As a file of its own, whose first tiles cannot pay for latents; default: as one of a long chain of images. */
  readonly isFile?: boolean | undefined;
}

/**
 * The steps by which an image is decoded, coarse to fine.
 * @throws TypeError or RangeError for a malformed image or a wrong option, CodecError 'unsupported-image' for 16 bits a sample
 */
export async function progressiveSteps(whole: Image, options: ProgressiveOptions): Promise<ProgressiveStep[]> {
  assertImage(whole);
  const image = requireImage8(whole);
  const planes = planeCount(image.channels);
  const collector = new StepCollector(planes);
  const { baseBits } = await (options.isFile ? pushFileChain : pushNetChain)(image, collector, options);
  const steps: ProgressiveStep[] = [];
  let bits = baseBits;
  for (const stage of [...collector.stages.values()].sort((a, b) => b.level - a.level)) {
    for (const { known, bitsAfter, detail } of stage.steps()) {
      const estimate = () => enlarge(stage, detail, image, planes);
      steps.push({ level: stage.level, known, bits: bits + bitsAfter, rmse: rmseOf(estimate(), image), estimate });
    }
    bits += stage.bits;
  }
  const samples = new PixelSamples(image).read({ row: 0, column: 0, height: image.height, width: image.width });
  const exact = lowPixels({ height: image.height, width: image.width, data: samples }, planes);
  return [...steps, { level: 0, known: 'all', bits, rmse: rmseOf(exact, image), estimate: () => exact }];
}

/** Steps of a level without latents, at most. */
const MAX_TILE_STEPS = 12;

/** A tile without latents. */
interface DirectTile {
  readonly tile: Tile;
  readonly bits: number;
  readonly u: Int32Array;
}

/** No mean of a detail. */
const UNKNOWN = -0x8000;

/** Bits and posterior means of one stage; index i of the arrays is the latent y_i, the last one beyond them the prior. */
class StageSteps implements Size {
  readonly level: number;
  readonly height: number;
  readonly width: number;
  readonly low: Int16Array;
  private readonly planes: 1 | 3;
  private lossRecon = 0;
  private lossPrior = 0;
  private readonly lossSteps: number[] = [];
  /** [height / 2, width / 2, 3 * planes] each */
  private readonly means: Int16Array[] = [];
  private readonly priorMean: Int16Array;
  private readonly direct: DirectTile[] = [];

  constructor({ level, height, width, low }: KnownStage, planes: 1 | 3) {
    this.level = level;
    this.height = height;
    this.width = width;
    this.low = low;
    this.planes = planes;
    this.priorMean = new Int16Array(low.length * 3);
  }

  get bits(): number {
    return this.lossPrior + this.lossRecon + this.lossSteps.reduce((sum, bits) => sum + bits, 0);
  }

  addRecon(bits: number): void {
    this.lossRecon += bits;
  }

  addDirect(tile: Tile, { u }: DirectTerm, bits: number): void {
    this.lossRecon += bits;
    this.direct.push({ tile, bits, u });
  }

  addPrior(bits: number): void {
    this.lossPrior += bits;
  }

  addStep(i: number, bits: number): void {
    this.lossSteps[i - 1] = (this.lossSteps[i - 1] ?? 0) + bits;
  }

  /** Puts a tile's mean given y_i in place; for i beyond the latents of all tiles, given the low image. */
  setMean(tile: Tile, i: number | 'low', mean: (index: number) => number): void {
    this.write(i === 'low' ? this.priorMean : this.meanOf(i), tile, mean);
  }

  private write(target: Int16Array, tile: Tile, detailOf: (index: number) => number): void {
    const { width } = halfSize(this);
    const [perPosition, skipped] = [3 * this.planes, NUM_PLANES / this.planes];
    for (let row = 0; row < tile.height; row++) {
      for (let column = 0; column < tile.width; column++) {
        const to = ((tile.row + row) * width + tile.column + column) * perPosition;
        const from = (row * tile.width + column) * NUM_COEFFICIENTS;
        for (let c = 0; c < perPosition; c++) target[to + c] = Math.round(detailOf(from + c * skipped));
      }
    }
  }

  private meanOf(i: number): Int16Array {
    while (this.means.length <= i) this.means.push(new Int16Array(this.priorMean.length).fill(UNKNOWN));
    return this.means[i]!;
  }

  *steps(): Generator<Pick<ProgressiveStep, 'known'> & { bitsAfter: number; detail: Int16Array }> {
    yield { known: 'low', bitsAfter: 0, detail: this.priorMean };
    yield* this.means.length === 0 ? this.tileSteps() : this.latentSteps();
  }

  private *latentSteps(): ReturnType<StageSteps['steps']> {
    let bitsAfter = 0;
    bitsAfter += this.lossPrior;
    for (let i = this.means.length - 1; i >= 0; i--) {
      // Tiles with fewer latents than others stay at what the low image tells until they have some.
      const detail = this.means[i]!.map((mean, index) => (mean === UNKNOWN ? this.priorMean[index]! : mean));
      yield { known: i, bitsAfter, detail };
      bitsAfter += this.lossSteps[i - 1] ?? 0;
    }
  }

  /** In the order of decoding; the last tile completes the level, which is a step of the next one. */
  private *tileSteps(): ReturnType<StageSteps['steps']> {
    const tiles = this.direct.toSorted((a, b) => a.tile.row - b.tile.row || a.tile.column - b.tile.column);
    let detail = this.priorMean;
    let bitsAfter = 0;
    for (const [i, { tile, bits, u }] of tiles.slice(0, -1).entries()) {
      if (isStep(i, tiles.length)) detail = detail.slice();
      this.write(detail, tile, (index) => u[index]!);
      bitsAfter += bits;
      if (isStep(i + 1, tiles.length)) yield { known: { tiles: i + 1 }, bitsAfter, detail };
    }
  }
}

/** True for numbers of tiles, 0 included, of which a level shows what is known. */
const isStep = (count: number, total: number): boolean =>
  Math.floor((count * MAX_TILE_STEPS) / total) > Math.floor(((count - 1) * MAX_TILE_STEPS) / total);

class StepCollector implements TileObserver {
  readonly stages = new Map<number, StageSteps>();
  private readonly planes: 1 | 3;
  private stage: StageSteps | undefined;
  private place: Tile | undefined;

  constructor(planes: 1 | 3) {
    this.planes = planes;
  }

  tile(stage: KnownStage, tile: Tile): void {
    this.stage = this.stages.get(stage.level) ?? new StageSteps(stage, this.planes);
    this.stages.set(stage.level, this.stage);
    this.place = tile;
  }

  direct(term: DirectTerm): void {
    this.stage!.addDirect(this.place!, term, reconBits(term));
    this.setLowMean(term, term.isInPasses ? IN_FIRST_PASS : ALWAYS);
  }

  reverse(i: number, term: ReverseTerm): void {
    if (i === 0) this.stage!.addRecon(reconBits(term));
    else this.stage!.addStep(i, stepBits(i, term));
    const { mean16 } = term.gaussians;
    // The mean of y_(i-1) is r y_i + (1 - r) uHat.
    const ratio = i === 0 ? 0 : varianceAt(term.forwardScale, i - 1) / varianceAt(term.forwardScale, i);
    const isCoded = maskOf(term);
    const mean = (index: number) => (mean16[index]! / 16 - ratio * term.latent[index]!) / (1 - ratio);
    this.stage!.setMean(this.place!, i, (index) => isCoded[index]! * mean(index));
  }

  prior(term: PriorTerm): void {
    this.stage!.addPrior(priorBits(term));
    this.setLowMean(term);
  }

  /** @param isKnown [9]: 1 for coefficients whose means depend on nothing but the low image */
  private setLowMean(term: DirectTerm | PriorTerm, isKnown = ALWAYS): void {
    const isCoded = maskOf(term);
    const weight = (index: number) => isCoded[index]! * isKnown[index % NUM_COEFFICIENTS]!;
    this.stage!.setMean(this.place!, 'low', (index) => weight(index) * (term.gaussians.mean16[index]! / 16));
  }
}

const ALWAYS: readonly number[] = new Array(NUM_COEFFICIENTS).fill(1);
const IN_FIRST_PASS = codedIn(0);

/** 1 where a coefficient exists, [height, width, 9]. */
function maskOf({ u, coded }: Pick<DirectTerm, 'u' | 'coded'>): Uint8Array {
  const mask = new Uint8Array(u.length);
  for (const index of coded) mask[index] = 1;
  return mask;
}

/** The image of a stage with these details, each pixel repeated to the size of the whole. */
function enlarge(stage: StageSteps, detail: Int16Array, whole: Size, planes: 1 | 3): Image8 {
  const samples = synthesise({ low: stage.low, detail }, stage.height, stage.width, planes);
  const { data } = lowPixels({ height: stage.height, width: stage.width, data: samples }, planes);
  const { height, width } = whole;
  const enlarged = new Uint8Array(height * width * planes);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const from = ((row >> stage.level) * stage.width + (column >> stage.level)) * planes;
      for (let c = 0; c < planes; c++) enlarged[(row * width + column) * planes + c] = data[from + c]!;
    }
  }
  return { height, width, channels: planes, bitDepth: 8, data: enlarged };
}
