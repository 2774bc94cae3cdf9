import { describe, expect, it } from 'vitest';
import { NeighbourResiduals } from '../../src/codec/neighbour-residuals.ts';
import { emptyNeighbourTable } from '../../src/model/model.ts';
import { scaleIndexForVariance } from '../../src/rans/discretised-gaussian.ts';
import { randomNeighbours } from '../helpers/neighbours.ts';
import { randomInteger, seededRandom } from '../helpers/random.ts';

const [HEIGHT, WIDTH] = [3, 4];
/** Sigma 4: the deviation of a rounded u is that of the next scale. */
const SCALE = 112;
const SIGMA16 = 64;
const ROUNDED16 = 16 * 2 ** (scaleIndexForVariance(16 + 1 / 12) / 16 - 5);

const gaussians = () => ({
  mean16: new Int32Array(HEIGHT * WIDTH * 9).fill(SIGMA16),
  scale: new Uint8Array(HEIGHT * WIDTH * 9).fill(SCALE),
});

/** Details that are all zero but one. */
const detailAt = (position: number, c: number, value: number): Int32Array => {
  const u = new Int32Array(HEIGHT * WIDTH * 9).fill(4); // its mean: no residual
  u[position * 9 + c] = value;
  return u;
};

/** Goes through a map as the codec does; the refined means and scales of a position. */
function refinedAt(residuals: NeighbourResiduals, u: Int32Array, wanted: number) {
  for (let position = 0; position < wanted; position++) {
    residuals.refine(position);
    for (let c = 0; c < 9; c++) residuals.note(position * 9 + c, u[position * 9 + c]!);
  }
  residuals.refine(wanted);
  const { mean16, scale } = residuals.refined;
  return { mean16: [...mean16.slice(wanted * 9, wanted * 9 + 9)], scale: [...scale.slice(wanted * 9, wanted * 9 + 9)] };
}

describe('an empty table', () => {
  it('leaves the Gaussians as they are', () => {
    const own = gaussians();
    const { mean16, scale } = refinedAt(
      new NeighbourResiduals(own, emptyNeighbourTable(), WIDTH),
      detailAt(0, 3, 40),
      5,
    );
    expect(mean16).toEqual(new Array(9).fill(SIGMA16));
    expect(scale).toEqual(new Array(9).fill(SCALE));
    expect(own).toEqual(gaussians());
  });
});

describe('the weights', () => {
  // Positions around (1, 1) in a map of width 4.
  it.each([
    ['left', 0, 4],
    ['above', 1, 1],
    ['above left', 2, 0],
    ['above right', 3, 2],
  ])('of the neighbour %s move the mean of a coefficient by its residual', (_name, neighbour, position) => {
    const table = emptyNeighbourTable();
    const [from, to] = [7, 2];
    table.weights[(to * 4 + neighbour) * 9 + from] = 64; // 1/4
    const u = detailAt(position, from, 4 + 8);
    const { mean16 } = refinedAt(new NeighbourResiduals(gaussians(), table, WIDTH), u, 5);
    const residual = (16 * 8) / ROUNDED16;
    const expected = new Array(9).fill(SIGMA16);
    expected[to] = SIGMA16 + Math.floor((residual / 4) * ROUNDED16 + 0.5);
    expect(mean16).toEqual(expected);
  });

  it('do not look round the end of a row', () => {
    const table = randomNeighbours();
    table.steps.fill(0);
    const residuals = new NeighbourResiduals(gaussians(), table, WIDTH);
    // (0, 3) is neither left nor above left of (1, 0), and (1, 0) is not above right of (1, 3).
    expect(refinedAt(residuals, detailAt(3, 0, 90), 4).mean16).toEqual(new Array(9).fill(SIGMA16));
  });

  it('see no more of a residual than 8 deviations', () => {
    const table = emptyNeighbourTable();
    table.weights[0] = 127;
    const meanFor = (value: number) =>
      refinedAt(new NeighbourResiduals(gaussians(), table, WIDTH), detailAt(4, 0, value), 5).mean16[0];
    expect(meanFor(1000)).toBe(meanFor(32_767));
    expect(meanFor(1000)).toBe(SIGMA16 + Math.floor(((8 * 127) / 256) * ROUNDED16 + 0.5));
  });
});

describe('the steps', () => {
  it('follow the energy of the neighbours, of the coefficient and of its plane', () => {
    const table = emptyNeighbourTable();
    for (let i = 0; i < table.steps.length; i++) table.steps[i] = i % 8;
    const residuals = (value: number) =>
      refinedAt(new NeighbourResiduals(gaussians(), table, WIDTH), detailAt(4, 3, value), 5);
    expect(residuals(4).scale).toEqual(new Array(9).fill(SCALE)); // all as predicted: the lowest class
    const { scale } = residuals(4 + 16); // about 4 deviations: energy 16 / 8 + 16 / 24 = 2.7 of coefficient 3, 0.7 in its plane
    expect(scale.map((value) => value - SCALE)).toEqual([3, 0, 0, 7, 0, 0, 3, 0, 0]);
  });

  it('take an energy of 1 where there is no neighbour', () => {
    const table = emptyNeighbourTable();
    for (let i = 0; i < table.steps.length; i++) table.steps[i] = i % 8;
    const { scale } = refinedAt(new NeighbourResiduals(gaussians(), table, WIDTH), detailAt(0, 0, 4), 0);
    expect(scale).toEqual(new Array(9).fill(SCALE + 5));
  });

  it('stay on the grid of scales', () => {
    const table = randomNeighbours();
    const random = seededRandom(3);
    const u = Int32Array.from({ length: HEIGHT * WIDTH * 9 }, () => randomInteger(random, 65_535) - 32_767);
    for (const scale of [0, 255]) {
      const own = { mean16: u.map(() => 0xff_ffff), scale: new Uint8Array(u.length).fill(scale) };
      const refined = refinedAt(new NeighbourResiduals(own, table, WIDTH), u, 11);
      for (const value of refined.scale) expect(Math.abs(value - scale)).toBeLessThanOrEqual(8);
      for (const mean of refined.mean16) expect(Math.abs(mean)).toBeLessThanOrEqual(0xff_ffff);
    }
  });
});
