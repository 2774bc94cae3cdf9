/** What a sample is coded by: its mixture, or where colours weigh, the starts of a window's values, and of the others by its mixture. */
import { ROW_WINDOW, type SampleRows } from '../kernels/samples.ts';
import type { AnsStack } from '../rans/ans-stack.ts';
import type { ByteDistribution } from '../rans/byte-mixture.ts';
import { CDF_PRECISION } from '../rans/discretised-gaussian.ts';
import { popBetween } from '../rans/intervals.ts';
import { PixelMixture } from './pixel-mixture.ts';

/** Values of a window, at most. */
export const MAX_WINDOW = 49;
/** A row of windows begins with the first value and the count; the starts follow. */
export const WINDOW_STARTS = 2;

const NUM_VALUES = 256;
/** A window reaches so many deviations to each side of the mean, and one value more. */
const DEVIATIONS = 2.5;
const MAX_HALF = (MAX_WINDOW - 1) / 2;

/** The window of a mixture, around its mean. */
export function windowOf(mixture: PixelMixture): { readonly first: number; readonly count: number } {
  const half = Math.min(Math.ceil(DEVIATIONS * mixture.deviation()) + 1, MAX_HALF);
  const centre = Math.min(Math.max(Math.floor(mixture.adaptedMean() + 0.5), 0), NUM_VALUES - 1);
  const first = Math.max(centre - half, 0);
  return { first, count: Math.min(centre + half, NUM_VALUES - 1) - first + 1 };
}

export class WindowMixture implements ByteDistribution {
  private readonly mixture: PixelMixture;
  private rows: SampleRows | undefined;
  private windows: Int32Array | undefined;
  private row = 0;
  private isLoaded = false;
  private first = 0;
  private count = 0;
  /** Index of the first value's start. */
  private at = 0;

  constructor(components: number) {
    this.mixture = new PixelMixture(components);
  }

  /** Stands for row i from here on. @param windows as weighed, if they are */
  set(i: number, rows: SampleRows, windows: Int32Array | undefined): void {
    this.rows = rows;
    this.windows = windows;
    this.row = i;
    this.isLoaded = false;
    if (windows === undefined) return;
    this.first = rows.windows[i * ROW_WINDOW]!;
    this.count = rows.windows[i * ROW_WINDOW + 1]!;
    this.at = i * ROW_WINDOW + WINDOW_STARTS;
  }

  start(value: number): number {
    const i = value - this.first;
    const isInside = this.windows !== undefined && i >= 0 && i <= this.count;
    return isInside ? this.windows![this.at + i]! : this.whole().start(value);
  }

  pop(stack: AnsStack): number {
    const { windows, at, first, count } = this;
    const slot = stack.peek(CDF_PRECISION);
    if (windows === undefined || slot < windows[at]! || slot >= windows[at + count]!) return this.whole().pop(stack);
    return popBetween(this, stack, first, first + count);
  }

  private whole(): PixelMixture {
    if (!this.isLoaded) this.mixture.load(this.row, this.rows!);
    this.isLoaded = true;
    return this.mixture;
  }
}
