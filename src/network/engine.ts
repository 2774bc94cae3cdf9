/** Chooses the engine. The choice changes the speed and never the result. */
import { loadConv3x3 } from '../kernels/load.ts';
import type { NetworkEngine, NetworkWeights } from './network.ts';
import { createReferenceEngine } from './reference-engine.ts';
import { WasmEngine } from './wasm-engine.ts';

/** The WebAssembly engine, or the reference where WebAssembly SIMD is missing. */
export function createEngine(weights: NetworkWeights): NetworkEngine {
  const wasm = loadConv3x3();
  return wasm === undefined ? createReferenceEngine(weights) : new WasmEngine(wasm, weights);
}
