import { expect, it } from 'vitest';
import { StageContext } from '../../src/codec/stage-context.ts';
import { NUM_PLANES } from '../../src/diffusion/dimensions.ts';
import { knownPlanes } from '../../src/network/features.ts';
import { contrastClasses } from '../../src/network/local-contrast.ts';
import { engineFor } from '../../src/options.ts';
import { cut } from '../../src/pyramid/samples.ts';
import { tilesOf } from '../../src/pyramid/tiles.ts';
import { tinyModel as model } from '../helpers/fixtures.ts';
import { randomInteger, seededRandom } from '../helpers/random.ts';

const CONDITION = 1;

it.each([
  [70, 330],
  [9, 21],
  [130, 66],
])('is that of one run over a stage of %i x %i positions, for every tile', async (height, width) => {
  const random = seededRandom(6);
  const data = Int16Array.from({ length: height * width * 3 }, () => randomInteger(random, 255));
  const known = { height, width, planes: 3, data } as const;
  const engine = await engineFor(model);
  const { trunkFilm } = model.conditions[CONDITION]!;
  const context = engine.trunk(knownPlanes(known), height, width, trunkFilm);
  const classes = contrastClasses(known);
  const contexts = new StageContext({ engine, architecture: model, trunkFilm }, known);
  for (const tile of tilesOf(height, width, true)) {
    expect(contexts.of(tile)).toEqual({
      context: cut(context, width, tile, model.channels),
      classes: cut(classes, width, tile, NUM_PLANES),
    });
  }
});
