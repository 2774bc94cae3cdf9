import { expect, it } from 'vitest';
import type { Dataset } from '../../src/train/dataset.ts';
import { dryRun } from '../../src/train/dry-run.ts';
import { PIXEL_CONFIG } from '../helpers/pixel-runs.ts';
import { describeBackends } from '../helpers/tensorflow.ts';
import { TINY_CONFIG } from '../helpers/tiny-runs.ts';

const FLAT: Dataset = {
  photos: [[{ height: 96, width: 96, data: new Int16Array(96 * 96 * 3).fill(90) }]],
  small: [],
};

describeBackends('dryRun', (tf) => {
  it.each([
    ['gaussian', {}],
    ['pixels', PIXEL_CONFIG],
    ['absorbing', { process: 'absorbing', levels: [1], headChannels: 8, components: 2 }],
  ] as const)(
    'ends between iterations with the reason of its signal, and leaves no tensors behind: %s',
    async (_, fields) => {
      const before = tf.memory().numTensors;
      const abort = new AbortController();
      const reason = new Error('enough');
      const config = { ...TINY_CONFIG, ...fields, mixture: { photos: 1, small: 0, tops: 0 } };
      const running = dryRun(tf, config, FLAT, abort.signal);
      setImmediate(() => abort.abort(reason));
      await expect(running).rejects.toBe(reason);
      expect(tf.memory().numTensors).toBe(before);
      await expect(dryRun(tf, config, FLAT, abort.signal)).rejects.toBe(reason);
    },
  );
});
