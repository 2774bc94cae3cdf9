import { expect, it } from 'vitest';
import { Adaptation } from '../../src/absorbing/adaptation.ts';
import { SLOPE } from '../../src/absorbing/diagonals.ts';
import { NEAR_OFFSETS } from '../../src/absorbing/neighbourhood.ts';
import { PixelMixture } from '../../src/absorbing/pixel-mixture.ts';
import { silentPredictor } from '../helpers/pixels.ts';
import { seededRandom } from '../helpers/random.ts';

const NO_DIFFERENCES = new Int32Array(3 * NEAR_OFFSETS.length);
const WIDTH = 4096;

/** A gray row of one component with a mean of 100: bits before and after, and the mean's last shift. */
function adaptTo(valueAt: (column: number, random: () => number) => number, deviation: number) {
  const random = seededRandom(7);
  const adaptation = new Adaptation({ height: 1, width: WIDTH, planes: 1 });
  const predictor = silentPredictor();
  const mixture = new PixelMixture(1);
  let [plain, adapted, shift] = [0, 0, 0];
  for (let column = 0; column < WIDTH; column++) {
    const [value, position] = [valueAt(column, random), { row: 0, column }];
    const rows = predictor.rows();
    rows.bases[0] = 100;
    rows.spreads[0] = deviation;
    adaptation.begin(0, position, NO_DIFFERENCES, rows);
    predictor.predict(1, adaptation.stateOf(0), false);
    mixture.load(0, rows);
    plain -= Math.log2(mixture.share(value, 0, 0));
    adapted -= Math.log2(mixture.start(value + 1) - mixture.start(value));
    shift = mixture.adaptedMean() - mixture.mean();
    adaptation.learn(0, 0, position, value, rows);
    adaptation.judge(0, 0, value, mixture, rows);
    adaptation.endBatch(1, rows);
  }
  return { saved: (plain - adapted) / WIDTH, shift };
}

const gaussian = (random: () => number): number =>
  Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

it('learns that errors go on from pixel to pixel', () => {
  let error = 0;
  const wander = (_: number, random: () => number) => {
    error = 0.95 * error + 2 * gaussian(random);
    return Math.round(100 + error);
  };
  // An error of deviation 6.4, of which 2 is news: log2(6.4 / 2) bits, less what comes before it is learned.
  expect(adaptTo(wander, 6.4).saved).toBeGreaterThan(1.2);
});

it('learns deviations that are too large or too small', () => {
  const noise = (_: number, random: () => number) => Math.round(100 + 4 * gaussian(random));
  expect(adaptTo(noise, 12).saved).toBeGreaterThan(0.5);
  expect(adaptTo(noise, 2).saved).toBeGreaterThan(0.5);
});

it('costs next to nothing where the network is right', () => {
  const noise = (_: number, random: () => number) => Math.round(100 + 4 * gaussian(random));
  expect(adaptTo(noise, 4).saved).toBeGreaterThan(-0.02);
});

it('moves the mean by no more than a deviation', () => {
  const far = (column: number) => (column % 2 === 0 ? 108 : 109);
  const { shift } = adaptTo(far, 3);
  expect(shift).toBeGreaterThan(2);
  expect(shift).toBeLessThan(3.1);
});

/** Batches of noise, and the shares of 90..109 that their samples are predicted with, plane by plane. */
class Batches {
  private readonly adaptation = new Adaptation({ height: BATCH, width: COLUMNS + SLOPE * MAX_BATCH, planes: 3 });
  private readonly predictor = silentPredictor();
  private readonly mixture = new PixelMixture(1);
  private readonly random = seededRandom(3);

  /** @param order in which samples are begun with; they are predicted as often as there are repeats */
  next(column: number, order: readonly number[], repeats: number): number[][] {
    const { adaptation, predictor, mixture } = this;
    const rows = predictor.rows();
    rows.bases.fill(100);
    rows.spreads.fill(4);
    const near = Int32Array.from({ length: 3 * NEAR_OFFSETS.length }, () => Math.round(8 * this.random()));
    for (const i of order) adaptation.begin(i, positionOf(i, column), near, rows);
    const starts = [0, 1, 2].map((plane) => {
      for (let i = 0; i < repeats; i++) predictor.predict(BATCH, adaptation.stateOf(plane), false);
      return order.toSorted().map((i) => {
        mixture.load(i, rows);
        const value = Math.round(100 + plane + 6 * gaussian(this.random));
        adaptation.learn(i, plane, positionOf(i, column), value, rows);
        adaptation.judge(i, plane, value, mixture, rows);
        return mixture.start(110) - mixture.start(90);
      });
    });
    adaptation.endBatch(BATCH, rows);
    return starts;
  }
}

const [BATCH, COLUMNS] = [7, 60];
const MAX_BATCH = 16;
/** Of pixels of a diagonal, the last of which is in the column. */
const positionOf = (i: number, column: number) => ({ row: i, column: column + SLOPE * (MAX_BATCH - i) });

it('predicts the samples of a batch in any order, and when it is asked again', () => {
  const [forward, backward] = [new Batches(), new Batches()];
  const order = Array.from({ length: BATCH }, (_, i) => i);
  for (let column = 0; column < COLUMNS; column++) {
    expect(backward.next(column, order.toReversed(), 2)).toEqual(forward.next(column, order, 1));
  }
});

/** Bits of the last samples of many batches of which only some samples are judged. */
function bitsWhenJudged(judged: number): number {
  const random = seededRandom(8);
  const adaptation = new Adaptation({ height: MAX_BATCH, width: 200 + SLOPE * MAX_BATCH, planes: 1 });
  const [predictor, mixture] = [silentPredictor(), new PixelMixture(1)];
  let bits = 0;
  let errors = new Array(MAX_BATCH).fill(0);
  for (let column = 0; column < 200; column++) {
    errors = errors.map((error) => 0.95 * error + 2 * gaussian(random));
    const rows = predictor.rows();
    rows.bases.fill(100);
    rows.spreads.fill(6);
    for (let i = 0; i < MAX_BATCH; i++) adaptation.begin(i, positionOf(i, column), NO_DIFFERENCES, rows);
    predictor.predict(MAX_BATCH, adaptation.stateOf(0), false);
    for (const [i, error] of errors.entries()) {
      const value = Math.round(100 + error);
      mixture.load(i, rows);
      if (column >= 100) bits -= Math.log2(mixture.start(value + 1) - mixture.start(value));
      adaptation.learn(i, 0, positionOf(i, column), value, rows);
      if (i < judged) adaptation.judge(i, 0, value, mixture, rows);
    }
    adaptation.endBatch(MAX_BATCH, rows);
  }
  return bits / (100 * MAX_BATCH) + 20;
}

it('trusts experts by the samples that are judged, and none by others', () => {
  const [none, some] = [0, 4].map(bitsWhenJudged);
  // At a third of trust each, two thirds of a shift are made: it is less than what comes of trust.
  expect(some).toBeLessThan(none! - 0.02);
});
