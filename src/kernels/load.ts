/** Loads the compiled kernels, which lie in kernels/ of the package, two folders up from here and from dist/kernels. */
import { readFileSync } from 'node:fs';
import { MAX_PAGES } from './memory.ts';

type KernelFunction = (...pointersAndSizes: number[]) => void;

/** Exports of kernels/conv3x3.wasm; its source documents the arguments. */
export interface Conv3x3Exports {
  readonly memory: WebAssembly.Memory;
  readonly transformFilters: KernelFunction;
  readonly widenPlanes: KernelFunction;
  readonly convolve: KernelFunction;
}

/** Exports of kernels/conv3x3-shared.wasm. */
export interface SharedConv3x3 extends Conv3x3Exports, SharedKernel {}

/** Exports of kernels/dense.wasm; its source documents the arguments. */
export interface DenseExports {
  readonly memory: WebAssembly.Memory;
  readonly run: (program: number) => void;
}

/** Exports of kernels/least-squares.wasm; its source documents the arguments. */
export interface LeastSquaresExports {
  readonly memory: WebAssembly.Memory;
  readonly addProducts: KernelFunction;
  readonly decompose: (lower: number, column: number, size: number, leastPivot: number) => number;
}

/** A new instance with its own memory, or undefined where WebAssembly or its SIMD is missing. */
export function loadLeastSquares(): LeastSquaresExports | undefined {
  const module = compile('least-squares');
  return module && (new WebAssembly.Instance(module).exports as unknown as LeastSquaresExports);
}

/** Exports of kernels that threads share which this side calls, and the module for other threads. */
export interface SharedKernel {
  readonly memory: WebAssembly.Memory;
  readonly module: WebAssembly.Module;
  readonly begin: (job: number, team: number) => void;
  readonly finish: (job: number, team: number, workspace: number, patience: number) => number;
  readonly dismiss: (team: number) => void;
}

export interface SharedDense extends DenseExports, SharedKernel {}

/** A new instance with its own memory, or undefined where WebAssembly or its SIMD is missing. */
export function loadDense(): DenseExports | undefined {
  const module = compile('dense');
  return module && (new WebAssembly.Instance(module).exports as unknown as DenseExports);
}

/** A new instance with its own memory, or undefined where WebAssembly or its SIMD is missing. */
export function loadConv3x3(): Conv3x3Exports | undefined {
  const module = compile('conv3x3');
  return module && (new WebAssembly.Instance(module).exports as unknown as Conv3x3Exports);
}

/** A new instance with memory that threads can share, or undefined where there is no such memory. */
export const loadSharedConv3x3 = (): SharedConv3x3 | undefined => loadShared<SharedConv3x3>('conv3x3-shared');
export const loadSharedDense = (): SharedDense | undefined => loadShared<SharedDense>('dense-shared');

function loadShared<Kernel extends SharedKernel>(name: string): Kernel | undefined {
  if (typeof SharedArrayBuffer === 'undefined') return undefined;
  const module = compile(name);
  if (module === undefined) return undefined;
  const memory = new WebAssembly.Memory({ initial: 1, maximum: MAX_PAGES, shared: true });
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  return { ...exports, memory, module } as unknown as Kernel;
}

function compile(name: string): WebAssembly.Module | undefined {
  const bytes = readFileSync(new URL(`../../kernels/${name}.wasm`, import.meta.url));
  if (typeof WebAssembly === 'undefined' || !WebAssembly.validate(bytes)) return undefined;
  return new WebAssembly.Module(bytes);
}
