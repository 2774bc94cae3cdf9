/** Finds TensorFlow.js: the GPU package first, then the CPU one. Both are optional peers of vdmz. */
import util from 'node:util';

export type Tf = typeof import('@tensorflow/tfjs');
export type {
  Scalar,
  Tensor,
  Tensor1D,
  Tensor2D,
  Tensor3D,
  Tensor4D,
  TensorContainer,
  Variable,
} from '@tensorflow/tfjs';

const PACKAGES = ['@tensorflow/tfjs-node-gpu', '@tensorflow/tfjs-node'];

/** @throws Error naming the packages to install when neither is there. */
export async function loadTensorFlow(): Promise<Tf> {
  restoreLegacyUtil();
  for (const name of PACKAGES) {
    try {
      const module = (await import(name)) as { default?: Tf } & Tf;
      return module.default ?? module;
    } catch (error) {
      if (!isMissing(error, name)) throw error;
    }
  }
  throw new Error(
    // --save-dev, although nothing is saved: in vdmz's own folder npm does not install its optional peers otherwise.
    'TensorFlow.js is not installed: run "npm install --no-save --save-dev @tensorflow/tfjs-node@4.22.0" (or ' +
      'tfjs-node-gpu), or, where its download is not reachable, "npm run setup:tfjs" in a clone of vdmz',
  );
}

/** Functions that tfjs-node 4.22 calls and Node.js 23 removed. */
export function restoreLegacyUtil(): void {
  const legacy = util as { isNullOrUndefined?: (value: unknown) => boolean; isArray?: (value: unknown) => boolean };
  legacy.isNullOrUndefined ??= (value) => value === null || value === undefined;
  legacy.isArray ??= Array.isArray;
}

function isMissing(error: unknown, name: string): boolean {
  const { code, message } = error as { code?: string; message?: string };
  return (code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND') && (message ?? '').includes(name);
}
