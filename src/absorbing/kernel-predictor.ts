/** Predicts samples by the kernels: the network, what it sees and what is made of its outputs, on the same threads. */
import type { DenseColours, DenseKernel, DenseProgram, DenseSamples, DenseSurroundings } from '../kernels/dense.ts';
import { type PlaneState, ROW_FACTS, type SampleRows, type SampleSize } from '../kernels/samples.ts';
import { NORMAL_TABLES } from '../rans/discretised-gaussian.ts';
import { COLOUR_LAYOUT, ColourCounts } from './colour-counts.ts';
import { type Diagonal, pixelOfDiagonal, SLOPE } from './diagonals.ts';
import { CHANNEL_ORDER, NEAR_OFFSETS, NUM_CHANNELS } from './neighbourhood.ts';
import { createPixelNetwork, MAX_BATCH, type PixelNetwork, type PixelWeights } from './pixel-network.ts';
import { FACTS } from './sample-facts.ts';
import { forEachColour, type SamplePredictor } from './sample-predictor.ts';
import { NUM_CLASSES } from './scale-classes.ts';
import type { RevealedImage } from './surroundings.ts';

const sizeOf = (components: number): SampleSize => ({
  rows: MAX_BATCH,
  components,
  planes: NUM_CHANNELS,
  near: NEAR_OFFSETS.length,
  classes: NUM_CLASSES,
});

export class KernelPredictor implements SamplePredictor {
  readonly network: PixelNetwork;
  private readonly kernel: DenseKernel;
  private readonly samples: DenseSamples;
  private readonly surroundings: DenseSurroundings;
  private readonly prediction: DenseProgram;
  private readonly counts = new ColourCounts();
  private colours: DenseColours | undefined;
  private image: RevealedImage | undefined;
  private batch: Diagonal = { row: 0, column: 0, length: 0 };

  constructor(weights: PixelWeights, kernel: DenseKernel) {
    this.kernel = kernel;
    let samples: DenseSamples | undefined;
    let surroundings: DenseSurroundings | undefined;
    this.network = createPixelNetwork(weights, kernel, (program, channel, { inputs, outputs }) => {
      samples ??= kernel.addSamples(outputs, sizeOf(weights.components), NORMAL_TABLES);
      surroundings ??= kernel.addSurroundings(inputs, samples);
      return channel === 0 ? kernel.withLook(program, surroundings) : program;
    });
    this.samples = samples!;
    this.surroundings = surroundings!;
    this.prediction = kernel.addPrediction(this.samples);
  }

  start(image: RevealedImage): void {
    const { kernel, samples, surroundings } = this;
    this.image = image;
    if (image.weighsColours) {
      this.colours ??= kernel.addColours(samples, surroundings, { rows: MAX_BATCH, ...COLOUR_LAYOUT });
      this.counts.clear(kernel.colourCounts(this.colours));
    }
    kernel.setColours(samples, image.weighsColours ? this.colours : undefined);
  }

  /** The program of the first channel does it. */
  look(batch: Diagonal): void {
    const { pixels, planes } = this.image!;
    this.batch = batch;
    this.kernel.setBatch(this.surroundings, { row: batch.row, column: batch.column, width: pixels.width, planes });
    this.begin(0);
  }

  rows(): SampleRows {
    return this.kernel.sampleRows(this.samples);
  }

  begin(plane: number): void {
    this.network.begin(plane, this.batch.length);
  }

  predict(state: PlaneState, fills: boolean): SampleRows {
    const { kernel, samples } = this;
    this.network.finish();
    kernel.setPlane(samples, state, fills);
    kernel.begin(this.prediction, this.batch.length);
    kernel.finish();
    return this.rows();
  }

  reveal(plane: number): void {
    const { pixels, planes } = this.image!;
    const { row, column, length } = this.batch;
    const { facts } = this.rows();
    const rings = this.kernel.revealed(this.surroundings);
    for (let i = 0; i < length; i++) {
      const [y, x] = [row + i, column - SLOPE * i];
      const pixel = NUM_CHANNELS * pixelOfDiagonal(this.batch, i, pixels.width);
      const value = pixels.data[pixel + CHANNEL_ORDER[plane]!]!;
      rings.setError(y, x, plane, planes, value - facts[i * ROW_FACTS + FACTS.mean]!);
      if (planes === NUM_CHANNELS) rings.setSample(y, x, CHANNEL_ORDER[plane]!, value);
      else for (let channel = 0; channel < NUM_CHANNELS; channel++) rings.setSample(y, x, channel, value);
    }
  }

  count(batch: Diagonal): void {
    const { pixels, weighsColours } = this.image!;
    if (!weighsColours) return;
    const tables = this.kernel.colourCounts(this.colours!);
    forEachColour(pixels, batch, (green, red, blue) => this.counts.add(tables, green, red, blue));
  }

  finish(): void {
    this.kernel.finish();
    this.image = undefined;
  }

  heldBytes(): number {
    return this.counts.writtenBytes;
  }
}
