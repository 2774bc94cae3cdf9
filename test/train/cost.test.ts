import { describe, expect, it } from 'vitest';
import { costOf, pixelCost } from '../../src/train/cost.ts';

/** Multiplications of a 3x3 convolution at one position, counted one by one. */
function counted(inputs: number, outputs: number): number {
  let count = 0;
  for (let o = 0; o < outputs; o++) for (let tap = 0; tap < 9; tap++) count += inputs;
  return count;
}

describe('costOf', () => {
  const size = { channels: 8, denoiserBlocks: 2, trunkBlocks: 1 };
  const block = 2 * counted(8, 8);
  const denoiser = counted(54, 8) + 2 * block + counted(8, 18);
  const trunk = counted(17, 8) + block;

  it('counts one call on the finest stage, whose positions are 2x2 pixels', () => {
    expect(costOf(size, 8).callMacsPerPixel).toBe(denoiser / 4);
  });

  it.each([2, 8])('counts T + 2 calls and the trunk on every stage of a 32x32 image, T = %d', (numSteps) => {
    let macs = 0;
    for (let side = 16; side >= 1; side /= 2) macs += side * side * (trunk + (numSteps + 2) * denoiser);
    // An image of finite size lacks the stages below one pixel: a share of 1 / 1024.
    expect(costOf(size, numSteps).imageMacsPerPixel / (macs / 1024)).toBeCloseTo(1, 2);
    expect(costOf(size, numSteps).imageMacsPerPixel).toBeGreaterThan(macs / 1024);
  });
});

describe('pixelCost', () => {
  it('counts T calls at full resolution', () => {
    // z and the sines and cosines of two frequencies of its three channels.
    const call = counted(15, 8) + 2 * 2 * counted(8, 8) + counted(8, 3);
    expect(pixelCost({ channels: 8, denoiserBlocks: 2 }, 8)).toEqual({
      callMacsPerPixel: call,
      imageMacsPerPixel: 8 * call,
    });
  });
});
