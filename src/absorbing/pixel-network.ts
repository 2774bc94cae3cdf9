/**
 * The network that predicts pixels, in batches of those that know nothing of each other:
 *
 *     inputs -> dense -> residual blocks [ReLU, dense, ReLU, dense] -> ReLU -> features;
 *     features and what is known of the channels before -> dense, ReLU, dense -> parameters of a channel's mixture
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

/** Rows of floats that the caller reads or writes. */
export interface Rows {
  readonly values: Float32Array;
  /** Floats from one row to the next. */
  readonly width: number;
}

export interface PixelNetwork {
  readonly components: number;
  /** The inputs of the next batch, [count, NUM_INPUTS], to be written. */
  inputs(count: number): Rows;
  /** Makes features of the inputs. */
  runTrunk(count: number): void;
  /** What heads are told of the channels before: NUM_KNOWN floats a row, to be written; 0 at first in each batch. */
  known(count: number): Rows;
  /** Parameters of a channel's mixtures, [count, 3 * components]. @param channel 0 green, 1 red, 2 blue */
  runHead(channel: number, count: number): Rows;
}

const ALIGNMENT = 4;

interface Sized<DenseMap> {
  readonly map: DenseMap;
  readonly width: number;
}

class BackedNetwork<Layer, DenseMap, Program> implements PixelNetwork {
  readonly components: number;
  private readonly backend: DenseBackend<Layer, DenseMap, Program>;
  private readonly channels: number;
  private readonly maps: Readonly<Record<'inputs' | 'features' | 'outputs', Sized<DenseMap>>>;
  private readonly trunk: Program;
  /** [3] */
  private readonly heads: readonly Program[];

  constructor(weights: PixelWeights, backend: DenseBackend<Layer, DenseMap, Program>) {
    const { channels, headChannels, components } = weights;
    const add = (columns: number): Sized<DenseMap> => {
      const width = Math.ceil(columns / ALIGNMENT) * ALIGNMENT;
      return { map: backend.addMap(MAX_BATCH, width), width };
    };
    this.components = components;
    this.backend = backend;
    this.channels = channels;
    const [inputs, features] = [add(NUM_INPUTS), add(channels + NUM_KNOWN)];
    const outputs = add(padOutputs(COMPONENT_PARAMETERS * components));
    this.maps = { inputs, features, outputs };
    this.trunk = backend.addProgram(this.trunkSteps(weights, add(channels).map, add(channels).map));
    const head = add(headChannels).map;
    this.heads = weights.heads.map((layer, i) =>
      backend.addProgram([
        { operation: 'rectify', layer: backend.addLayer(layer), from: features.map, to: head },
        { operation: 'store', layer: backend.addLayer(weights.outputs[i]!), from: head, to: outputs.map },
      ]),
    );
  }

  private trunkSteps(
    { channels: columns, input, hidden }: PixelWeights,
    stream: DenseMap,
    inner: DenseMap,
  ): DenseStep<Layer, DenseMap>[] {
    const { backend } = this;
    const [inputs, features] = [this.maps.inputs.map, this.maps.features.map];
    const rectify = { operation: 'rectify-input', columns, from: stream, to: features } as const;
    const blocks = hidden.flatMap((layer, i): DenseStep<Layer, DenseMap>[] =>
      i % 2 === 0
        ? [rectify, { operation: 'rectify', layer: backend.addLayer(layer), from: features, to: inner }]
        : [{ operation: 'add', layer: backend.addLayer(layer), from: inner, to: stream }],
    );
    return [{ operation: 'store', layer: backend.addLayer(input), from: inputs, to: stream }, ...blocks, rectify];
  }

  inputs(count: number): Rows {
    return this.rowsOf(this.maps.inputs, count);
  }

  runTrunk(count: number): void {
    this.backend.run(this.trunk, count);
    const { values, width } = this.known(count);
    for (let row = 0; row < count; row++) values.fill(0, row * width, row * width + NUM_KNOWN);
  }

  known(count: number): Rows {
    const { values, width } = this.rowsOf(this.maps.features, count);
    return { values: values.subarray(this.channels), width };
  }

  runHead(channel: number, count: number): Rows {
    this.backend.run(this.heads[channel]!, count);
    return this.rowsOf(this.maps.outputs, count);
  }

  private rowsOf({ map, width }: Sized<DenseMap>, count: number): Rows {
    return { values: this.backend.rows(map, count), width };
  }
}

export const createPixelNetwork = <Layer, DenseMap, Program>(
  weights: PixelWeights,
  backend: DenseBackend<Layer, DenseMap, Program>,
): PixelNetwork => new BackedNetwork(weights, backend);
