import { describe, expect, it } from 'vitest';
import { chooseRegression } from '../../src/codec/choose-regression.ts';
import { Coder } from '../../src/codec/coder.ts';
import { noteBand, regressedTiles } from '../../src/codec/stage-regression.ts';
import { engineFor } from '../../src/options.ts';
import { halfSize } from '../../src/pyramid/haar.ts';
import { PlainSamples } from '../../src/pyramid/samples.ts';
import { buildPyramid, type Stage } from '../../src/pyramid/stages.ts';
import type { Tile } from '../../src/pyramid/tiles.ts';
import { tinyModel as model } from '../helpers/fixtures.ts';
import { randomInteger, seededRandom } from '../helpers/random.ts';

function stageOf(height: number, width: number): Stage {
  const random = seededRandom(height + width);
  const samples = Int16Array.from({ length: height * width }, (_, i) => 100 + (i % 7) + randomInteger(random, 9));
  return buildPyramid(new PlainSamples({ height, width }, 1, samples), 1).stages[0]!;
}

const coderOf = async ({ height, width }: Stage): Promise<Coder> => {
  const [engine, detailsEngine] = [await engineFor(model), await engineFor(model.details)];
  return new Coder({ model, engine, detailsEngine, numSteps: 2, planes: 1, height, width });
};

/** The choice where latents cost so much, and the tiles whose cost was asked for. */
async function choice(stage: Stage, weighsColours: boolean, bits: number) {
  const asked: Tile[] = [];
  const bitsOf = async (tiles: readonly Tile[]) => {
    asked.push(...tiles);
    return bits;
  };
  return { chosen: await chooseRegression(stage, await coderOf(stage), { weighsColours, bitsOf }), asked };
}

const [LITTLE, MUCH] = [1, 1e9];

describe('the choice of regression', () => {
  it('needs no trial where colours do not weigh', async () => {
    expect(await choice(stageOf(100, 90), false, LITTLE)).toEqual({ chosen: {}, asked: [] });
  });

  it('is by all tiles of a small stage, which is not noted twice', async () => {
    const stage = stageOf(100, 150);
    const [little, much] = [await choice(stage, true, LITTLE), await choice(stage, true, MUCH)];
    expect(little).toEqual({ chosen: undefined, asked: regressedTiles(stage) });
    expect(much.chosen).toEqual({ noted: await noteBand(regressedTiles(stage), stage, await coderOf(stage)) });
  });

  it.each([
    [300, 280],
    [2, 700],
    [700, 3],
    [1, 400],
    [20, 600],
  ])('is by a part of a stage of %d x %d pixels', async (height, width) => {
    const stage = stageOf(height, width);
    const { chosen, asked } = await choice(stage, true, LITTLE);
    expect(chosen).toBeUndefined();
    expect((await choice(stage, true, MUCH)).chosen).toEqual({});
    const [part] = asked as [Tile];
    const { height: rows, width: columns } = halfSize(stage);
    expect(asked).toHaveLength(1);
    expect(Math.max(part.height, part.width)).toBeGreaterThanOrEqual(16);
    expect(Math.min(part.height, part.width)).toBeGreaterThanOrEqual(1);
    expect(part.row + part.height).toBeLessThanOrEqual(rows);
    expect(part.column + part.width).toBeLessThanOrEqual(columns);
  });
});
