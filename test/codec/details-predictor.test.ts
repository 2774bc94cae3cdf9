import { describe, expect, it } from 'vitest';
import { detailsPredictor } from '../../src/codec/details-predictor.ts';
import { emptyGaussians, type Gaussians } from '../../src/codec/gaussians.ts';
import { StageContext } from '../../src/codec/stage-context.ts';
import { NUM_LARGE_CONDITIONS } from '../../src/diffusion/conditions.ts';
import { NUM_PASSES, PASS_OF } from '../../src/diffusion/passes.ts';
import { createReferenceEngine } from '../../src/network/reference-engine.ts';
import { tinyModel as model } from '../helpers/fixtures.ts';
import { randomInteger, seededRandom } from '../helpers/random.ts';

const SIZE = { height: 4, width: 5 };
const POSITIONS = SIZE.height * SIZE.width;
const UNSET = 123_456_789;

const random = seededRandom(15);
const low = Int16Array.from({ length: 3 * POSITIONS }, (_, i) => (i % 3 === 0 ? 100 : 0) + randomInteger(random, 60));
const u = Int32Array.from({ length: 9 * POSITIONS }, () => randomInteger(random, 41) - 20);
const engine = createReferenceEngine(model.details.weights);

/** What the tiny model says in a pass; coefficients that are not set have UNSET for their means. */
function said(pass: number, details: Int32Array, condition = 0): Gaussians {
  const tables = model.details.conditions[condition]!;
  const network = { engine, architecture: model, trunkFilm: tables.trunkFilm };
  const tile = { row: 0, column: 0, ...SIZE };
  const context = new StageContext(network, { ...SIZE, planes: 3, data: low }).of(tile);
  const gaussians = emptyGaussians(SIZE);
  gaussians.mean16.fill(UNSET);
  detailsPredictor(engine, tables, SIZE, context)(pass, details, gaussians);
  return gaussians;
}

/** Other details where the coefficient is of a pass that is asked for. */
const changed = (isChanged: (pass: number) => boolean): Int32Array =>
  u.map((value, i) => (isChanged(PASS_OF[i % 9]!) ? value + 9 : value));

describe.each(Array.from({ length: NUM_PASSES }, (_, pass) => pass))('pass %d', (pass) => {
  it('sets its own coefficients at all positions, and no others', () => {
    for (let condition = 0; condition < NUM_LARGE_CONDITIONS; condition++) {
      const { mean16, scale } = said(pass, u, condition);
      for (const [i, mean] of mean16.entries()) {
        expect(mean !== UNSET).toBe(PASS_OF[i % 9] === pass);
        expect(scale[i]! > 0).toBe(PASS_OF[i % 9] === pass);
      }
    }
  });

  it('says the same whatever its own details and later ones are', () => {
    const other = changed((own) => own >= pass);
    expect(other).not.toEqual(u);
    expect(said(pass, other)).toEqual(said(pass, u));
  });

  it('goes by the details of each pass before', () => {
    for (let earlier = 0; earlier < pass; earlier++) {
      expect(
        said(
          pass,
          changed((own) => own === earlier),
        ).mean16,
        `pass ${earlier}`,
      ).not.toEqual(said(pass, u).mean16);
    }
  });
});
