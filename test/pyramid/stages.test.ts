import { describe, expect, it } from 'vitest';
import { analyse, halfSize, type Size } from '../../src/pyramid/haar.ts';
import { cut, PlainSamples } from '../../src/pyramid/samples.ts';
import { buildPyramid, readDetail, stageSizes, writeDetail } from '../../src/pyramid/stages.ts';
import { type Tile, tilesOf } from '../../src/pyramid/tiles.ts';
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

function randomSamples(size: Size, planes: number): PlainSamples {
  const random = seededRandom(size.height * 100 + size.width);
  const data = Int16Array.from({ length: size.height * size.width * planes }, () => randomInteger(random, 511) - 255);
  return new PlainSamples(size, planes, data);
}

/** Every size of 1..20 x 1..20, and one of more than a tile. */
const SIZES = [
  ...Array.from({ length: 400 }, (_, i) => ({ height: 1 + Math.floor(i / 20), width: 1 + (i % 20) })),
  { height: 131, width: 133 },
];

describe.each([1, 3])('a pyramid of %i planes', (planes) => {
  it('has the low images and the details of the Haar transform of each level', () => {
    for (const size of SIZES) {
      let image = randomSamples(size, planes).data;
      const { stages, base } = buildPyramid(new PlainSamples(size, planes, image), planes);
      for (const stage of stages) {
        const { low, detail } = analyse(image, stage.height, stage.width, planes);
        expect(stage.low).toEqual(low);
        for (const tile of tilesOfStage(stage)) {
          expect(readDetail(stage, tile, planes)).toEqual(cut(detail, halfSize(stage).width, tile, 3 * planes));
        }
        image = low;
      }
      expect(base).toEqual(image);
    }
  });

  it('gives the image back, tile by tile from the base upward', () => {
    for (const size of SIZES) {
      const image = randomSamples(size, planes);
      const { stages, base } = buildPyramid(image, planes);
      let low = base;
      for (const stage of [...stages].reverse()) {
        const rebuilt = new PlainSamples(stage, planes);
        for (const tile of tilesOfStage(stage)) {
          writeDetail({ ...stage, low, image: rebuilt }, tile, planes, readDetail(stage, tile, planes));
        }
        low = rebuilt.data;
      }
      expect(low).toEqual(image.data);
    }
  });
});

function tilesOfStage(stage: Size & { level: number }): Tile[] {
  const { height, width } = halfSize(stage);
  return tilesOf(height, width, stage.level === 0);
}

describe('buildPyramid', () => {
  it('numbers its stages from the finest on and chains their images', () => {
    const { stages, base } = buildPyramid(randomSamples({ height: 5, width: 7 }, 1), 1);
    expect(stages.map(({ level, height, width, low }) => [level, height, width, low.length])).toEqual([
      [0, 5, 7, 12],
      [1, 3, 4, 4],
      [2, 2, 2, 1],
    ]);
    expect(stages.at(-1)!.low).toEqual(base);
  });
});
