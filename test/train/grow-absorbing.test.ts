import { expect, it } from 'vitest';
import { NUM_CHANNELS, NUM_INPUTS } from '../../src/absorbing/neighbourhood.ts';
import type { Tensor, Tf } from '../../src/tensorflow.ts';
import { emptyBatch } from '../../src/train/absorbing-batch.ts';
import { initialAbsorbingParameters, sampleBits } from '../../src/train/absorbing-network.ts';
import type { RunState } from '../../src/train/checkpoint.ts';
import type { TrainConfig } from '../../src/train/config.ts';
import { beginRun } from '../../src/train/fresh-run.ts';
import { grownRun } from '../../src/train/grow-absorbing.ts';
import type { Parameters } from '../../src/train/model.ts';
import { Random } from '../../src/train/random.ts';
import { describeBackends } from '../helpers/tensorflow.ts';
import { TINY_CONFIG } from '../helpers/tiny-runs.ts';

const CONFIG: TrainConfig = { ...TINY_CONFIG, process: 'absorbing', denoiserBlocks: 1, headChannels: 8, components: 2 };

/** A run whose weights are all alive, also those that training starts at 0. */
function sourceRun(tf: Tf): RunState {
  const random = new Random(5);
  const fresh = initialAbsorbingParameters(tf, CONFIG, random);
  const parameters = Object.fromEntries(
    Object.entries(fresh).map(([name, tensor]): [string, Tensor] => {
      const noise = tf.tensor(random.normal(tensor.size), tensor.shape);
      return [name, tf.add(tensor, tf.mul(noise, 0.1))];
    }),
  );
  return beginRun(tf, { config: CONFIG, random: random.state, standardDeviations: [], parameters });
}

/** Bits of pixels of noise. */
function bitsOf(tf: Tf, p: Parameters): Float32Array {
  const size = 20;
  const random = new Random(3);
  const batch = emptyBatch(size);
  batch.inputs.set(random.normal(size * NUM_INPUTS));
  for (const array of [batch.values, batch.predictions])
    for (let i = 0; i < size * NUM_CHANNELS; i++) array[i] = 100 + random.integer(40);
  batch.spreads.fill(20);
  return tf.tidy(() => sampleBits(tf, p, batch).dataSync() as Float32Array);
}

describeBackends('a grown run of absorbing diffusion', (tf) => {
  it.each([
    { denoiserBlocks: 1, headChannels: 8 },
    { denoiserBlocks: 3, headChannels: 8 },
    { denoiserBlocks: 1, headChannels: 24 },
    { denoiserBlocks: 2, headChannels: 16 },
  ])('with %j says at first what its source says', (sizes) => {
    const source = sourceRun(tf);
    const run = grownRun(tf, { ...CONFIG, ...sizes, seed: 9 }, source);
    expect(run).toMatchObject({ iteration: 0, config: sizes });
    const shapes = (p: Parameters) => Object.entries(p).map(([name, { shape }]) => [name, shape]);
    const fresh = initialAbsorbingParameters(tf, run.config, new Random(1));
    expect(shapes(run.parameters).sort()).toEqual(shapes(fresh).sort());
    const before = bitsOf(tf, source.parameters);
    const differences = bitsOf(tf, run.parameters).map((bits, i) => Math.abs(bits - before[i]!));
    expect(Math.max(...differences)).toBeLessThan(1e-3);
  });

  it('has new weights that can learn', () => {
    const { parameters: p } = grownRun(tf, { ...CONFIG, denoiserBlocks: 2, headChannels: 16 }, sourceRun(tf));
    const largest = (tensor: Tensor): number => tensor.abs().max().dataSync()[0]!;
    const [first, second] = tf.unstack(p.hidden!).slice(-2);
    expect(largest(first!)).toBeGreaterThan(0);
    expect(largest(second!)).toBe(0);
    expect(largest(p.head!.slice([0, 0, 8]))).toBeGreaterThan(0);
    expect(largest(p.output!.slice([0, 8, 0]))).toBe(0);
  });

  it.each([
    [{ process: 'gaussian' } as const, '"process" must be absorbing'],
    [{ channels: 16 }, '"channels" must be 8'],
    [{ components: 3 }, '"components" must be 2'],
    [{ headChannels: 4 }, '"headChannels" must be at least 8, as in the run to start from, got 4'],
  ])('cannot have %j', (fields, message) => {
    expect(() => grownRun(tf, { ...CONFIG, ...fields }, sourceRun(tf))).toThrow(message);
  });
});
