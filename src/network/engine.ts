/** Chooses the engine: the result is the same bits either way. */
import type { NetworkEngine, NetworkWeights } from './network.ts';
import { createReferenceEngine } from './reference-engine.ts';

export function createEngine(weights: NetworkWeights): NetworkEngine {
  return createReferenceEngine(weights);
}
