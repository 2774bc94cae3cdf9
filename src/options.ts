/** Options that compress and decompress share, and how they become a model and an engine. */
import { defaultThreads } from './kernels/team.ts';
import type { Model } from './model/model.ts';
import { createEngine } from './network/engine.ts';
import type { NetworkEngine } from './network/network.ts';
import { createReferenceEngine } from './network/reference-engine.ts';

export interface CodingOptions {
  /** The model; default: the installed default model to compress, the one that the file names to decompress. */
  readonly model?: Model | undefined;
  /** 'wasm' (default) or the plain TypeScript 'reference': the same bits, only slower. */
  readonly engine?: 'wasm' | 'reference' | undefined;
  /** Threads of the 'wasm' engine, 1..64, all with the same bits. Default: the available cores, at most 16. */
  readonly threads?: number | undefined;
  /** Called with the fraction done, rising to 1. */
  readonly onProgress?: ((fraction: number) => void) | undefined;
  /** Stops the work; the promise is rejected with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

export const MAX_THREADS = 64;

interface CachedEngine {
  readonly threads: number;
  readonly engine: NetworkEngine;
}

const engines = new WeakMap<Model, CachedEngine>();

/**
 * The engine for a model; the last WASM one is kept as long as the model, with its threads.
 *
 * @throws RangeError for an unknown engine or number of threads
 */
export function engineFor(model: Model, options: CodingOptions = {}): NetworkEngine {
  const { engine = 'wasm', threads = defaultThreads() } = options;
  if (!Number.isInteger(threads) || threads < 1 || threads > MAX_THREADS) {
    throw new RangeError(`"threads" must be 1..${MAX_THREADS}, got ${threads}`);
  }
  if (engine === 'reference') return createReferenceEngine(model.weights);
  if (engine !== 'wasm') throw new RangeError(`"engine" must be 'wasm' or 'reference', got ${engine}`);
  const kept = engines.get(model);
  if (kept?.threads === threads) return kept.engine;
  const made = createEngine(model.weights, threads);
  engines.set(model, { threads, engine: made });
  return made;
}
