/** Options that compress and decompress share, and how they become a model and an engine. */
import { defaultThreads } from './kernels/team.ts';
import type { AnyModel } from './model/installed-models.ts';
import type { Model } from './model/model.ts';
import { createEngine } from './network/engine.ts';
import type { NetworkEngine, NetworkWeights } from './network/network.ts';
import { createReferenceEngine } from './network/reference-engine.ts';
import { TfjsEngine } from './network/tfjs-engine.ts';
import { loadTensorFlow } from './tensorflow.ts';

export const ENGINES = ['wasm', 'tfjs', 'reference'] as const;
export type EngineName = (typeof ENGINES)[number];

export interface CodingOptions {
  /**
   * The model, which decides between Gaussian and absorbing diffusion; default: to compress, the installed default models, of
   * which the image decides; to decompress, the one that the file names.
   */
  readonly model?: AnyModel | undefined;
  /**
   * What runs the network, all with the same bits: 'wasm' (default), 'tfjs' (TensorFlow.js, which can use a GPU and must
   * be installed; for Gaussian diffusion, the other runs in WebAssembly), or 'reference' (plain TypeScript, slow).
   */
  readonly engine?: EngineName | undefined;
  /** Threads, of the 'wasm' engine or of its bands, 1..64, all with the same bits. Default: the available cores, at most 16. */
  readonly threads?: number | undefined;
  /** Refuse images of more pixels as 'too-large', before memory for them is taken. Default and most: 2^27. */
  readonly maxPixels?: number | undefined;
  /** Called with the fraction done, rising to 1. */
  readonly onProgress?: ((fraction: number) => void) | undefined;
  /** Stops the work; the promise is rejected with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

export const MAX_THREADS = 64;

/** The options of a part of the work, whose progress goes from `start` to `end`. */
export function partOf<Options extends CodingOptions>(options: Options, start: number, end: number): Options {
  return { ...options, onProgress: (fraction: number) => options.onProgress?.(start + fraction * (end - start)) };
}

/** @throws RangeError for an unknown engine, number of threads or of pixels; the signal's reason when it is aborted already */
export function assertCodingOptions({ engine = 'wasm', threads = 1, maxPixels = 1, signal }: CodingOptions): void {
  if (!Number.isInteger(threads) || threads < 1 || threads > MAX_THREADS) {
    throw new RangeError(`"threads" must be 1..${MAX_THREADS}, got ${threads}`);
  }
  if (!Number.isInteger(maxPixels) || maxPixels < 1) {
    throw new RangeError(`"maxPixels" must be an integer from 1 on, got ${maxPixels}`);
  }
  if (!ENGINES.includes(engine)) throw new RangeError(`"engine" must be one of ${ENGINES.join(', ')}, got ${engine}`);
  signal?.throwIfAborted();
}

interface WasmEngineOf {
  readonly threads: number;
  readonly engine: NetworkEngine;
}

const wasmEngines = new WeakMap<NetworkWeights, WasmEngineOf>();
const tfjsEngines = new WeakMap<NetworkWeights, NetworkEngine>();

/**
 * The engine for a network. The last WASM one is kept as long as the weights, with its threads, and so is the TensorFlow.js
 * one, whose weights are on the device.
 *
 * @throws as assertCodingOptions; Error when TensorFlow.js is asked for and missing
 */
export async function engineFor({ weights }: Weighted, options: CodingOptions = {}): Promise<NetworkEngine> {
  assertCodingOptions(options);
  const { engine = 'wasm', threads = defaultThreads() } = options;
  if (engine === 'reference') return createReferenceEngine(weights);
  return engine === 'tfjs' ? tfjsEngineOf(weights) : wasmEngineOf(weights, threads);
}

/** A model, or its network for details. */
type Weighted = Pick<Model, 'weights'>;

function wasmEngineOf(weights: NetworkWeights, threads: number): NetworkEngine {
  const kept = wasmEngines.get(weights);
  if (kept?.threads === threads) return kept.engine;
  const engine = createEngine(weights, threads);
  wasmEngines.set(weights, { threads, engine });
  return engine;
}

async function tfjsEngineOf(weights: NetworkWeights): Promise<NetworkEngine> {
  const tf = await loadTensorFlow();
  const engine = tfjsEngines.get(weights) ?? new TfjsEngine(tf, weights);
  tfjsEngines.set(weights, engine);
  return engine;
}
