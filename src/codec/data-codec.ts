/** How the coefficients u of a tile go on and off the stack, given the Gaussians that a mode has for them. */
import { NUM_COEFFICIENTS } from '../diffusion/dimensions.ts';
import { coefficientExists, halfSize, type Size } from '../pyramid/haar.ts';
import type { Tile } from '../pyramid/tiles.ts';
import type { AnsStack } from '../rans/ans-stack.ts';
import { BlockCodec, codePlainly } from './block-codec.ts';
import { type Block, D, H, planePixels, V } from './block-details.ts';
import { checked, type MapShape, popAll, pushAll } from './coefficient-maps.ts';
import type { ColourCounts } from './colour-counts.ts';
import type { Gaussians } from './predictor.ts';
import { NotingPort, PoppingPort, type SymbolPort } from './symbol-port.ts';

export interface DataCodec {
  /** Returns the information content in bits where it is not that of the Gaussians alone, for reports. */
  push(stack: AnsStack, u: Int32Array, gaussians: Gaussians, coded: Int32Array): number | undefined;
  /** @throws CodecError 'truncated' or 'corrupt' */
  pop(stack: AnsStack, gaussians: Gaussians, shape: MapShape): Int32Array;
  /** Tells that the tile is decoded already, or that it is not. @param change 1 or -1 */
  count(u: Int32Array, change: number): void;
}

/** Each coefficient on its own. */
export const PLAIN_DATA: DataCodec = {
  push(stack, u, gaussians, coded) {
    pushAll(stack, u, gaussians, coded);
    return undefined;
  },
  pop: popAll,
  count() {},
};

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
  /** Pixels of the block at hand, by plane; planes that a gray image lacks stay 0. */
  private readonly pixels = [new Int32Array(4), new Int32Array(4), new Int32Array(4)] as const;

  constructor(counts: ColourCounts, stage: FinestStage, tile: Tile, planes: 1 | 3) {
    this.counts = counts;
    this.stage = stage;
    this.tile = tile;
    this.planes = planes;
    this.blocks = new BlockCodec(counts, planes);
  }

  push(stack: AnsStack, u: Int32Array, gaussians: Gaussians): number {
    const port = new NotingPort();
    this.walk(port, u, gaussians);
    this.count(u, -1);
    port.pushOnto(stack);
    return port.contentBits;
  }

  pop(stack: AnsStack, gaussians: Gaussians, { size }: MapShape): Int32Array {
    const u = new Int32Array(size);
    this.walk(new PoppingPort(stack), u, gaussians);
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

  private walk(port: SymbolPort, u: Int32Array, gaussians: Gaussians): void {
    this.forEachBlock(u, (block, isWhole, row, column) => {
      if (isWhole) {
        this.blocks.code(port, gaussians, block);
        this.forEachPixel(block, this.addPixel);
      } else {
        const coefficients = this.coefficientsAt(row, column);
        codePlainly(port, gaussians, block, coefficients);
        for (const c of coefficients) checked(u[block.base + c]!);
      }
    });
  }

  private readonly addPixel = (y: number, co: number, cg: number): void => this.counts.add(y, co, cg);

  private forEachPixel(block: Block, visit: (y: number, co: number, cg: number) => void): void {
    const [y, co, cg] = this.pixels;
    for (let plane = 0; plane < this.planes; plane++) planePixels(block, plane, this.pixels[plane]!);
    for (let i = 0; i < 4; i++) visit(y[i]!, co[i]!, cg[i]!);
  }

  private coefficientsAt(row: number, column: number): number[] {
    const planes = this.planes === 1 ? [0] : [0, 1, 2];
    const bands = [H, V, D].filter((_, band) => coefficientExists(this.stage, row, column, band));
    return bands.flatMap((band) => planes.map((plane) => band + plane));
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
