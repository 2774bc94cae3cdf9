import { describe, expect, it } from 'vitest';
import { Coder } from '../../src/codec/coder.ts';
import { popStage, pushStage } from '../../src/codec/stage-codec.ts';
import { codedIndices } from '../../src/codec/stage-tiles.ts';
import { engineFor } from '../../src/options.ts';
import { coefficientCount, halfSize } from '../../src/pyramid/haar.ts';
import { PlainSamples } from '../../src/pyramid/samples.ts';
import { buildPyramid, type Stage } from '../../src/pyramid/stages.ts';
import { tilesOf } from '../../src/pyramid/tiles.ts';
import { AnsStack } from '../../src/rans/ans-stack.ts';
import { tinyModel as model } from '../helpers/fixtures.ts';
import { randomInteger, seededRandom } from '../helpers/random.ts';
import { stackOfBytes } from '../helpers/stacks.ts';

/** [height, width] of a stage's image; 132 makes 66 positions, more than a tile's side. */
const SIZES: [number, number][] = [
  [1, 2],
  [2, 1],
  [2, 2],
  [3, 3],
  [1, 40],
  [17, 20],
  [132, 9],
];

function firstStage(height: number, width: number, planes: 1 | 3): Stage {
  const random = seededRandom(height * 100 + width);
  const samples = Int16Array.from({ length: height * width * planes }, () => 90 + randomInteger(random, 40));
  return buildPyramid(new PlainSamples({ height, width }, planes, samples), planes).stages[0]!;
}

const engine = await engineFor(model);
const detailsEngine = await engineFor(model.details);

const coderFor = (height: number, width: number, planes: 1 | 3) =>
  new Coder({ model, engine, detailsEngine, numSteps: 4, planes, height, width });

describe.each(SIZES)('a stage of %i x %i pixels', (height, width) => {
  const half = halfSize({ height, width });
  const starts = { empty: () => new AnsStack(), rich: () => stackOfBytes(30_000) };

  it.each(([1, 3] as const).flatMap((planes) => (['empty', 'rich'] as const).map((start) => ({ planes, start }))))(
    'in $planes planes comes back from the $start stack, which is then as it was',
    async ({ planes, start }) => {
      const stage = firstStage(height, width, planes);
      const stack = starts[start]();
      const before = stack.toBytes();
      await pushStage(stack, stage, coderFor(height, width, planes));
      const image = new PlainSamples({ height, width }, planes);
      await popStage(stack, { ...stage, image }, coderFor(height, width, planes));
      expect(image).toEqual(stage.image);
      expect(stack.toBytes()).toEqual(before);
    },
  );

  it.each([1, 3] as const)('codes each of its coefficients in %i planes once', (planes) => {
    const tiles = tilesOf(half.height, half.width, true);
    const counts = tiles.map((tile) => codedIndices({ height, width }, tile, planes).length);
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(coefficientCount({ height, width }, planes));
  });
});

describe('codedIndices', () => {
  const size = { height: 3, width: 4 };
  const tile = { row: 0, column: 0, height: 2, width: 2 };

  it('lists the bands of all planes, and the horizontal one alone in the last row of an odd height', () => {
    const full = [0, 1, 2, 3, 4, 5, 6, 7, 8];
    const expected = [...full, ...full.map((i) => 9 + i), 18, 19, 20, 27, 28, 29];
    expect([...codedIndices(size, tile, 3)]).toEqual(expected);
  });

  it('lists the luma of gray images alone', () => {
    expect([...codedIndices(size, tile, 1)]).toEqual([0, 3, 6, 9, 12, 15, 18, 27]);
  });

  it('counts from the corner of the tile', () => {
    expect([...codedIndices(size, { row: 1, column: 1, height: 1, width: 1 }, 3)]).toEqual([0, 1, 2]);
  });
});
