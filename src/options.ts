/** Options that compress and decompress share, and how they become a model and an engine. */
import type { Model } from './model/model.ts';
import { createEngine } from './network/engine.ts';
import type { NetworkEngine } from './network/network.ts';
import { createReferenceEngine } from './network/reference-engine.ts';

export interface CodingOptions {
  /** The model; default: the installed default model to compress, the one that the file names to decompress. */
  readonly model?: Model | undefined;
  /** 'wasm' (default) or the plain TypeScript 'reference': the same bits, only slower. */
  readonly engine?: 'wasm' | 'reference' | undefined;
  /** Called with the fraction done, rising to 1. */
  readonly onProgress?: ((fraction: number) => void) | undefined;
  /** Stops the work; the promise is rejected with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

const engines = new WeakMap<Model, NetworkEngine>();

/** The engine for a model; the WASM one is made once and kept as long as the model. */
export function engineFor(model: Model, kind: CodingOptions['engine'] = 'wasm'): NetworkEngine {
  if (kind === 'reference') return createReferenceEngine(model.weights);
  if (kind !== 'wasm') throw new RangeError(`"engine" must be 'wasm' or 'reference', got ${kind}`);
  const made = engines.get(model) ?? createEngine(model.weights);
  engines.set(model, made);
  return made;
}
