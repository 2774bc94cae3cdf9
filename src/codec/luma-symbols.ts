/**
 * The luma of a block of known chroma as three symbols: vertical detail, difference of the upper row, difference of the
 * lower row; weighed by the colours of the pixels that they make.
 */

import { type Block, D, H, planePixels, setDetails, V } from '../pyramid/block-details.ts';
import { CategoricalCdf } from '../rans/categorical.ts';
import { MAX_WINDOW, PlaneWindows, type Window } from './block-windows.ts';
import type { ColourCounts } from './colour-counts.ts';
import type { Gaussians } from './gaussians.ts';
import type { SymbolPort } from './symbol-port.ts';

/** More than the lumas that one pixel can get: those of all low values and differences. */
const MAX_LUMAS = 48;

export class LumaSymbols {
  private readonly counts: ColourCounts;
  private readonly planes: 1 | 3;
  private readonly y = new PlaneWindows();
  private readonly upperRow = new RowWeights();
  private readonly lowerRow = new RowWeights();
  private readonly cdf = new CategoricalCdf();
  private readonly cells = new Float64Array(MAX_WINDOW);
  /** Chroma of the four pixels: upper left, upper right, lower left, lower right; 0 in gray images. */
  private readonly pixels = { co: new Int32Array(4), cg: new Int32Array(4) };

  constructor(counts: ColourCounts, planes: 1 | 3) {
    this.counts = counts;
    this.planes = planes;
  }

  code(port: SymbolPort, gaussians: Gaussians, block: Block): void {
    const { y, pixels } = this;
    const { low, lowBase, u, base } = block;
    y.set(gaussians, base);
    if (this.planes === 3) {
      planePixels(block, 1, pixels.co);
      planePixels(block, 2, pixels.cg);
    }
    const mean = low[lowBase]!;

    this.weighVertical(mean);
    const vertical = this.codeOne(port, y.vertical, u[base + V]!);
    const lowValue = mean - (vertical >> 1);

    const wantedLower = u[base + H]! - (u[base + D]! >> 1);
    this.weighRow(0, y.upper, lowValue + vertical);
    const upper = this.codeOne(port, y.upper, u[base + D]! + wantedLower);

    y.conditionLower(upper);
    this.weighRow(2, y.lower, lowValue);
    const lower = this.codeOne(port, y.lower, wantedLower);

    setDetails(u, base, { vertical, upper, lower });
  }

  private codeOne(port: SymbolPort, window: Window, wanted: number): number {
    const { cdf, cells } = this;
    cdf.set(cells, window.count);
    const index = window.indexOf(wanted);
    const symbol = port.categorical(cdf, index < 0 ? cdf.escape : index);
    if (symbol === cdf.escape) return port.gaussian(window.mean16, window.scale, wanted);
    return window.first + symbol;
  }

  private weighVertical(mean: number): void {
    const { y, cells, upperRow, lowerRow } = this;
    const { first, count, freqs } = y.vertical;
    const last = first + count - 1;
    this.placeRow(upperRow, 0, { window: y.upper, first: mean + ((first + 1) >> 1), last: mean + ((last + 1) >> 1) });
    this.placeRow(lowerRow, 2, { window: y.lower, first: mean - (last >> 1), last: mean - (first >> 1) });
    for (let i = 0; i < count; i++) {
      const vertical = first + i;
      const upper = upperRow.sum(y.upper, mean + ((vertical + 1) >> 1));
      cells[i] = freqs[i]! * upper * lowerRow.sum(y.lower, mean - (vertical >> 1));
    }
  }

  /** @param pixel 0 for the upper row, 2 for the lower */
  private weighRow(pixel: number, window: Window, low: number): void {
    const { cells, upperRow } = this;
    this.placeRow(upperRow, pixel, { window, first: low, last: low });
    for (let i = 0; i < window.count; i++) {
      cells[i] = window.freqs[i]! * upperRow.weight(low, window.first + i);
    }
  }

  /** Gets the weights of all lumas that a row's two pixels can have with low values first .. last. */
  private placeRow(
    row: RowWeights,
    pixel: number,
    { window, first, last }: { window: Window; first: number; last: number },
  ): void {
    const { co, cg } = this.pixels;
    const end = window.first + window.count - 1;
    row.leftFirst = first + ((window.first + 1) >> 1);
    row.rightFirst = first - (end >> 1);
    const leftCount = last + ((end + 1) >> 1) - row.leftFirst + 1;
    const rightCount = last - (window.first >> 1) - row.rightFirst + 1;
    this.counts.lumaWeights(co[pixel]!, cg[pixel]!, { first: row.leftFirst, count: leftCount, out: row.left });
    const right = { first: row.rightFirst, count: rightCount, out: row.right };
    this.counts.lumaWeights(co[pixel + 1]!, cg[pixel + 1]!, right);
  }
}

/** Weights of the lumas of a row's left and right pixel. */
class RowWeights {
  leftFirst = 0;
  rightFirst = 0;
  readonly left = new Float64Array(MAX_LUMAS);
  readonly right = new Float64Array(MAX_LUMAS);

  weight(low: number, difference: number): number {
    const left = this.left[low + ((difference + 1) >> 1) - this.leftFirst]!;
    return left * this.right[low - (difference >> 1) - this.rightFirst]!;
  }

  sum(window: Window, low: number): number {
    let sum = 0;
    for (let i = window.sumStart; i < window.sumEnd; i++) {
      sum += window.freqs[i]! * this.weight(low, window.first + i);
    }
    return sum;
  }
}
