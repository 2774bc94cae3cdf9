import { describe, expect, it } from 'vitest';
import { synthesise } from '../../src/pyramid/haar.ts';
import { buildPyramid, stageSizes } from '../../src/pyramid/stages.ts';
import { randomInteger, seededRandom } from '../helpers/random.ts';

const text = (height: number, width: number) => stageSizes(height, width).map((size) => `${size.height}x${size.width}`);

describe('stageSizes', () => {
  it.each([
    [1, 1, []],
    [1, 2, ['1x2']],
    [3, 1, ['3x1', '2x1']],
    [8, 8, ['8x8', '4x4', '2x2']],
    [5, 9, ['5x9', '3x5', '2x3', '1x2']],
    [1, 6, ['1x6', '1x3', '1x2']],
  ])('halves %i x %i down to one pixel', (height, width, expected) => {
    expect(text(height, width)).toEqual(expected);
  });

  it('has at most 16 stages', () => {
    expect(stageSizes(65_535, 65_535)).toHaveLength(16);
  });
});

describe('buildPyramid', () => {
  it.each([1, 3])('is undone by synthesising from the base upward, with %i planes', (planeCount) => {
    const random = seededRandom(planeCount);
    for (let height = 1; height <= 20; height++) {
      for (let width = 1; width <= 20; width++) {
        const planes = Int16Array.from({ length: height * width * planeCount }, () => randomInteger(random, 511) - 255);
        const { stages, base } = buildPyramid(planes, height, width, planeCount);
        expect(base).toHaveLength(planeCount);
        const rebuilt = stages.reduceRight(
          (low, stage) => synthesise({ low, detail: stage.detail }, stage.height, stage.width, planeCount),
          base,
        );
        expect(rebuilt).toEqual(planes);
      }
    }
  });

  it('numbers its stages from the finest on and chains their images', () => {
    const { stages, base } = buildPyramid(
      Int16Array.from({ length: 35 }, (_, i) => i),
      5,
      7,
      1,
    );
    expect(stages.map(({ level, height, width, low }) => [level, height, width, low.length])).toEqual([
      [0, 5, 7, 12],
      [1, 3, 4, 4],
      [2, 2, 2, 1],
    ]);
    expect(stages.at(-1)!.low).toEqual(base);
  });
});
