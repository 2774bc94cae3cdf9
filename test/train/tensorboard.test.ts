import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openEvents } from '../../src/train/tensorboard.ts';
import { describeBackends } from '../helpers/tensorflow.ts';
import { temporaryFolder } from '../helpers/tiny-runs.ts';

const ROW = {
  iteration: 20,
  seconds: 1.5,
  learningRate: 0.25,
  bitsPerDim: 3,
  recon: 1,
  diffusion: 1.5,
  prior: 0.5,
  direct: 4,
  gradientNorm: 2,
  validation: undefined,
};

/** Event { wall_time = 1; step = 2; Summary { Value { tag = 1; simple_value = 2 } } = 5 } of TensorFlow's event.proto */
interface Scalar {
  readonly step: number;
  readonly tag: string;
  readonly value: number;
}

/** The scalars of a file of records: length (8 bytes), its checksum (4), an event, its checksum (4). */
async function scalarsOf(path: string): Promise<Scalar[]> {
  const bytes = await readFile(path);
  const scalars: Scalar[] = [];
  let at = 0;
  while (at < bytes.length) {
    const length = Number(bytes.readBigUInt64LE(at));
    const event = bytes.subarray(at + 12, at + 12 + length);
    at += 16 + length;
    // The first event states the version of the file.
    if (at > 16 + length) scalars.push(scalarOf(event));
  }
  expect(at).toBe(bytes.length);
  return scalars;
}

/** Messages, numbers and texts here are short: each length is one byte. */
function scalarOf(event: Buffer): Scalar {
  expect([event[0], event[9], event[11]]).toEqual([0x09, 0x10, 0x2a]);
  const value = event.subarray(15);
  const end = 2 + value[1]!;
  expect([value[0], value[end]]).toEqual([0x0a, 0x15]);
  return { step: event[10]!, tag: value.subarray(2, end).toString(), value: value.readFloatLE(end + 1) };
}

describeBackends('events for TensorBoard', (tf) => {
  const isNative = 'node' in tf;

  it.skipIf(!isNative)('has the columns of the log, at their iterations', async () => {
    const folder = join(await temporaryFolder(), 'events', 'run');
    const events = await openEvents(tf, folder);
    events.add(ROW);
    events.add({ ...ROW, iteration: 40, bitsPerDim: 2.75, validation: 2.5 });
    const names = await readdir(folder);
    expect(names).toEqual([expect.stringMatching(/^events\.out\.tfevents\./)]);
    const scalars = await scalarsOf(join(folder, names[0]!));
    const { iteration: _iteration, validation: _validation, ...columns } = ROW;
    const first = Object.entries(columns).map(([tag, value]) => ({ step: 20, tag, value }));
    expect(scalars.slice(0, first.length)).toEqual(first);
    expect(scalars).toHaveLength(2 * first.length + 1);
    expect(scalars).toContainEqual({ step: 40, tag: 'bitsPerDim', value: 2.75 });
    expect(scalars.at(-1)).toEqual({ step: 40, tag: 'validation', value: 2.5 });
  });

  it.skipIf(isNative)('needs TensorFlow.js of Node.js', async () => {
    await expect(openEvents(tf, 'events')).rejects.toThrow(/^events for TensorBoard need @tensorflow\/tfjs-node or/);
  });
});
