import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PixelMixture } from '../../src/absorbing/pixel-mixture.ts';
import { ByteMixture } from '../../src/rans/byte-mixture.ts';
import { octaveFraction } from '../../src/rans/discretised-gaussian.ts';

const BASE = 100;

/** Outputs of a network as the integers that they are. */
const inUnits = (outputs: readonly number[]): Int32Array =>
  Int32Array.from(outputs, (value) => Math.min(Math.max(Math.round(4096 * value), -MOST), MOST));
const MOST = 2 ** 31 - 1;

/** A mixture of one row of outputs: offsets, octaves of deviations and octaves of weights. */
function mixtureOf(outputs: readonly number[], { base = BASE, spread = 4, row = 0 } = {}): PixelMixture {
  const width = outputs.length + 2;
  const values = new Int32Array((row + 1) * width).fill(-MOST);
  values.set(inUnits(outputs), row * width);
  const mixture = new PixelMixture(outputs.length / 3);
  mixture.set({ values, width }, row, base, spread);
  return mixture;
}

/** [mean16, scale, weight] of each component. */
function gaussians(...components: readonly [number, number, number][]): ByteMixture {
  const mixture = new ByteMixture(components.length);
  for (const [k, component] of components.entries()) mixture.setComponent(k, ...component);
  return mixture;
}

const startsOf = (mixture: ByteMixture): number[] => Array.from({ length: 257 }, (_, value) => mixture.start(value));

/** Scale 80 is a deviation of 1, and 16 more are an octave. */
const ROWS: readonly [string, readonly number[], object, readonly [number, number, number][]][] = [
  ['the prediction and its spread', [0, 0, 0], {}, [[1600, 112, 1]]],
  ['a mean in spreads', [1.5, 0, 0], {}, [[1696, 112, 1]]],
  ['a mean rounded to 1/16', [0, 0, 0], { base: 100.28125 }, [[1605, 112, 1]]],
  ['a half that is rounded up', [0, 0, 0], { base: 100 - 1 / 32 }, [[1600, 112, 1]]],
  ['a deviation in octaves', [0, -1.25, 0], {}, [[1600, 92, 1]]],
  ['a spread between two scales', [0, 0, 0], { spread: 4.18 }, [[1600, 113, 1]]],
  ['a small spread', [0, 0, 0], { spread: 0.25 }, [[1600, 48, 1]]],
  ['the smallest deviation', [0, -30, 0], {}, [[1600, 0, 1]]],
  ['the largest deviation', [0, 30, 0], {}, [[1600, 255, 1]]],
  ['a deviation rounded to a sixteenth of an octave', [0, 127 / 4096, 0], {}, [[1600, 112, 1]]],
  ['a half of that, upward', [0, 128 / 4096, 0], {}, [[1600, 113, 1]]],
  ['a half below 0, upward', [0, -128 / 4096, 0], {}, [[1600, 112, 1]]],
  ['less than that', [0, -129 / 4096, 0], {}, [[1600, 111, 1]]],
  ['the least mean', [-1e9, 0, 0], {}, [[-(2 ** 17), 112, 1]]],
  ['the largest mean', [1e9, 0, 0], {}, [[2 ** 17, 112, 1]]],
  ['the largest deviation of all outputs', [0, 1e9, 0], {}, [[1600, 255, 1]]],
  [
    'weights at a half, upward',
    [0, 1, 0, 0, 128 / 4096, 0],
    {},
    [
      [1600, 112, 1 / (1 + octaveFraction(1))],
      [1664, 112, octaveFraction(1) / (1 + octaveFraction(1))],
    ],
  ],
  [
    'weights in octaves',
    [0, 1, 0, 0, 3, 2],
    {},
    [
      [1600, 112, 2 / 3],
      [1664, 112, 1 / 3],
    ],
  ],
  [
    'a weight of 2^-20 at least',
    [0, 4, 0, 0, 30, -30],
    {},
    [
      [1600, 112, 1 / (1 + 2 ** -20)],
      [1856, 112, 2 ** -20 / (1 + 2 ** -20)],
    ],
  ],
];

describe('the mixture of a sample', () => {
  it.each(ROWS)('has %s', (_title, outputs, options, expected) => {
    expect(startsOf(mixtureOf(outputs, options))).toEqual(startsOf(gaussians(...expected)));
  });

  it('reads its row alone', () => {
    const outputs = [0.5, -1, 0.25, 1, 3, 2];
    expect(startsOf(mixtureOf(outputs, { row: 3 }))).toEqual(startsOf(mixtureOf(outputs)));
  });

  it('does not change when all weights do by the same', () => {
    const outputs = [0.5, -1, 0.25, 1, 3, 2];
    const moved = outputs.map((value, i) => (i < 4 ? value : value + 5));
    expect(startsOf(mixtureOf(moved))).toEqual(startsOf(mixtureOf(outputs)));
  });

  it('rises strictly whatever the network says', () => {
    const output = fc.constantFrom(-1e9, -500_000, -2000, 2000, 1e9);
    const usual = fc.float({ min: -20, max: 20, noNaN: true });
    const outputs = fc.array(fc.oneof(usual, output), { minLength: 9, maxLength: 9 });
    const bases = fc.double({ min: -400, max: 700, noNaN: true });
    const spreads = fc.double({ min: 0.1, max: 400, noNaN: true });
    fc.assert(
      fc.property(outputs, bases, spreads, (values, base, spread) => {
        const starts = startsOf(mixtureOf(values, { base, spread: Math.fround(spread) }));
        expect([starts[0], starts[256]]).toEqual([0, 2 ** 20]);
        expect(starts.every((start, i) => i === 0 || start > starts[i - 1]!)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});
