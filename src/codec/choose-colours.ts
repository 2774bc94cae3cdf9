/**
 * The encoder's choice how strongly the colours of an image weigh: it plays the decoder on a sample of the image without
 * the network, with Gaussians of a fixed width in its place, and takes the strengths that would have saved most bits.
 *
 * Nothing here has to be repeated by a decoder, which is told the choice.
 */
import { NUM_COEFFICIENTS, NUM_PLANES } from '../diffusion/dimensions.ts';
import { planePixels } from '../pyramid/block-details.ts';
import { halfSize } from '../pyramid/haar.ts';
import { readDetail, type Stage } from '../pyramid/stages.ts';
import { type Tile, tilesOf } from '../pyramid/tiles.ts';
import { ColourCounts, KAPPAS } from './colour-counts.ts';
import { type ColourChoice, NO_COLOURS } from './colours.ts';
import { pairIndex } from './pair-histogram.ts';

/** Tiles of the finest stage to look at, at most. */
const MAX_TILES = 8;
/** Bits a pixel that weights must save to be used, and from which the chain starts late. */
const MIN_GAIN = 0.02;
const MIN_LATE_GAIN = 1;

/** Relative likelihood of a difference d to the true value, for errors and guesses of standard deviation 0.7. */
const KERNEL = [-3, -2, -1, 0, 1, 2, 3].map((d) => Math.exp(-(d * d) / (4 * 0.7 * 0.7)));
const REACH = 3;
const KERNEL_TOTAL = KERNEL.reduce((sum, likelihood) => sum + likelihood);
const PAIR_REACH = 2;

export function chooseColours(stage: Stage | undefined, planes: 1 | 3): ColourChoice {
  if (stage === undefined) return NO_COLOURS;
  const tiles = sampleTiles(stage);
  const gains = KAPPAS.map((_, strength) => (strength === 0 ? NO_GAIN : gainOf(strength, tiles, stage, planes)));
  const chroma = bestOf(gains.map((gain) => gain.chroma));
  const luma = bestOf(gains.map((gain) => gain.luma));
  const gain = gains[chroma]!.chroma + gains[luma]!.luma;
  return gain === 0 ? NO_COLOURS : { chroma, luma, startsLate: gain > MIN_LATE_GAIN };
}

/** In bits a pixel. */
interface Gain {
  readonly chroma: number;
  readonly luma: number;
}

const NO_GAIN: Gain = { chroma: 0, luma: 0 };

/** Index of the largest gain, 0 when none is worth it. */
function bestOf(gains: readonly number[]): number {
  const best = gains.indexOf(Math.max(...gains));
  return gains[best]! > MIN_GAIN ? best : 0;
}

function sampleTiles(stage: Stage): Tile[] {
  const { height, width } = halfSize(stage);
  const tiles = tilesOf(height, width, false);
  const stride = Math.max(1, tiles.length / MAX_TILES);
  return Array.from({ length: Math.min(tiles.length, MAX_TILES) }, (_, i) => tiles[Math.floor(i * stride)]!);
}

function gainOf(strength: number, tiles: readonly Tile[], stage: Stage, planes: 1 | 3): Gain {
  const counts = new ColourCounts({ chroma: strength, luma: strength }, planes);
  let [chroma, luma, pixels] = [0, 0, 0];
  const [y, co, cg] = [new Int32Array(4), new Int32Array(4), new Int32Array(4)];
  for (const tile of tiles) {
    forEachWholeBlock(stage, tile, planes, (block) => {
      for (const [plane, out] of [y, co, cg].entries()) if (plane < planes) planePixels(block, plane, out);
      if (planes === 3) chroma += pairGain(counts, co[0]!, cg[0]!);
      luma += lumaGain(counts, { y: y[0]!, co: co[0]!, cg: cg[0]! });
      pixels++;
      for (let i = 0; i < 4; i++) counts.add(y[i]!, co[i]!, cg[i]!);
    });
  }
  return { chroma: chroma / Math.max(1, pixels), luma: luma / Math.max(1, pixels) };
}

/** Bits that the weights save on a pair (Co, Cg). */
function pairGain({ pairs: { weights } }: ColourCounts, co: number, cg: number): number {
  let [total, sum] = [0, 0];
  for (let i = -PAIR_REACH; i <= PAIR_REACH; i++) {
    for (let j = -PAIR_REACH; j <= PAIR_REACH; j++) {
      const likelihood = KERNEL[REACH + i]! * KERNEL[REACH + j]!;
      total += likelihood;
      sum += likelihood * weights[pairIndex(co + i, cg + j)]!;
    }
  }
  return Math.log2((weights[pairIndex(co, cg)]! * total) / sum);
}

const LUMAS = new Float64Array(2 * REACH + 1);

/** Bits that the weights save on a luma of known chroma. */
function lumaGain(counts: ColourCounts, { y, co, cg }: { y: number; co: number; cg: number }): number {
  counts.lumaWeights(co, cg, { first: y - REACH, count: LUMAS.length, out: LUMAS });
  const sum = KERNEL.reduce((sum, likelihood, i) => sum + likelihood * LUMAS[i]!, 0);
  return Math.log2((LUMAS[REACH]! * KERNEL_TOTAL) / sum);
}

type VisitBlock = (block: { low: Int16Array; lowBase: number; u: Int16Array; base: number }) => void;

function forEachWholeBlock(stage: Stage, tile: Tile, planes: 1 | 3, visit: VisitBlock): void {
  const detail = readDetail(stage, tile, planes);
  const u = new Int16Array(NUM_COEFFICIENTS);
  const { width } = halfSize(stage);
  for (let i = 0; i < tile.height; i++) {
    for (let j = 0; j < tile.width; j++) {
      const [row, column] = [tile.row + i, tile.column + j];
      if (2 * row + 1 >= stage.height || 2 * column + 1 >= stage.width) continue;
      const start = (i * tile.width + j) * 3 * planes;
      for (let c = 0; c < 3 * planes; c++) u[(c * NUM_PLANES) / planes] = detail[start + c]!;
      visit({ low: stage.low, lowBase: (row * width + column) * planes, u, base: 0 });
    }
  }
}
