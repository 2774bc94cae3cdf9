/**
 * What predictors see around the pixels of a batch: what the network sees, and for regressions the differences of near neighbours and
 * the network's errors there. kernels/surroundings.ts does the same.
 */
import { ROW_FACTS, type SampleRows } from '../kernels/samples.ts';
import { type Diagonal, pixelOfDiagonal, SLOPE } from './diagonals.ts';
import { ErrorRing } from './error-ring.ts';
import {
  CHANNEL_ORDER,
  divideDifferences,
  NEAR_OFFSETS,
  Neighbourhood,
  NUM_CHANNELS,
  type Pixels,
} from './neighbourhood.ts';
import type { Rows } from './pixel-network.ts';
import { FACTS } from './sample-facts.ts';

/** An image that is being revealed. */
export interface RevealedImage {
  /** Written by the caller. */
  readonly pixels: Pixels;
  /** 1 for gray, whose three colours are the same, of which the first is coded; 3 for colour. */
  readonly planes: 1 | 3;
  /** Its colours are counted, and weigh windows. */
  readonly weighsColours: boolean;
}

export class Surroundings {
  private readonly pixels: Pixels;
  private readonly planes: number;
  private readonly neighbourhood: Neighbourhood;
  private readonly errors: ErrorRing;
  private readonly differences = new Int32Array(NEAR_OFFSETS.length * NUM_CHANNELS);

  constructor({ pixels, planes }: RevealedImage) {
    this.pixels = pixels;
    this.planes = planes;
    this.neighbourhood = new Neighbourhood(pixels);
    this.errors = new ErrorRing({ height: pixels.height, width: pixels.width, planes });
  }

  /** Writes inputs of the network for a batch, and spreads, predictions, first bases, inputs and energies of its samples. */
  look({ row, column, length }: Diagonal, { values, width }: Rows<Int16Array>, rows: SampleRows): void {
    const { neighbourhood } = this;
    for (let i = 0; i < length; i++) {
      neighbourhood.look(row + i, column - SLOPE * i, values, i * width);
      divideDifferences(values, i * width, neighbourhood.spread);
      rows.spreads[i] = neighbourhood.spread;
      rows.bases[i] = neighbourhood.prediction[CHANNEL_ORDER[0]]!;
      for (const [c, channel] of CHANNEL_ORDER.entries()) {
        rows.predictions[i * NUM_CHANNELS + c] = neighbourhood.prediction[channel]!;
      }
      this.lookNear(i, row + i, column - SLOPE * i, rows);
    }
  }

  /** Notes the errors of a plane of a batch. */
  reveal(batch: Diagonal, plane: number, { facts }: SampleRows): void {
    const { width, data } = this.pixels;
    for (let i = 0; i < batch.length; i++) {
      const value = data[NUM_CHANNELS * pixelOfDiagonal(batch, i, width) + CHANNEL_ORDER[plane]!]!;
      this.errors.write(batch.row + i, batch.column - SLOPE * i, plane, value - facts[i * ROW_FACTS + FACTS.mean]!);
    }
  }

  private lookNear(i: number, row: number, column: number, { inputs, energies }: SampleRows): void {
    const { planes, differences } = this;
    const [half, stride] = [NEAR_OFFSETS.length * planes, NUM_CHANNELS / planes];
    this.neighbourhood.nearDifferences(differences);
    const start = 2 * half * i;
    for (let k = 0; k < half; k++) inputs[start + k] = differences[k * stride]!;
    this.errors.read(row, column, inputs, start + half);
    for (let plane = 0; plane < planes; plane++) energies[i * planes + plane] = this.errors.energy(row, column, plane);
  }
}
