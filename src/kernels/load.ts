/** Loads the compiled kernels, which lie in kernels/ of the package, two folders up from here and from dist/kernels. */
import { readFileSync } from 'node:fs';

type KernelFunction = (...pointersAndSizes: number[]) => void;

/** Exports of kernels/conv3x3.wasm; its source documents the arguments. */
export interface Conv3x3Exports {
  readonly memory: WebAssembly.Memory;
  readonly transformFilters: KernelFunction;
  readonly widenPlanes: KernelFunction;
  readonly transformInput: KernelFunction;
  readonly multiply: KernelFunction;
  readonly finishWithFilm: KernelFunction;
  readonly finishWithResidual: KernelFunction;
}

/** A new instance with its own memory, or undefined where WebAssembly or its SIMD is missing. */
export function loadConv3x3(): Conv3x3Exports | undefined {
  const bytes = readFileSync(new URL('../../kernels/conv3x3.wasm', import.meta.url));
  if (typeof WebAssembly === 'undefined' || !WebAssembly.validate(bytes)) return undefined;
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes));
  return exports as unknown as Conv3x3Exports;
}
