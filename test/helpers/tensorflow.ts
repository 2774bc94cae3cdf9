/** Runs tests on the plain JavaScript backend of TensorFlow.js and, where it is installed, on the native one. */
import { createRequire } from 'node:module';
import { beforeAll, describe } from 'vitest';
import { restoreLegacyUtil, type Tensor, type Tf } from '../../src/tensorflow.ts';

const require = createRequire(import.meta.url);
const plain = require('@tensorflow/tfjs') as Tf;

/** The native package, unless it is not installed. */
function nativeTensorFlow(): Tf | undefined {
  const name = '@tensorflow/tfjs-node';
  try {
    require.resolve(name);
  } catch {
    return undefined;
  }
  restoreLegacyUtil();
  return require(name) as Tf;
}

plain.env().set('IS_TEST', true); // no advice to install tfjs-node

const native = nativeTensorFlow();
const BACKENDS: readonly { backend: string; tf: Tf }[] = [
  { backend: 'cpu', tf: plain },
  ...(native === undefined ? [] : [{ backend: 'tensorflow', tf: native }]),
];

/** Describes the same tests for every backend. */
export function describeBackends(what: string, define: (tf: Tf) => void): void {
  describe.each(BACKENDS)(`${what}, backend $backend`, ({ backend, tf }) => {
    beforeAll(async () => {
      await tf.setBackend(backend);
    });
    define(tf);
  });
}

/** The values of a tensor, which it disposes. */
export function valuesOf(tensor: Tensor): number[] {
  const values = Array.from(tensor.dataSync());
  tensor.dispose();
  return values;
}
