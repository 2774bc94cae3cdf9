import { expect, it } from 'vitest';
import { Adaptation } from '../../src/absorbing/adaptation.ts';
import { SLOPE } from '../../src/absorbing/diagonals.ts';
import { NEAR_OFFSETS, NUM_CHANNELS, type Pixels } from '../../src/absorbing/neighbourhood.ts';
import { PixelMixture } from '../../src/absorbing/pixel-mixture.ts';
import { blackPixels, silentPredictor } from '../helpers/pixels.ts';
import { seededRandom } from '../helpers/random.ts';

const WIDTH = 4096;

/** A gray row of one component with a mean of 100: bits before and after, and the mean's last shift. */
function adaptTo(valueAt: (column: number, random: () => number) => number, deviation: number) {
  const random = seededRandom(7);
  const adaptation = new Adaptation(1);
  const predictor = silentPredictor();
  const pixels = blackPixels(1, WIDTH);
  predictor.start({ pixels, planes: 1, weighsColours: false });
  const mixture = new PixelMixture(1);
  let [plain, adapted, shift] = [0, 0, 0];
  for (let column = 0; column < WIDTH; column++) {
    const value = valueAt(column, random);
    const rows = predictor.rows();
    predictor.look({ row: 0, column, length: 1 });
    rows.bases[0] = 100;
    rows.spreads[0] = deviation;
    predictor.predict(adaptation.stateOf(0), false);
    mixture.load(0, rows);
    plain -= Math.log2(mixture.share(value, 0, 0));
    adapted -= Math.log2(mixture.start(value + 1) - mixture.start(value));
    shift = mixture.adaptedMean() - mixture.mean();
    adaptation.learn(0, 0, value, rows);
    // The neighbours to come see errors, but no differences.
    pixels.data[3 * column + 1] = value;
    predictor.reveal(0);
    pixels.data[3 * column + 1] = 0;
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

const [BATCH, COLUMNS] = [7, 60];
const MAX_BATCH = 16;
/** A diagonal of so many pixels, the last of which is in the column or right of it. */
const diagonalOf = (column: number, length: number) => ({ row: 0, column: column + SLOPE * MAX_BATCH, length });
const pixelsFor = (columns: number) => blackPixels(MAX_BATCH, columns + SLOPE * MAX_BATCH);
/** Index of the green of pixel i of that. */
const greenAt = (column: number, i: number, { width }: Pixels): number =>
  NUM_CHANNELS * (i * width + column + SLOPE * (MAX_BATCH - i)) + 1;

/** Batches of noise, and the shares of 90..109 that their samples are predicted with, plane by plane. */
class Batches {
  private readonly adaptation = new Adaptation(3);
  private readonly predictor = silentPredictor();
  private readonly mixture = new PixelMixture(1);
  private readonly random = seededRandom(3);

  constructor() {
    this.predictor.start({ pixels: pixelsFor(COLUMNS), planes: 3, weighsColours: false });
  }

  /** @param repeats how often samples are predicted */
  next(column: number, repeats: number): number[][] {
    const { adaptation, predictor, mixture } = this;
    const rows = predictor.rows();
    predictor.look(diagonalOf(column, BATCH));
    rows.bases.fill(100);
    rows.spreads.fill(4);
    for (let i = 0; i < BATCH; i++) {
      const near = Array.from({ length: 3 * NEAR_OFFSETS.length }, () => Math.round(8 * this.random()));
      rows.inputs.set(near, i * 2 * near.length);
    }
    const starts = [0, 1, 2].map((plane) => {
      for (let i = 0; i < repeats; i++) predictor.predict(adaptation.stateOf(plane), false);
      predictor.reveal(plane);
      return Array.from({ length: BATCH }, (_, i) => {
        mixture.load(i, rows);
        const value = Math.round(100 + plane + 6 * gaussian(this.random));
        adaptation.learn(i, plane, value, rows);
        adaptation.judge(i, plane, value, mixture, rows);
        return mixture.start(110) - mixture.start(90);
      });
    });
    adaptation.endBatch(BATCH, rows);
    return starts;
  }
}

it('predicts the samples of a batch alike when it is asked again', () => {
  const [once, twice] = [new Batches(), new Batches()];
  for (let column = 0; column < COLUMNS; column++) expect(twice.next(column, 2)).toEqual(once.next(column, 1));
});

/** Bits of the last samples of many batches of which only some samples are judged. */
function bitsWhenJudged(judged: number): number {
  const random = seededRandom(8);
  const adaptation = new Adaptation(1);
  const [predictor, mixture] = [silentPredictor(), new PixelMixture(1)];
  const pixels = pixelsFor(200);
  predictor.start({ pixels, planes: 1, weighsColours: false });
  let bits = 0;
  let errors = new Array(MAX_BATCH).fill(0);
  for (let column = 0; column < 200; column++) {
    errors = errors.map((error) => 0.95 * error + 2 * gaussian(random));
    const rows = predictor.rows();
    predictor.look(diagonalOf(column, MAX_BATCH));
    rows.bases.fill(100);
    rows.spreads.fill(6);
    predictor.predict(adaptation.stateOf(0), false);
    for (const [i, error] of errors.entries()) {
      const value = Math.round(100 + error);
      mixture.load(i, rows);
      if (column >= 100) bits -= Math.log2(mixture.start(value + 1) - mixture.start(value));
      adaptation.learn(i, 0, value, rows);
      pixels.data[greenAt(column, i, pixels)] = value;
      if (i < judged) adaptation.judge(i, 0, value, mixture, rows);
    }
    predictor.reveal(0);
    pixels.data.fill(0);
    adaptation.endBatch(MAX_BATCH, rows);
  }
  return bits / (100 * MAX_BATCH) + 20;
}

it('trusts experts by the samples that are judged, and none by others', () => {
  const [none, some] = [0, 4].map(bitsWhenJudged);
  // At a third of trust each, two thirds of a shift are made: it is less than what comes of trust.
  expect(some).toBeLessThan(none! - 0.02);
});
