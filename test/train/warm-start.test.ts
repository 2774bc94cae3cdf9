import { expect, it } from 'vitest';
import { NUM_CONDITIONS } from '../../src/diffusion/conditions.ts';
import { DENOISER_PLANES, KNOWN_PLANES } from '../../src/network/network.ts';
import type { Tensor, Tensor2D, Tensor4D, Tf } from '../../src/tensorflow.ts';
import type { RunState } from '../../src/train/checkpoint.ts';
import { denoiserFilm, network } from '../../src/train/model.ts';
import { Random } from '../../src/train/random.ts';
import { warmRun } from '../../src/train/warm-start.ts';
import { describeBackends } from '../helpers/tensorflow.ts';
import { randomRun, TINY_CONFIG } from '../helpers/tiny-runs.ts';

/** What the averaged weights of a run make of the same random inputs. */
function outputsOf(tf: Tf, { config, optimizer: { average } }: RunState): Float32Array {
  const random = new Random(3);
  const normal = (shape: number[]): Tensor =>
    tf.tensor(random.normal(shape.reduce((size, side) => size * side, 1)), shape);
  return tf.tidy(() => {
    const condition = tf.oneHot([0, 3], NUM_CONDITIONS).toFloat() as Tensor2D;
    const film = denoiserFilm(tf, average, { gamma: tf.tensor2d([[1], [4]]), known: tf.ones([2, 1]), condition });
    const known = normal([2, 4, 5, KNOWN_PLANES]) as Tensor4D;
    const planes = normal([2, 4, 5, DENOISER_PLANES]) as Tensor4D;
    return network(tf, average, config, { known, planes, condition, film }).dataSync() as Float32Array;
  });
}

describeBackends('a warm run', (tf) => {
  it.each([
    { trunkBlocks: 1, denoiserBlocks: 1 },
    { trunkBlocks: 3, denoiserBlocks: 1 },
    { trunkBlocks: 1, denoiserBlocks: 2 },
    { trunkBlocks: 2, denoiserBlocks: 3 },
  ])('with %j says at first what its source says', (blocks) => {
    const source = randomRun(tf, { seed: 5 });
    const run = warmRun(tf, { ...TINY_CONFIG, ...blocks, seed: 9 }, source);
    expect(run).toMatchObject({ iteration: 0, config: blocks, standardDeviations: source.standardDeviations });
    expect(run.parameters.hidden!.shape[0]).toBe(2 * (blocks.trunkBlocks + blocks.denoiserBlocks));
    expect(outputsOf(tf, run)).toEqual(outputsOf(tf, source));
  });

  it('may have a trunk that its source lacks', () => {
    const source = randomRun(tf, { seed: 5, config: { ...TINY_CONFIG, trunkBlocks: 0 } });
    const run = warmRun(tf, { ...TINY_CONFIG, trunkBlocks: 2, seed: 9 }, source);
    expect(outputsOf(tf, run)).toEqual(outputsOf(tf, source));
    expect(run.parameters.trunkFilm!.shape).toEqual([NUM_CONDITIONS, 4 * TINY_CONFIG.channels]);
  });

  it('has new first convolutions that can learn', () => {
    const run = warmRun(tf, { ...TINY_CONFIG, denoiserBlocks: 2 }, randomRun(tf, { seed: 5 }));
    const [first, second] = tf.unstack(run.parameters.hidden!).slice(-2);
    expect(first!.abs().max().dataSync()[0]).toBeGreaterThan(0);
    expect(second!.abs().max().dataSync()[0]).toBe(0);
  });

  it.each([
    [{ channels: 16 }, '"channels" must be 8'],
    [{ filmHidden: 16 }, '"filmHidden" must be 8'],
    [{ trunkBlocks: 0 }, '"trunkBlocks" must be at least 1'],
  ])('cannot have %j', (fields, message) => {
    const source = randomRun(tf, { seed: 5 });
    expect(() => warmRun(tf, { ...TINY_CONFIG, ...fields }, source)).toThrow(message);
  });
});
