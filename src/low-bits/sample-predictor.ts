/**
 * What a sample is likely to be, from three points of view: least squares over all that is known around it, least squares
 * over known samples alone, which forgets sooner, and the median edge detector of JPEG-LS (ITU-T T.87).
 *
 * All works on differences from the middle of the values that the sample's high bits leave open. A neighbour outside
 * the image counts as that middle.
 */
import { LeastSquares } from './least-squares.ts';
import type { SplitImage } from './split.ts';

export const NUM_PREDICTIONS = 3;
/** Predictions are in units of 1/16. */
const UNIT = 16;
/** Classes of mean error, two an octave. */
export const NUM_ERROR_CLASSES = 32;

type Offset = readonly [row: number, column: number];

/** Neighbours of which the whole sample is known, left, above and above left first. */
const KNOWN: readonly Offset[] = [
  [0, -1],
  [-1, 0],
  [-1, -1],
  [-1, 1],
  [0, -2],
  [-2, 0],
  [-1, -2],
  [-2, 1],
  [-2, -1],
  [-1, 2],
];
/** Places in the channels before, of which the sample is known. */
const OTHER_CHANNEL: readonly Offset[] = [
  [0, 0],
  [0, -1],
  [-1, 0],
  [-1, -1],
];
/** Neighbours of which only the high bits are known. */
const AHEAD: readonly Offset[] = [
  [0, 1],
  [1, 0],
  [1, -1],
  [1, 1],
];

/** Both are exact in binary. */
const LONG_MEMORY = 511 / 512;
const SHORT_MEMORY = 31 / 32;

export class SamplePredictor {
  /** Of the sample that predict was called for, in 1/16, above the least value that it can have. */
  readonly predictions = new Int32Array(NUM_PREDICTIONS);
  /** How far the predictions were off around it. */
  readonly errorClasses = new Int32Array(NUM_PREDICTIONS);

  private readonly image: SplitImage;
  /** By channel. */
  private readonly wide: readonly LeastSquares[];
  private readonly near: readonly LeastSquares[];
  private readonly inputs: Float64Array;
  /** [predictions][channels, width + 2]: errors of the row above, and left of the sample those of its row. */
  private readonly errors: readonly Int32Array[];
  private row = 0;
  private column = 0;
  private channel = 0;

  constructor(image: SplitImage) {
    const { channels, width } = image;
    const nearInputs = (channel: number) => KNOWN.length + channel * OTHER_CHANNEL.length;
    const perChannel = <T>(make: (channel: number) => T) => Array.from({ length: channels }, (_, c) => make(c));
    this.image = image;
    this.wide = perChannel((channel) => new LeastSquares(nearInputs(channel) + AHEAD.length, LONG_MEMORY));
    this.near = perChannel((channel) => new LeastSquares(nearInputs(channel), SHORT_MEMORY));
    this.inputs = new Float64Array(nearInputs(channels - 1) + AHEAD.length);
    this.errors = Array.from({ length: NUM_PREDICTIONS }, () => new Int32Array(channels * (width + 2)));
  }

  /** Predicts a sample; all before it must be known. @param index in [height, width, channels] */
  predict(index: number): void {
    this.moveTo(index);
    this.gatherInputs();
    const { inputs, channel } = this;
    this.predictions[0] = this.place(this.wide[channel]!.predict(inputs));
    this.predictions[1] = this.place(this.near[channel]!.predict(inputs));
    this.predictions[2] = this.place(medianEdge(inputs[0]!, inputs[1]!, inputs[2]!));
    for (let i = 0; i < NUM_PREDICTIONS; i++) this.errorClasses[i] = this.errorClass(this.errors[i]!);
  }

  /** Learns the low bits of the sample that predict was called for. */
  update(low: number): void {
    const { inputs, channel } = this;
    const target = low - halfOf(this.image.shifts[channel]!);
    this.wide[channel]!.update(inputs, target);
    this.near[channel]!.update(inputs, target);
    const at = this.errorsAt() + 1;
    for (let i = 0; i < NUM_PREDICTIONS; i++) this.errors[i]![at] = Math.abs(UNIT * low - this.predictions[i]!);
  }

  private moveTo(index: number): void {
    const { width, channels } = this.image;
    this.channel = index % channels;
    const pixel = (index - this.channel) / channels;
    this.column = pixel % width;
    this.row = (pixel - this.column) / width;
  }

  /** Fills inputs: known neighbours, channels before, neighbours ahead, each less its middle. */
  private gatherInputs(): void {
    const { inputs, channel } = this;
    const middle = this.middleAt(0, 0, channel);
    let count = 0;
    for (const [row, column] of KNOWN) {
      inputs[count++] = this.isInside(row, column) ? this.sampleAt(row, column, channel) - middle : 0;
    }
    for (let other = 0; other < channel; other++) {
      const otherMiddle = this.middleAt(0, 0, other);
      for (const [row, column] of OTHER_CHANNEL) {
        inputs[count++] = this.isInside(row, column) ? this.sampleAt(row, column, other) - otherMiddle : 0;
      }
    }
    for (const [row, column] of AHEAD) {
      inputs[count++] = this.isInside(row, column) ? this.middleAt(row, column, channel) - middle : 0;
    }
  }

  private isInside(row: number, column: number): boolean {
    const { height, width } = this.image;
    const [y, x] = [this.row + row, this.column + column];
    return y >= 0 && y < height && x >= 0 && x < width;
  }

  private indexAt(row: number, column: number, channel: number): number {
    const { width, channels } = this.image;
    return ((this.row + row) * width + this.column + column) * channels + channel;
  }

  private sampleAt(row: number, column: number, channel: number): number {
    return this.image.samples[this.indexAt(row, column, channel)]!;
  }

  /** The middle of the values that the high bits leave open. */
  private middleAt(row: number, column: number, channel: number): number {
    const shift = this.image.shifts[channel]!;
    return (this.image.high[this.indexAt(row, column, channel)]! << shift) + halfOf(shift);
  }

  /** A difference from the middle as a prediction, not further from it than one and a half times the open values. */
  private place(difference: number): number {
    const shift = this.image.shifts[this.channel]!;
    const limit = 24 << shift;
    const rounded = Math.floor(difference * UNIT + 0.5);
    return Math.max(-limit, Math.min(limit, rounded)) + UNIT * halfOf(shift);
  }

  private errorsAt(): number {
    return this.channel * (this.image.width + 2) + this.column;
  }

  /** Two classes an octave of the weighed sum of the errors left, above and above right; 0 outside the image. */
  private errorClass(errors: Int32Array): number {
    const at = this.errorsAt();
    // Each error is at most 2^13, so the sum is below 2^16 and the class below 32.
    const sum = 3 * errors[at]! + 2 * errors[at + 1]! + errors[at + 2]! + 1;
    const octave = 31 - Math.clz32(sum);
    return octave === 0 ? 0 : 2 * octave + ((sum >> (octave - 1)) & 1);
  }
}

/** Half of the open values, 0 where there is one only. */
const halfOf = (shift: number): number => (1 << shift) >> 1;

function medianEdge(left: number, above: number, aboveLeft: number): number {
  const low = Math.min(left, above);
  const high = Math.max(left, above);
  if (aboveLeft >= high) return low;
  return aboveLeft <= low ? high : left + above - aboveLeft;
}
