/**
 * The chroma of a block as three symbols, each a pair of integers for Co and Cg: vertical details, difference of the
 * upper row, difference of the lower row; weighed by the pairs (Co, Cg) of the pixels that they make.
 */

import { type Block, D, H, setDetails, V } from '../pyramid/block-details.ts';
import { CategoricalCdf, MAX_SYMBOLS } from '../rans/categorical.ts';
import { PlaneWindows, type Window } from './block-windows.ts';
import type { ColourCounts } from './colour-counts.ts';
import type { Gaussians } from './gaussians.ts';
import { pairIndex } from './pair-histogram.ts';
import type { SymbolPort } from './symbol-port.ts';

/** More than the low values that a window of vertical details can make. */
const MAX_LOWS = 16;

/** A pair of integers for Co and Cg. */
interface Pair {
  co: number;
  cg: number;
}

export class ChromaSymbols {
  private readonly weights: Float32Array;
  private readonly co = new PlaneWindows();
  private readonly cg = new PlaneWindows();
  private readonly cdf = new CategoricalCdf();
  private readonly cells = new Float64Array(MAX_SYMBOLS);
  private readonly upperSums = new Float64Array(MAX_LOWS * MAX_LOWS);
  private readonly lowerSums = new Float64Array(MAX_LOWS * MAX_LOWS);
  private readonly pair: Pair = { co: 0, cg: 0 };

  constructor(counts: ColourCounts) {
    this.weights = counts.pairs.weights;
  }

  code(port: SymbolPort, gaussians: Gaussians, { low, lowBase, u, base }: Block): void {
    const { co, cg, pair } = this;
    co.set(gaussians, base + 1);
    cg.set(gaussians, base + 2);
    const [meanCo, meanCg] = [low[lowBase + 1]!, low[lowBase + 2]!];

    this.weighVertical(meanCo, meanCg);
    this.codePair(port, co.vertical, cg.vertical, u[base + V + 1]!, u[base + V + 2]!);
    const [verticalCo, verticalCg] = [pair.co, pair.cg];
    const [lowCo, lowCg] = [meanCo - (verticalCo >> 1), meanCg - (verticalCg >> 1)];

    const wantedLowerCo = u[base + H + 1]! - (u[base + D + 1]! >> 1);
    const wantedLowerCg = u[base + H + 2]! - (u[base + D + 2]! >> 1);
    this.weighRow(co.upper, cg.upper, lowCo + verticalCo, lowCg + verticalCg);
    this.codePair(port, co.upper, cg.upper, u[base + D + 1]! + wantedLowerCo, u[base + D + 2]! + wantedLowerCg);
    const [upperCo, upperCg] = [pair.co, pair.cg];

    co.conditionLower(upperCo);
    cg.conditionLower(upperCg);
    this.weighRow(co.lower, cg.lower, lowCo, lowCg);
    this.codePair(port, co.lower, cg.lower, wantedLowerCo, wantedLowerCg);

    setDetails(u, base + 1, { vertical: verticalCo, upper: upperCo, lower: pair.co });
    setDetails(u, base + 2, { vertical: verticalCg, upper: upperCg, lower: pair.cg });
  }

  /** Codes a pair by the weights in `cells`; the result is in `pair`. */
  private codePair(port: SymbolPort, a: Window, b: Window, wantedCo: number, wantedCg: number): void {
    const { cdf, cells, pair } = this;
    cdf.set(cells, a.count * b.count);
    const [i, j] = [a.indexOf(wantedCo), b.indexOf(wantedCg)];
    const symbol = port.categorical(cdf, i < 0 || j < 0 ? cdf.escape : i * b.count + j);
    if (symbol === cdf.escape) {
      pair.co = port.gaussian(a.mean16, a.scale, wantedCo);
      pair.cg = port.gaussian(b.mean16, b.scale, wantedCg);
    } else {
      const row = Math.floor(symbol / b.count);
      pair.co = a.first + row;
      pair.cg = b.first + symbol - row * b.count;
    }
  }

  /** Frequency of each pair of vertical details times the sums of both rows that it makes. */
  private weighVertical(meanCo: number, meanCg: number): void {
    const { co, cg, cells, upperSums, lowerSums } = this;
    const [a, b] = [co.vertical, cg.vertical];
    const [lastCo, lastCg] = [a.first + a.count - 1, b.first + b.count - 1];
    const [upperCo, upperCg] = [(a.first + 1) >> 1, (b.first + 1) >> 1];
    const [lowerCo, lowerCg] = [a.first >> 1, b.first >> 1];
    for (let i = upperCo; i <= (lastCo + 1) >> 1; i++) {
      for (let j = upperCg; j <= (lastCg + 1) >> 1; j++) {
        upperSums[(i - upperCo) * MAX_LOWS + j - upperCg] = this.rowSum(co.upper, cg.upper, meanCo + i, meanCg + j);
      }
    }
    for (let i = lowerCo; i <= lastCo >> 1; i++) {
      for (let j = lowerCg; j <= lastCg >> 1; j++) {
        lowerSums[(i - lowerCo) * MAX_LOWS + j - lowerCg] = this.rowSum(co.lower, cg.lower, meanCo - i, meanCg - j);
      }
    }
    for (let i = 0, cell = 0; i < a.count; i++) {
      const vertical = a.first + i;
      const upperRow = (((vertical + 1) >> 1) - upperCo) * MAX_LOWS - upperCg;
      const lowerRow = ((vertical >> 1) - lowerCo) * MAX_LOWS - lowerCg;
      for (let j = 0; j < b.count; j++) {
        const other = b.first + j;
        const rows = upperSums[upperRow + ((other + 1) >> 1)]! * lowerSums[lowerRow + (other >> 1)]!;
        cells[cell++] = a.freqs[i]! * b.freqs[j]! * rows;
      }
    }
  }

  /** Sum over the likely differences of a row of their frequencies times the weights of both pixels. */
  private rowSum(a: Window, b: Window, lowCo: number, lowCg: number): number {
    const { weights } = this;
    const freqs = b.freqs;
    let total = 0;
    for (let i = a.sumStart; i < a.sumEnd; i++) {
      const difference = a.first + i;
      const rightRow = pairIndex(lowCo - (difference >> 1), 0);
      const leftRow = pairIndex(lowCo + ((difference + 1) >> 1), 0);
      let sum = 0;
      for (let j = b.sumStart; j < b.sumEnd; j++) {
        const other = b.first + j;
        const left = weights[leftRow | pairIndex(0, lowCg + ((other + 1) >> 1))]!;
        const right = weights[rightRow | pairIndex(0, lowCg - (other >> 1))]!;
        sum += freqs[j]! * left * right;
      }
      total += a.freqs[i]! * sum;
    }
    return total;
  }

  /** Frequency of each pair of differences of a row times the weights of both pixels. */
  private weighRow(a: Window, b: Window, lowCo: number, lowCg: number): void {
    const { weights, cells } = this;
    for (let i = 0, cell = 0; i < a.count; i++) {
      const difference = a.first + i;
      const rightRow = pairIndex(lowCo - (difference >> 1), 0);
      const leftRow = pairIndex(lowCo + ((difference + 1) >> 1), 0);
      for (let j = 0; j < b.count; j++) {
        const other = b.first + j;
        const left = weights[leftRow | pairIndex(0, lowCg + ((other + 1) >> 1))]!;
        const right = weights[rightRow | pairIndex(0, lowCg - (other >> 1))]!;
        cells[cell++] = a.freqs[i]! * b.freqs[j]! * left * right;
      }
    }
  }
}
