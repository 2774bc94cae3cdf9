import { expect, it } from 'vitest';
import { Adaptation } from '../../src/absorbing/adaptation.ts';
import { NEAR_OFFSETS } from '../../src/absorbing/neighbourhood.ts';
import { PixelMixture } from '../../src/absorbing/pixel-mixture.ts';
import { scaleIndexForVariance } from '../../src/rans/discretised-gaussian.ts';
import { seededRandom } from '../helpers/random.ts';

const NO_DIFFERENCES = new Int32Array(3 * NEAR_OFFSETS.length);
const WIDTH = 4096;

/** A gray row of one component with a mean of 100: bits before and after, and the mean's last shift. */
function adaptTo(valueAt: (column: number, random: () => number) => number, deviation: number) {
  const random = seededRandom(7);
  const adaptation = new Adaptation({ height: 1, width: WIDTH, planes: 1, maxBatch: 1 });
  const mixture = new PixelMixture(1);
  let [plain, adapted, shift] = [0, 0, 0];
  for (let column = 0; column < WIDTH; column++) {
    const value = valueAt(column, random);
    mixture.setComponent(0, 1600, scaleIndexForVariance(deviation * deviation), 1);
    mixture.adapt(0, 0);
    adaptation.begin(0, NO_DIFFERENCES);
    const freqOf = () => mixture.start(value + 1) - mixture.start(value);
    plain -= Math.log2(freqOf());
    adaptation.adapt(0, 0, { row: 0, column }, mixture);
    adapted -= Math.log2(freqOf());
    shift = mixture.adaptedMean() - mixture.mean();
    adaptation.learn(0, 0, { row: 0, column }, { mixture, value });
    adaptation.endBatch(1);
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
