/**
 * The network that predicts pixels, in batches of those that know nothing of each other:
 *
 *     inputs -> dense -> residual blocks [ReLU, dense, ReLU, dense] -> ReLU -> features;
 *     features and what is known of the channels before -> dense, ReLU, dense -> parameters of a channel's mixture
 *
 * All in integers: activations of 16 bits, the residual stream and the outputs of 32.
 */
import { type DenseBackend, type DenseStep, type DenseWeights, padOutputs } from '../kernels/dense-backend.ts';
import { NUM_CHANNELS, NUM_INPUTS } from './neighbourhood.ts';

/** What a head is told of each of the channels before its own. */
export const KNOWN_INPUTS = 5;
/** Largest magnitude of that. */
export const MAX_KNOWN = 4;
/** Largest magnitude of a difference in units of two. */
export const MAX_HALVES = 3;
export const NUM_KNOWN = KNOWN_INPUTS * (NUM_CHANNELS - 1);
/** Parameters of a component: offset of the mean, octaves of the deviation, octaves of the weight. */
export const COMPONENT_PARAMETERS = 3;
/** Numbers that come out are in units of 1 / OUTPUT_UNIT. */
export const OUTPUT_UNIT = 4096;
/** Activations of the residual stream are it divided by 2^STREAM_SHIFT. */
export const STREAM_SHIFT = 4;
/** Pixels of a batch, at most. */
export const MAX_BATCH = 256;

export interface PixelArchitecture {
  /** Width of the trunk, a multiple of 8. */
  readonly channels: number;
  readonly blocks: number;
  /** Width of a head, a multiple of 8. */
  readonly headChannels: number;
  /** Gaussians of a mixture. */
  readonly components: number;
}

export interface PixelWeights extends PixelArchitecture {
  readonly input: DenseWeights;
  /** [2 * blocks] */
  readonly hidden: readonly DenseWeights[];
  /** [3]: of green, red and blue, with channels + NUM_KNOWN inputs. */
  readonly heads: readonly DenseWeights[];
  /** [3]: of 3 * components outputs: offsets of all components, octaves of all deviations, octaves of all weights. */
  readonly outputs: readonly DenseWeights[];
}

/** Rows of numbers that the caller reads or writes. */
export interface Rows<Columns> {
  readonly values: Columns;
  /** Numbers from one row to the next. */
  readonly width: number;
}

export interface PixelNetwork {
  readonly components: number;
  /** The inputs of the next batch, [count, NUM_INPUTS] in units of neighbourhood.ts, to be written. */
  inputs(count: number): Rows<Int16Array>;
  /** What heads are told of the channels before: NUM_KNOWN numbers a row in the same units, to be written; 0 at first in each batch. */
  known(count: number): Rows<Int16Array>;
  /**
   * Begins with a channel of a batch. It may go on beside what the caller does, who leaves its rows alone until it is finished.
   * @param channel 0 green, which comes first and takes the inputs, 1 red, 2 blue
   */
  begin(channel: number, count: number): void;
  /** Parameters of the mixtures of the channel that was begun, [count, 3 * components], in units of 1 / OUTPUT_UNIT. */
  finish(): Rows<Int32Array>;
}

interface Sized<DenseMap> {
  readonly map: DenseMap;
  readonly width: number;
}

interface Maps<Map16, Map32> {
  readonly inputs: Sized<Map16>;
  readonly features: Sized<Map16>;
  readonly outputs: Sized<Map32>;
}

class BackedNetwork<Layer, Map16, Map32, Program> implements PixelNetwork {
  readonly components: number;
  private readonly backend: DenseBackend<Layer, Map16, Map32, Program>;
  private readonly channels: number;
  private readonly maps: Maps<Map16, Map32>;
  /** [3] */
  private readonly programs: readonly Program[];
  /** Of the batch. */
  private count = 0;

  constructor(
    weights: PixelWeights,
    backend: DenseBackend<Layer, Map16, Map32, Program>,
    extend: Extend<Map16, Map32, Program>,
  ) {
    const { channels, headChannels, components } = weights;
    this.components = components;
    this.backend = backend;
    this.channels = channels;
    const add16 = (columns: number): Sized<Map16> => {
      const width = padOutputs(columns);
      return { map: backend.addMap16(MAX_BATCH, width), width };
    };
    const [inputs, features] = [add16(NUM_INPUTS), add16(channels + NUM_KNOWN)];
    const width = padOutputs(COMPONENT_PARAMETERS * components);
    const outputs = { map: backend.addMap32(MAX_BATCH, width), width };
    this.maps = { inputs, features, outputs };
    const trunk = this.trunkSteps(weights);
    const head = add16(headChannels).map;
    this.programs = weights.heads.map((layer, i) => {
      const program = backend.addProgram([
        ...(i === 0 ? trunk : []),
        { operation: 'rectify', layer: backend.addLayer(layer), from: features.map, to: head },
        { operation: 'store', layer: backend.addLayer(weights.outputs[i]!), from: head, to: outputs.map },
      ]);
      return extend(program, i, { inputs: inputs.map, outputs: outputs.map });
    });
  }

  private trunkSteps({ channels: columns, input, hidden }: PixelWeights): DenseStep<Layer, Map16, Map32>[] {
    const { backend } = this;
    const [inputs, features] = [this.maps.inputs.map, this.maps.features.map];
    const [stream, inner] = [backend.addMap32(MAX_BATCH, columns), backend.addMap16(MAX_BATCH, columns)];
    const rectify = { operation: 'rectify-input', columns, shift: STREAM_SHIFT, from: stream, to: features } as const;
    const blocks = hidden.flatMap((layer, i): DenseStep<Layer, Map16, Map32>[] =>
      i % 2 === 0
        ? [rectify, { operation: 'rectify', layer: backend.addLayer(layer), from: features, to: inner }]
        : [{ operation: 'add', layer: backend.addLayer(layer), from: inner, to: stream }],
    );
    return [{ operation: 'store', layer: backend.addLayer(input), from: inputs, to: stream }, ...blocks, rectify];
  }

  inputs(count: number): Rows<Int16Array> {
    return this.rows16(this.maps.inputs, count);
  }

  known(count: number): Rows<Int16Array> {
    const { values, width } = this.rows16(this.maps.features, count);
    return { values: values.subarray(this.channels), width };
  }

  begin(channel: number, count: number): void {
    this.count = count;
    if (channel === 0) this.forget(count);
    this.backend.begin(this.programs[channel]!, count);
  }

  finish(): Rows<Int32Array> {
    this.backend.finish();
    const { map, width } = this.maps.outputs;
    return { values: this.backend.rows32(map, this.count), width };
  }

  /** Nothing is known of the channels yet. */
  private forget(count: number): void {
    const { values, width } = this.known(count);
    for (let row = 0; row < count; row++) values.fill(0, row * width, row * width + NUM_KNOWN);
  }

  private rows16({ map, width }: Sized<Map16>, count: number): Rows<Int16Array> {
    return { values: this.backend.rows16(map, count), width };
  }
}

/** Makes the program of a channel longer, which begins with the inputs if it is the first, and ends with the outputs. */
export type Extend<Map16, Map32, Program> = (
  program: Program,
  channel: number,
  maps: { readonly inputs: Map16; readonly outputs: Map32 },
) => Program;

export const createPixelNetwork = <Layer, Map16, Map32, Program>(
  weights: PixelWeights,
  backend: DenseBackend<Layer, Map16, Map32, Program>,
  extend: Extend<Map16, Map32, Program> = (program) => program,
): PixelNetwork => new BackedNetwork(weights, backend, extend);
