import { expect, it } from 'vitest';
import { rgbToYcocg } from '../../src/pyramid/ycocg.ts';
import { AnsStack } from '../../src/rans/ans-stack.ts';
import { PixelChain } from '../../src/train/pixel-chain.ts';
import { pixelFileRates } from '../../src/train/pixel-files.ts';
import { PixelTask } from '../../src/train/pixel-task.ts';
import { pixelTermCosts } from '../../src/train/pixel-term-costs.ts';
import { Random } from '../../src/train/random.ts';
import { disposeRun } from '../helpers/checked-runs.ts';
import { idleRun, PIXEL_CONFIG, PIXEL_DATA, PIXEL_IMAGES } from '../helpers/pixel-runs.ts';
import { describeBackends } from '../helpers/tensorflow.ts';

const random = new Random(5);
const SIDE = 4;
const NOISE = Array.from({ length: 24 }, () => {
  const rgb = Uint8Array.from({ length: SIDE * SIDE * 3 }, () => 28 + random.integer(200));
  return [{ height: SIDE, width: SIDE, data: rgbToYcocg(rgb) }];
});

describeBackends('files of a plain VDM on pixels', (tf) => {
  it('take what the bound says, and alone the bits that latents are drawn from', () => {
    const run = idleRun(tf, [-4, 5]);
    const before = tf.memory().numTensors;
    const { net, alone, together } = pixelFileRates(tf, run, NOISE, 64);
    const { base, recon, steps, prior } = pixelTermCosts(tf, run, NOISE, { numSteps: 64 });
    const bound = base + recon + prior + steps.reduce((sum, bits) => sum + bits, 0);
    // Its latents are others, on lattices, with variances on the grid of scales.
    expect(Math.abs(net / bound - 1)).toBeLessThan(0.06);
    expect(together).toBeGreaterThan(net);
    expect(alone).toBeGreaterThan(together + 1);
    expect(tf.memory().numTensors).toBe(before);
    disposeRun(tf, run);
  });

  it('need bits to begin with', () => {
    const run = new PixelTask(tf, PIXEL_CONFIG, { data: PIXEL_DATA }).freshRun();
    const [[finest]] = PIXEL_IMAGES as [(typeof PIXEL_IMAGES)[number]];
    const chain = new PixelChain(tf, run, { numSteps: 4, side: finest!.height });
    const push = () => chain.push(new AnsStack(), new Int32Array(finest!.data.length));
    expect(push).toThrow(expect.objectContaining({ name: 'CodecError', code: 'truncated' }));
    disposeRun(tf, run);
  });
});
