import { beforeAll, describe, expect, it } from 'vitest';
import { KNOWN_PLANES } from '../../src/network/network.ts';
import { synthesise } from '../../src/pyramid/haar.ts';
import type { Batch } from '../../src/train/batch.ts';
import { BatchSampler } from '../../src/train/batch-sampler.ts';
import { DEFAULT_CONFIG, type TrainConfig } from '../../src/train/config.ts';
import type { Dataset, Plane } from '../../src/train/dataset.ts';
import { Random } from '../../src/train/random.ts';

const CONFIG: TrainConfig = { ...DEFAULT_CONFIG, batchPositions: 256, patchPositions: 8 };

/** Planes that say where they are from: Y the row, Co the column, Cg the level. */
function plane(height: number, width: number, level: number): Plane {
  const data = Int16Array.from({ length: height * width * 3 }, (_, i) => {
    const pixel = Math.floor(i / 3);
    return [Math.floor(pixel / width), pixel % width, level][i % 3]!;
  });
  return { height, width, data };
}

const PHOTO = [plane(120, 100, 0), plane(60, 50, 1), plane(30, 25, 2)];
const SMALL = [32, 16, 8, 4, 2].map((side, level) => plane(side, side, level));
const ALL: Dataset = { photos: [PHOTO], small: [SMALL] };

const batchesOf = (config: Partial<TrainConfig>, data: Dataset, count: number): Batch[] => {
  const sampler = new BatchSampler(data, { ...CONFIG, ...config });
  const random = new Random(5);
  return Array.from({ length: count }, () => sampler.next(random));
};

const only = (kind: 'photos' | 'small' | 'tops') => ({ mixture: { photos: 0, small: 0, tops: 0, [kind]: 1 } });

/** The pixels of an example, [2 * height, 2 * width, 3], from its known image and details. */
function pixelsOf(batch: Batch, i: number): Int16Array {
  const positions = batch.height * batch.width;
  const detail = Int16Array.from(batch.detail.subarray(i * positions * 9, (i + 1) * positions * 9));
  const known = batch.known.subarray(i * positions * KNOWN_PLANES, (i + 1) * positions * KNOWN_PLANES);
  const low = Int16Array.from({ length: positions * 3 }, (_, j) => {
    const from = Math.floor(j / 3) * KNOWN_PLANES + (j % 3);
    return 32 * known[from]! + (j % 3 === 0 ? 128 : 32 * known[from + 2]!);
  });
  return synthesise({ low, detail }, 2 * batch.height, 2 * batch.width, 3);
}

describe('BatchSampler', () => {
  let mixed: Batch[];
  beforeAll(() => {
    mixed = batchesOf({ mixture: { photos: 1, small: 1, tops: 2 } }, ALL, 60);
  });

  it('makes arrays of the shapes it says', () => {
    for (const { size, height, width, condition, detail, known, mask } of mixed) {
      expect(condition).toHaveLength(size);
      expect(detail).toHaveLength(size * height * width * 9);
      expect(known).toHaveLength(size * height * width * KNOWN_PLANES);
      expect(mask).toHaveLength(size * 9);
    }
  });

  it('draws all kinds of batches, of about the positions asked for and at most 256 examples', () => {
    const sizes = new Map(mixed.map(({ height, size }) => [height, size]));
    expect(Object.fromEntries(sizes)).toEqual({ 1: 256, 2: 64, 4: 16, 8: 4, 16: 1 });
  });

  it('gives the same batches for the same random state', () => {
    expect(batchesOf({}, ALL, 3)).toEqual(batchesOf({}, ALL, 3));
  });

  it('takes photographs at all levels that are large enough, under their conditions', () => {
    const conditions = batchesOf(only('photos'), ALL, 40).flatMap(({ condition }) => [...condition]);
    expect([...new Set(conditions)].sort()).toEqual([0, 3]); // 120 pixels: level 0; 60 and fewer: small
    const large = { photos: [[plane(400, 300, 0), plane(200, 150, 1), plane(100, 75, 2)]], small: [] };
    const counts = [0, 0, 0];
    for (const { condition } of batchesOf(only('photos'), large, 100)) for (const c of condition) counts[c]!++;
    for (const [level, share] of CONFIG.levels.entries())
      expect(Math.abs(counts[level]! / 400 - share)).toBeLessThan(0.1);
  });

  it('cuts squares out of one plane, flipped and turned', () => {
    const seen = new Set<string>();
    for (const batch of batchesOf(only('photos'), { photos: [[PHOTO[0]!]], small: [] }, 40)) {
      for (let i = 0; i < batch.size; i++) {
        if (batch.mask[i * 9 + 1] === 0) continue;
        const pixels = pixelsOf(batch, i);
        const at = (row: number, column: number) => Array.from(pixels.subarray((row * 16 + column) * 3).subarray(0, 2));
        const [origin, right, down] = [at(0, 0), at(0, 1), at(1, 0)];
        const move = (to: number[]) => [to[0]! - origin[0]!, to[1]! - origin[1]!];
        seen.add(JSON.stringify([move(right), move(down)]));
        const [[a, b], [c, d]] = [move(right), move(down)] as [number[], number[]];
        expect(at(15, 15)).toEqual([origin[0]! + 15 * (a! + c!), origin[1]! + 15 * (b! + d!)]);
      }
    }
    expect(seen.size).toBe(8);
  });

  it('has a few gray examples, without chroma and with a mask that says so', () => {
    let [grays, count] = [0, 0];
    for (const batch of batchesOf(only('photos'), ALL, 150)) {
      for (let i = 0; i < batch.size; i++) {
        const mask = Array.from(batch.mask.subarray(i * 9, i * 9 + 9));
        const isGray = mask[1] === 0;
        expect(mask).toEqual(isGray ? [1, 0, 0, 1, 0, 0, 1, 0, 0] : new Array(9).fill(1));
        count++;
        if (!isGray) continue;
        grays++;
        expect(pixelsOf(batch, i).every((value, j) => j % 3 === 0 || value === 0)).toBe(true);
      }
    }
    expect(Math.abs(grays / count - 0.04)).toBeLessThan(0.03);
  });

  it('mixes thumbnails of photographs into batches of small images', () => {
    const thumbnails = { photos: [[plane(100, 60, 0), plane(50, 40, 1)]], small: [SMALL] };
    const batches = batchesOf(only('small'), thumbnails, 60);
    const fromPhotos = batches.filter((batch) => Math.max(...pixelsOf(batch, 0).filter((_, i) => i % 3 === 2)) === 1);
    expect(new Set(batches.map(({ condition }) => condition[0]))).toEqual(new Set([3]));
    expect(fromPhotos.length).toBeGreaterThan(0);
    expect(fromPhotos.length).toBeLessThan(25);
  });

  it('refuses images of which it could draw nothing', () => {
    const tooSmall = { photos: [[plane(15, 100, 0)], []], small: [] };
    expect(() => new BatchSampler(tooSmall, CONFIG)).toThrow(/no photograph has 16 pixels in height and width/);
    expect(() => new BatchSampler({ photos: [PHOTO], small: [] }, { ...CONFIG, ...only('tops') })).toThrow(RangeError);
  });
});
