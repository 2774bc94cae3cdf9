/** How the coefficients u of a tile go on and off the stack, given the Gaussians that a mode has for them. */
import { NUM_COEFFICIENTS } from '../diffusion/dimensions.ts';
import type { NeighbourTable } from '../model/model.ts';
import { BANDS, type Block, planePixels } from '../pyramid/block-details.ts';
import { coefficientExists, halfSize, type Size } from '../pyramid/haar.ts';
import type { Tile } from '../pyramid/tiles.ts';
import type { AnsStack } from '../rans/ans-stack.ts';
import { BlockCodec, codePlainly } from './block-codec.ts';
import { checked, type MapShape } from './coefficient-maps.ts';
import type { ColourCounts } from './colour-counts.ts';
import type { Gaussians } from './gaussians.ts';
import { NeighbourResiduals } from './neighbour-residuals.ts';
import { NotingPort, PoppingPort, type SymbolPort } from './symbol-port.ts';

export interface DataCodec {
  /** Returns the information content in bits, which is less than that of the Gaussians alone, for reports. */
  push(stack: AnsStack, u: Int32Array, model: DataModel, coded: Int32Array): number;
  /** @throws CodecError 'truncated' or 'corrupt' */
  pop(stack: AnsStack, model: DataModel, shape: MapShape): Int32Array;
  /** Tells that the tile is decoded already, or that it is not. @param change 1 or -1 */
  count(u: Int32Array, change: number): void;
}

/** What is known of u: the network's Gaussians, [height, width, 9], and what decoded neighbours tell beyond them. */
export interface DataModel {
  readonly gaussians: Gaussians;
  readonly neighbours: NeighbourTable;
}

/** Position by position, each coefficient on its own. */
export class PlainData implements DataCodec {
  private readonly width: number;

  /** @param width of the tile */
  constructor(width: number) {
    this.width = width;
  }

  push(stack: AnsStack, u: Int32Array, model: DataModel, coded: Int32Array): number {
    const port = new NotingPort();
    this.walk(port, u, model, coded);
    port.pushOnto(stack);
    return port.contentBits();
  }

  pop(stack: AnsStack, model: DataModel, { coded, size }: MapShape): Int32Array {
    const u = new Int32Array(size);
    this.walk(new PoppingPort(stack), u, model, coded);
    return u;
  }

  count(): void {}

  private walk(port: SymbolPort, u: Int32Array, { gaussians, neighbours }: DataModel, coded: Int32Array): void {
    const residuals = new NeighbourResiduals(gaussians, neighbours, this.width);
    const { mean16, scale } = residuals.refined;
    for (let i = 0; i < coded.length; ) {
      const position = Math.floor(coded[i]! / NUM_COEFFICIENTS);
      const end = (position + 1) * NUM_COEFFICIENTS;
      residuals.refine(position);
      for (; i < coded.length && coded[i]! < end; i++) {
        const index = coded[i]!;
        u[index] = checked(port.gaussian(mean16[index]!, scale[index]!, u[index]!));
        residuals.note(index, u[index]!);
      }
    }
  }
}

/** The finest stage, as far as its decoder knows it before its details. */
interface FinestStage extends Size {
  /** [ceil(height / 2), ceil(width / 2), planes] */
  readonly low: Int16Array;
}

/**
 * Block by block, with the weights of colours. Blocks at odd ends, which lack pixels, are coded plainly and not counted.
 *
 * Invariant: when a tile is coded the counts hold the tiles that are decoded before it. Popping adds the tile; pushing
 * leaves the counts as they were.
 */
export class ColourData implements DataCodec {
  private readonly counts: ColourCounts;
  private readonly stage: FinestStage;
  private readonly tile: Tile;
  private readonly planes: 1 | 3;
  private readonly blocks: BlockCodec;
  private readonly allCoefficients: readonly number[];
  /** Pixels of the block at hand, by plane; planes that a gray image lacks stay 0. */
  private readonly pixels = [new Int32Array(4), new Int32Array(4), new Int32Array(4)] as const;

  constructor(counts: ColourCounts, stage: FinestStage, tile: Tile, planes: 1 | 3) {
    this.counts = counts;
    this.stage = stage;
    this.tile = tile;
    this.planes = planes;
    this.blocks = new BlockCodec(counts, planes);
    this.allCoefficients = coefficientsOf(BANDS, planes);
  }

  push(stack: AnsStack, u: Int32Array, model: DataModel): number {
    const port = new NotingPort();
    this.walk(port, u, model);
    this.count(u, -1);
    port.pushOnto(stack);
    return port.contentBits();
  }

  pop(stack: AnsStack, model: DataModel, { size }: MapShape): Int32Array {
    const u = new Int32Array(size);
    this.walk(new PoppingPort(stack), u, model);
    return u;
  }

  /** Counts the pixels of all whole blocks of the tile, or takes them back. */
  count(u: Int32Array, change: number): void {
    const { counts } = this;
    this.forEachBlock(u, (block, isWhole) => {
      if (isWhole) this.forEachPixel(block, (y, co, cg) => counts.tally(y, co, cg, change));
    });
    counts.settle();
  }

  private walk(port: SymbolPort, u: Int32Array, { gaussians, neighbours }: DataModel): void {
    const residuals = new NeighbourResiduals(gaussians, neighbours, this.tile.width);
    this.forEachBlock(u, (block, isWhole, row, column) => {
      residuals.refine(block.base / NUM_COEFFICIENTS);
      const coefficients = isWhole ? this.allCoefficients : this.coefficientsAt(row, column);
      if (isWhole) {
        this.blocks.code(port, residuals.refined, block);
        this.forEachPixel(block, this.addPixel);
      } else {
        codePlainly(port, residuals.refined, block, coefficients);
        for (const c of coefficients) checked(u[block.base + c]!);
      }
      for (const c of coefficients) residuals.note(block.base + c, u[block.base + c]!);
    });
  }

  private readonly addPixel = (y: number, co: number, cg: number): void => this.counts.add(y, co, cg);

  private forEachPixel(block: Block, visit: (y: number, co: number, cg: number) => void): void {
    const [y, co, cg] = this.pixels;
    for (let plane = 0; plane < this.planes; plane++) planePixels(block, plane, this.pixels[plane]!);
    for (let i = 0; i < 4; i++) visit(y[i]!, co[i]!, cg[i]!);
  }

  /** Those of a block that lacks pixels. */
  private coefficientsAt(row: number, column: number): number[] {
    const bands = BANDS.filter((_, band) => coefficientExists(this.stage, row, column, band));
    return coefficientsOf(bands, this.planes);
  }

  /** Visits the tile's positions row by row. */
  private forEachBlock(
    u: Int32Array,
    visit: (block: Block, isWhole: boolean, row: number, column: number) => void,
  ): void {
    const { tile, stage, planes } = this;
    const { width } = halfSize(stage);
    const block = { low: stage.low, lowBase: 0, u, base: 0 };
    for (let i = 0; i < tile.height; i++) {
      for (let j = 0; j < tile.width; j++) {
        const [row, column] = [tile.row + i, tile.column + j];
        block.lowBase = (row * width + column) * planes;
        const isWhole = 2 * row + 1 < stage.height && 2 * column + 1 < stage.width;
        visit(block, isWhole, row, column);
        block.base += NUM_COEFFICIENTS;
      }
    }
  }
}

const coefficientsOf = (bands: readonly number[], planes: 1 | 3): number[] =>
  bands.flatMap((band) => Array.from({ length: planes }, (_, plane) => band + plane));
