/**
 * The details of a 2x2 block under the network's Gaussians times the weights of the four colours that they make
 * (colour-counts.ts), as six symbols:
 *
 *     chroma: the vertical details of Co and Cg; left - right of the upper row; left - right of the lower row
 *     luma:   the same three of Y, with all chroma known
 *
 * V is coded before its rows, so its weight is that of all that its rows can still become. Where a symbol falls outside
 * the window of likely values, an escape and plain Gaussians follow. All sums run in the order written here, so encoder
 * and decoder have the same doubles.
 */
import { BANDS, type Block } from '../pyramid/block-details.ts';
import { ChromaSymbols } from './chroma-symbols.ts';
import type { ColourCounts } from './colour-counts.ts';
import type { Gaussians } from './gaussians.ts';
import { LumaSymbols } from './luma-symbols.ts';
import type { SymbolPort } from './symbol-port.ts';

/** Wider Gaussians, than sigma 2 for chroma and 4 for luma, are coded without weights: the work grows with sigma^4. */
const MAX_CHROMA_SCALE = 96;
const MAX_LUMA_SCALE = 112;

/** Codes the details of blocks; the colours that it counts are its caller's to add. */
export class BlockCodec {
  private readonly chroma: ChromaSymbols;
  private readonly luma: LumaSymbols;
  private readonly counts: ColourCounts;
  private readonly planes: 1 | 3;

  constructor(counts: ColourCounts, planes: 1 | 3) {
    this.counts = counts;
    this.planes = planes;
    this.chroma = new ChromaSymbols(counts);
    this.luma = new LumaSymbols(counts, planes);
  }

  /** Codes the nine details of a whole block, or three of a gray one. */
  code(port: SymbolPort, gaussians: Gaussians, block: Block): void {
    if (this.planes === 3) {
      const usesPairs = this.counts.usesChroma && isNarrow(gaussians, block.base, CHROMA, MAX_CHROMA_SCALE);
      if (usesPairs) this.chroma.code(port, gaussians, block);
      else codePlainly(port, gaussians, block, CHROMA);
    }
    const usesColours = this.counts.usesLuma && isNarrow(gaussians, block.base, LUMA, MAX_LUMA_SCALE);
    if (usesColours) this.luma.code(port, gaussians, block);
    else codePlainly(port, gaussians, block, LUMA);
  }
}

const LUMA = BANDS;
const CHROMA = BANDS.flatMap((band) => [band + 1, band + 2]);

function isNarrow({ scale }: Gaussians, base: number, coefficients: readonly number[], maxScale: number): boolean {
  for (const c of coefficients) if (scale[base + c]! > maxScale) return false;
  return true;
}

/** Codes some of a block's coefficients by their Gaussians alone. */
export function codePlainly(
  port: SymbolPort,
  { mean16, scale }: Gaussians,
  { u, base }: Block,
  coefficients: readonly number[],
): void {
  for (const c of coefficients) u[base + c] = port.gaussian(mean16[base + c]!, scale[base + c]!, u[base + c]!);
}
