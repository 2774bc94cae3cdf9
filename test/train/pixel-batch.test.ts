import { describe, expect, it } from 'vitest';
import { rgbToYcocg } from '../../src/pyramid/ycocg.ts';
import type { Plane } from '../../src/train/dataset.ts';
import { PixelSampler } from '../../src/train/pixel-batch.ts';
import { Random } from '../../src/train/random.ts';
import { PIXEL_CONFIG, PIXEL_DATA, PIXEL_IMAGES } from '../helpers/pixel-runs.ts';

/** One colour. */
const flat = (height: number, width: number, level: number): Plane[] => [
  { height, width, data: rgbToYcocg(new Uint8Array(height * width * 3).fill(level)) },
];

const configOf = (photos: number, small: number) => ({
  ...PIXEL_CONFIG,
  batchPositions: 32,
  mixture: { photos, small, tops: 0.5 },
});

describe('PixelSampler', () => {
  // Patches of 8 pixels a side; 4x4 pixels are 4 positions of the finest stage.
  const photos = [flat(9, 20, 10), flat(7, 40, 20), flat(8, 8, 30)];
  const small = PIXEL_IMAGES.map((_, i) => flat(4, 4, 100 + i));

  it('draws whole small images and patches of photographs that are large enough, as their shares say', () => {
    const sampler = new PixelSampler({ photos, small }, configOf(1, 3));
    expect(sampler.sizes).toEqual({ photos: 2, small: 8 });
    const levels = new Set<number>();
    let ofPhotos = 0;
    for (let i = 0; i < 200; i++) {
      const batch = sampler.next(Random.stream(1, i));
      expect([batch.side, batch.size]).toEqual(batch.side === 8 ? [8, 2] : [4, 8]);
      expect(batch.levels).toHaveLength(batch.size * batch.side ** 2 * 3);
      if (batch.side === 8) ofPhotos++;
      for (const level of batch.levels) levels.add(level);
    }
    expect([...levels].sort((a, b) => a - b)).toEqual([10, 30, 100, 101, 102]);
    expect(ofPhotos / 200).toBeCloseTo(1 / 4, 1);
  });

  it('draws one kind where the other is not there or has no share', () => {
    expect(new PixelSampler({ photos, small: [] }, configOf(1, 3)).sizes).toEqual({ photos: 2 });
    expect(new PixelSampler({ photos, small }, configOf(0, 3)).sizes).toEqual({ small: 8 });
  });

  it('flips and turns', () => {
    const sampler = new PixelSampler(PIXEL_DATA, configOf(0, 1));
    const seen = new Set<string>();
    for (let i = 0; i < 40; i++) {
      const { levels, size } = sampler.next(Random.stream(1, i));
      for (let j = 0; j < size; j++) seen.add(levels.slice(48 * j, 48 * (j + 1)).join());
    }
    // A white one, and eight ways to lay each of the others.
    expect(seen.size).toBe(1 + 2 * 8);
  });

  it.each([
    [{ photos, small: [] }, configOf(0, 1), '"mixture" asks for none of the images given'],
    [{ photos: [], small }, configOf(1, 0), '"mixture" asks for none of the images given'],
    [{ photos: [flat(7, 40, 20)], small }, configOf(1, 1), 'no photograph has 8 pixels in height and width'],
  ])('refuses images of which the mixture has none, %#', (data, config, message) => {
    expect(() => new PixelSampler(data, config)).toThrow(message);
  });
});
