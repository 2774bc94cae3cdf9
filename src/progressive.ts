/**
 * What a decoder knows of an image as bits come in: progressive decoding and its rate-distortion curve (DDPM,
 * arXiv:2006.11239, section 4.3), here level by level of the pyramid and latent by latent within a level.
 */
import { lowPixels, PixelSamples, planeCount } from './codec/planes.ts';
import { priorBits, reconBits, stepBits, varianceAt } from './codec/rate-meter.ts';
import type { DirectTerm, PriorTerm, ReverseTerm, TileObserver } from './codec/tile-observer.ts';
import { NUM_COEFFICIENTS, NUM_PLANES } from './diffusion/dimensions.ts';
import { assertImage, type Image, type Image8, requireImage8 } from './image/image.ts';
import { type NetChainOptions, pushNetChain } from './net-chain.ts';
import { halfSize, type Size, synthesise } from './pyramid/haar.ts';
import type { KnownStage } from './pyramid/stages.ts';
import type { Tile } from './pyramid/tiles.ts';

export interface ProgressiveStep {
  /** The level being decoded, 0 for the finest. */
  readonly level: number;
  /** What is known of its details: nothing but the coarser levels, the latent y_i, or at last all. */
  readonly known: 'low' | number | 'all';
  /** The bound on the bits received so far. */
  readonly bits: number;
  /** Root mean square error of the estimate's samples, alpha left out, in 0..255. */
  readonly rmse: number;
  /** Makes the estimate in full size: posterior means of the level's details, repeated pixels in place of finer ones. */
  readonly estimate: () => Image8;
}

/**
 * The steps by which an image is decoded, coarse to fine.
 * @throws TypeError or RangeError for a malformed image or a wrong option, CodecError 'unsupported-image' for 16 bits a sample
 */
export async function progressiveSteps(whole: Image, options: NetChainOptions): Promise<ProgressiveStep[]> {
  assertImage(whole);
  const image = requireImage8(whole);
  const planes = planeCount(image.channels);
  const collector = new StepCollector(planes);
  const { baseBits } = await pushNetChain(image, collector, options);
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

  addPrior(bits: number): void {
    this.lossPrior += bits;
  }

  addStep(i: number, bits: number): void {
    this.lossSteps[i - 1] = (this.lossSteps[i - 1] ?? 0) + bits;
  }

  /** Puts a tile's mean given y_i in place; for i beyond the latents of all tiles, given the low image. */
  setMean(tile: Tile, i: number | 'low', mean: (index: number) => number): void {
    const target = i === 'low' ? this.priorMean : this.meanOf(i);
    const { width } = halfSize(this);
    const [perPosition, skipped] = [3 * this.planes, NUM_PLANES / this.planes];
    for (let row = 0; row < tile.height; row++) {
      for (let column = 0; column < tile.width; column++) {
        const to = ((tile.row + row) * width + tile.column + column) * perPosition;
        const from = (row * tile.width + column) * NUM_COEFFICIENTS;
        for (let c = 0; c < perPosition; c++) target[to + c] = Math.round(mean(from + c * skipped));
      }
    }
  }

  private meanOf(i: number): Int16Array {
    while (this.means.length <= i) this.means.push(new Int16Array(this.priorMean.length).fill(UNKNOWN));
    return this.means[i]!;
  }

  *steps(): Generator<{ known: 'low' | number; bitsAfter: number; detail: Int16Array }> {
    let bitsAfter = 0;
    yield { known: 'low', bitsAfter, detail: this.priorMean };
    bitsAfter += this.lossPrior;
    for (let i = this.means.length - 1; i >= 0; i--) {
      // Tiles with fewer latents than others stay at what the low image tells until they have some.
      const detail = this.means[i]!.map((mean, index) => (mean === UNKNOWN ? this.priorMean[index]! : mean));
      yield { known: i, bitsAfter, detail };
      bitsAfter += this.lossSteps[i - 1] ?? 0;
    }
  }
}

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
    this.stage!.addRecon(reconBits(term));
    this.setLowMean(term);
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

  private setLowMean(term: DirectTerm | PriorTerm): void {
    const isCoded = maskOf(term);
    this.stage!.setMean(this.place!, 'low', (index) => isCoded[index]! * (term.gaussians.mean16[index]! / 16));
  }
}

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

function rmseOf(estimate: Image8, { channels, data }: Image8): number {
  const planes = estimate.channels;
  let sum = 0;
  for (let i = 0; i < estimate.data.length; i++) {
    const error = estimate.data[i]! - data[Math.floor(i / planes) * channels + (i % planes)]!;
    sum += error * error;
  }
  return Math.sqrt(sum / estimate.data.length);
}
