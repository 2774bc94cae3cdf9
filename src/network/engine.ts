/** Chooses the engine. The choice changes the speed and never the result. */
import { loadConv3x3, loadSharedConv3x3, type SharedConv3x3 } from '../kernels/load.ts';
import { HelperLostError } from '../kernels/team.ts';
import type { Film, NetworkEngine, NetworkWeights } from './network.ts';
import { createReferenceEngine } from './reference-engine.ts';
import { WasmEngine } from './wasm-engine.ts';

/**
 * The WebAssembly engine, or the reference where WebAssembly SIMD is missing.
 *
 * @param threads used where memory can be shared
 */
export function createEngine(weights: NetworkWeights, threads = 1): NetworkEngine {
  const shared = threads > 1 ? loadSharedConv3x3() : undefined;
  if (shared !== undefined) return new ThreadedEngine(shared, weights, threads);
  const wasm = loadConv3x3();
  return wasm === undefined ? createReferenceEngine(weights) : new WasmEngine(wasm, weights);
}

/** The WebAssembly engine with threads; when one is lost, that call and all later ones run without. */
export class ThreadedEngine implements NetworkEngine {
  private engine: NetworkEngine;
  private readonly weights: NetworkWeights;

  constructor(wasm: SharedConv3x3, weights: NetworkWeights, threads: number) {
    this.engine = new WasmEngine(wasm, weights, threads);
    this.weights = weights;
  }

  trunk(known: Int8Array, height: number, width: number, film: Film): Int16Array {
    return this.attempt((engine) => engine.trunk(known, height, width, film));
  }

  denoise(planes: Int8Array, context: Int16Array, height: number, width: number, film: Film): Int16Array {
    return this.attempt((engine) => engine.denoise(planes, context, height, width, film));
  }

  private attempt(call: (engine: NetworkEngine) => Int16Array): Int16Array {
    try {
      return call(this.engine);
    } catch (error) {
      if (!(error instanceof HelperLostError)) throw error;
      // With a memory of its own: the lost thread may yet write into the old one.
      this.engine = createEngine(this.weights);
      return call(this.engine);
    }
  }
}
