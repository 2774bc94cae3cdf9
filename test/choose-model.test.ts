import { expect, it } from 'vitest';
import { chooseProcess, defaultModelOf } from '../src/choose-model.ts';
import { colourGain } from '../src/codec/choose-colours.ts';
import type { Image8 } from '../src/image/image.ts';
import { seededRandom } from './helpers/random.ts';

/** Noise around a slope, of all colours or of one in 27: multiples of three. */
function noisyImage(side: number, isSparse: boolean): Image8 {
  const random = seededRandom(3);
  const data = Uint8Array.from({ length: side * side * 3 }, (_, i) => {
    const value = 60 + (100 * ((i / 3) % side)) / side + 12 * (random() + random() - 1);
    return isSparse ? 3 * Math.round(value / 3) : Math.round(value);
  });
  return { height: side, width: side, channels: 3, bitDepth: 8, data };
}

it('takes Gaussian diffusion where an image has few of the colours around its own', () => {
  const image = noisyImage(320, true);
  expect(colourGain(image)).toBeGreaterThan(2);
  expect(chooseProcess(image)).toBe('gaussian');
});

it('takes absorbing diffusion for other images', () => {
  expect(chooseProcess(noisyImage(320, false))).toBe('absorbing');
});

it('takes absorbing diffusion for images of up to 2^16 pixels, whatever their colours', () => {
  expect(chooseProcess(noisyImage(256, true))).toBe('absorbing');
});

it('has a default model of either kind', async () => {
  expect((await defaultModelOf('absorbing')).process).toBe('absorbing');
  expect((await defaultModelOf('gaussian')).process).toBeUndefined();
});
