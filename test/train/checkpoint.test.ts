import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Tensor } from '../../src/tensorflow.ts';
import { type RunState, readCheckpoint, writeCheckpoint } from '../../src/train/checkpoint.ts';
import { EMPTY_METER } from '../../src/train/meter.ts';
import { describeBackends } from '../helpers/tensorflow.ts';
import { randomRun, temporaryFolder } from '../helpers/tiny-runs.ts';

/** Everything of a run as plain data, the order of tensors included. */
function plainOf({ parameters, optimizer, ...state }: RunState): unknown {
  const { momentum, ...groups } = optimizer;
  const plain = (tensor: Tensor) => ({ shape: tensor.shape, values: Array.from(tensor.dataSync()) });
  const tensors = Object.entries({ parameters, ...groups }).map(([name, group]) => [
    name,
    Object.entries(group).map(([key, tensor]) => [key, plain(tensor)]),
  ]);
  return { ...state, tensors, momentum: plain(momentum) };
}

describeBackends('checkpoint', (tf) => {
  it('comes back exactly as it was written', async () => {
    const folder = await temporaryFolder();
    const path = join(folder, 'checkpoint.bin');
    const run = { ...randomRun(tf, { seed: 1 }), meter: { ...EMPTY_METER, count: 3 } };
    run.optimizer.momentum = tf.tensor3d([1 / 3, -1e-42, 3e38, -0], [1, 2, 2]);
    await writeCheckpoint(path, run);
    expect(plainOf(await readCheckpoint(tf, path))).toEqual(plainOf(run));
    expect(await readdir(folder)).toEqual(['checkpoint.bin']);
  });

  it('replaces the one before', async () => {
    const path = join(await temporaryFolder(), 'checkpoint.bin');
    await writeCheckpoint(path, randomRun(tf, { seed: 1 }));
    const run = { ...randomRun(tf, { seed: 2 }), iteration: 8 };
    await writeCheckpoint(path, run);
    expect(plainOf(await readCheckpoint(tf, path))).toEqual(plainOf(run));
  });

  it('is refused when bytes are missing', async () => {
    const path = join(await temporaryFolder(), 'checkpoint.bin');
    await writeCheckpoint(path, randomRun(tf, { seed: 1 }));
    const bytes = await readFile(path);
    await writeFile(path, bytes.subarray(0, bytes.length - 4));
    await expect(readCheckpoint(tf, path)).rejects.toThrow(/checkpoint must have \d+ bytes, has \d+/);
  });
});
