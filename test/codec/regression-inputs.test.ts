import { describe, expect, it } from 'vitest';
import { DEVIATIONS16 } from '../../src/codec/neighbour-residuals.ts';
import { type Pass, passesOf, RegressionInputs, type TileState } from '../../src/codec/regression-inputs.ts';
import { PASS_OF } from '../../src/diffusion/passes.ts';
import type { KnownStage } from '../../src/pyramid/stages.ts';
import { randomInteger, seededRandom } from '../helpers/random.ts';

const SIDE = 3;
const MIDDLE = 4;
const LENGTH = 9 * SIDE * SIDE;

/** Numbers small enough for their deviations that none reaches the limit. */
function stateOf(): TileState {
  const random = seededRandom(13);
  const integers = () => Int32Array.from({ length: LENGTH }, () => randomInteger(random, 401) - 200);
  const scale = Uint8Array.from({ length: LENGTH }, () => 140 + randomInteger(random, 20));
  const gaussians = { mean16: integers(), scale };
  return { u: integers(), gaussians, exact16: integers(), squares: new Float64Array(LENGTH) };
}

function stageOf(planes: 1 | 3): KnownStage {
  const random = seededRandom(14);
  const low = Int16Array.from({ length: SIDE * SIDE * planes }, () => 100 + randomInteger(random, 20));
  return { level: 0, height: 2 * SIDE, width: 2 * SIDE, low };
}

/** The inputs of a pass at a position, and NaN for all that is not set. */
function gathered(planes: 1 | 3, pass: Pass, state: TileState, position = MIDDLE): number[] {
  const inputs = new RegressionInputs(stageOf(planes), planes);
  inputs.findNeighbours(position, SIDE);
  pass.sample.fill(Number.NaN);
  inputs.gather(state, pass, { low: new Int16Array(0), lowBase: position * planes, u: state.u, base: 9 * position });
  return Array.from(pass.sample);
}

/** The state with other numbers where it is told. */
function changed(state: TileState, where: Partial<Record<'u' | 'exact16' | 'mean16' | 'scale', number[]>>): TileState {
  const { mean16, scale } = state.gaussians;
  const copy = { u: state.u.slice(), exact16: state.exact16.slice(), mean16: mean16.slice(), scale: scale.slice() };
  for (const [name, indices] of Object.entries(where)) {
    for (const index of indices) copy[name as keyof typeof copy][index]! += 50;
  }
  return { ...state, ...copy, gaussians: copy };
}

const INDICES = Array.from({ length: LENGTH }, (_, index) => index);
const passAt = (index: number): number => PASS_OF[index % 9]!;
const isLater = (index: number): boolean => Math.floor(index / 9) > MIDDLE;
const isHere = (index: number): boolean => Math.floor(index / 9) === MIDDLE;

const CASES = ([1, 3] as const).flatMap((planes) =>
  passesOf(planes).map((pass) => ({ planes, index: pass.index, pass })),
);

describe('the passes of the regression', () => {
  it.each([
    [1, [4, 5, 6], [6, 0, 3]],
    [3, [0, 1, 2, 3, 4, 5, 6], [7, 1, 4, 8, 2, 5, 6, 0, 3]],
  ] as const)('of %d planes are those with something to code', (planes, indices, order) => {
    const passes = passesOf(planes);
    expect(passes.map(({ index }) => index)).toEqual(indices);
    expect(passes.flatMap(({ targets }) => targets)).toEqual(order);
  });
});

describe('the inputs of the regression', () => {
  it.each(CASES)('are as many as the pass says: pass $index of $planes planes', ({ planes, pass }) => {
    for (const position of [0, 2, MIDDLE, 8]) {
      const sample = gathered(planes, pass, stateOf(), position);
      expect(sample).toHaveLength(pass.numInputs + pass.targets.length);
      expect(sample.slice(0, pass.numInputs).every(Number.isFinite)).toBe(true);
      expect(sample.slice(pass.numInputs).every(Number.isNaN)).toBe(true);
    }
  });

  it.each(CASES)('go by nothing that is coded later: pass $index of $planes planes', ({ planes, index, pass }) => {
    const state = stateOf();
    const unknown = INDICES.filter((i) => passAt(i) > index || (passAt(i) === index && (isHere(i) || isLater(i))));
    const unsaid = INDICES.filter((i) => passAt(i) > index);
    const other = changed(state, { u: INDICES, exact16: unknown, mean16: unsaid, scale: unsaid });
    expect(gathered(planes, pass, other)).toEqual(gathered(planes, pass, state));
  });

  it.each(CASES)('go by every detail that was coded before: pass $index of $planes planes', ({ planes, pass }) => {
    const state = stateOf();
    const before = gathered(planes, pass, state);
    const plain = [1, 3, 0, 2].flatMap((position) => pass.nearby.map((c) => 9 * position + c));
    for (const index of [...plain, ...pass.earlier.map((c) => 9 * MIDDLE + c)]) {
      expect(gathered(planes, pass, changed(state, { exact16: [index] })), `exact16 ${index}`).not.toEqual(before);
    }
    for (const c of [...pass.earlier, ...pass.targets]) {
      expect(gathered(planes, pass, changed(state, { mean16: [9 * MIDDLE + c] })), `mean16 ${c}`).not.toEqual(before);
    }
  });

  it.each(CASES)('end with differences of the low image around: pass $index of $planes planes', ({ planes, pass }) => {
    const state = stateOf();
    const { low } = stageOf(planes);
    const deviation = DEVIATIONS16[state.gaussians.scale[9 * MIDDLE + pass.targets[0]!]!]! / 16;
    const expected = [1, 3, 5, 7].flatMap((position) =>
      Array.from({ length: planes }, (_, plane) => {
        return (low[position * planes + plane]! - low[MIDDLE * planes + plane]!) / (4 * deviation);
      }),
    );
    const actual = gathered(planes, pass, state).slice(pass.numInputs - 4 * planes, pass.numInputs);
    for (const [i, value] of expected.entries()) expect(actual[i]).toBeCloseTo(value, 12);
  });

  it('are within six deviations, whatever was decoded', () => {
    const state = stateOf();
    state.exact16.fill(1e6);
    state.gaussians.mean16.fill(-1e6);
    for (const { planes, pass } of CASES) {
      const inputs = gathered(planes, pass, state).slice(0, pass.numInputs);
      expect(Math.max(...inputs.map(Math.abs))).toBe(6);
    }
  });

  it.each([
    [0, [-1, -1, -1, -1]],
    [2, [1, -1, -1, -1]],
    [3, [-1, 0, -1, 1]],
    [4, [3, 1, 0, 2]],
    [8, [7, 5, 4, -1]],
  ])('have neighbours at the left, above, above left and above right: position %d', (position, expected) => {
    const inputs = new RegressionInputs(stageOf(1), 1);
    inputs.findNeighbours(position, SIDE);
    expect([...inputs.neighbours]).toEqual(expected);
  });
});
