import { describe, expect, it } from 'vitest';
import { ColourWeights, type Window } from '../../src/absorbing/colour-weights.ts';
import { MAX_WINDOW } from '../../src/absorbing/window-mixture.ts';
import { randomInteger, seededRandom } from '../helpers/random.ts';

type Colour = readonly [green: number, red: number, blue: number];

function weightsOf(colours: ColourWeights, { count }: Window): number[] {
  return [...colours.weights.subarray(0, count)];
}

function counted(pixels: readonly Colour[]): ColourWeights {
  const colours = new ColourWeights();
  for (const pixel of pixels) colours.add(...pixel);
  return colours;
}

/** Many pixels whose channels are multiples of 3 in 90..150. */
const random = seededRandom(1);
const multiple = () => 90 + 3 * randomInteger(random, 21);
const SPARSE = Array.from({ length: 20_000 }, (): Colour => [multiple(), multiple(), multiple()]);
const WINDOW: Window = { first: 110, count: 20 };

const isMultiple = (_weight: number, i: number) => (WINDOW.first + i) % 3 === 0;

function expectGaps(weights: readonly number[]): void {
  const isGap = (weight: number, i: number) => !isMultiple(weight, i);
  expect(Math.min(...weights.filter(isMultiple))).toBeGreaterThan(1.5);
  expect(Math.max(...weights.filter(isGap))).toBeLessThan(0.1);
}

describe('weights', () => {
  it('are 1 at first', () => {
    const colours = new ColourWeights();
    const ones = new Array(WINDOW.count).fill(1);
    colours.weighGreen(WINDOW);
    expect(weightsOf(colours, WINDOW)).toEqual(ones);
    colours.weighRed(WINDOW, 100, 140);
    expect(weightsOf(colours, WINDOW)).toEqual(ones);
    colours.weighBlue(WINDOW, 100, 120);
    expect(weightsOf(colours, WINDOW)).toEqual(ones);
  });

  it('of values that occur are above 1, of gaps below', () => {
    const colours = counted(SPARSE);
    colours.weighGreen(WINDOW);
    expectGaps(weightsOf(colours, WINDOW));
    colours.weighRed(WINDOW, 120, 120);
    expectGaps(weightsOf(colours, WINDOW));
    colours.weighBlue(WINDOW, 120, 120);
    expectGaps(weightsOf(colours, WINDOW));
  });

  it('are near 1 where all values are as frequent', () => {
    const colours = counted(Array.from({ length: 25_600 }, (_, i) => [i & 255, i & 255, i & 255]));
    colours.weighGreen(WINDOW);
    for (const weight of weightsOf(colours, WINDOW)) expect(weight).toBeCloseTo(1, 10);
  });

  it('of blue depend on green and red', () => {
    const both = (i: number): Colour => (i % 2 === 0 ? [100, 110, 120] : [100, 111, 122]);
    const colours = counted(Array.from({ length: 200 }, (_, i) => both(i)));
    const heaviest = (red: number) => {
      colours.weighBlue(WINDOW, 100, red);
      const weights = weightsOf(colours, WINDOW);
      return WINDOW.first + weights.indexOf(Math.max(...weights));
    };
    expect(heaviest(110)).toBe(120);
    expect(heaviest(111)).toBe(122);
  });

  it('of blue know pairs of differences at other brightness', () => {
    const colours = counted(Array.from({ length: 500 }, (_, i) => [20 + (i % 100), 30 + (i % 100), 35 + (i % 100)]));
    colours.weighBlue({ first: 170, count: 11 }, 160, 170);
    const weights = weightsOf(colours, { first: 170, count: 11 });
    expect(weights.indexOf(Math.max(...weights))).toBe(5);
    expect(weights[5]).toBeGreaterThan(2);
    expect(weights[4]).toBeLessThan(0.1);
  });

  it('of red depend on the blues that would be near', () => {
    const both = (i: number): Colour => (i % 2 === 0 ? [100, 118, 60] : [100, 121, 200]);
    const colours = counted(Array.from({ length: 400 }, (_, i) => both(i)));
    const heaviest = (blue: number) => {
      colours.weighRed(WINDOW, 100, 2 * blue - 120);
      const weights = weightsOf(colours, WINDOW);
      return WINDOW.first + weights.indexOf(Math.max(...weights));
    };
    expect(heaviest(60)).toBe(118);
    expect(heaviest(200)).toBe(121);
  });
});

const isValue = (value: number): boolean => value >= 0 && value <= 255;

/** All by the text, from the pixels themselves. */
class PlainWeights {
  private readonly pixels: readonly Colour[];

  constructor(pixels: readonly Colour[]) {
    this.pixels = pixels;
  }

  green(values: readonly number[]): number[] {
    return this.byChannel(0, values);
  }

  red(values: readonly number[], green: number, blueOffset: number): number[] {
    const blueOf = (value: number) => Math.round((blueOffset + value) / 2);
    const pairs = (value: number) =>
      this.sum(value, blueOf(value), ([g, r, b], blue) => {
        const d = blue - green - (b - g);
        return r - g === value - green && isValue(b + d) ? d : undefined;
      });
    const colours = (value: number) =>
      this.sum(value, blueOf(value), ([g, r, b], blue) => (g === green && r === value ? blue - b : undefined));
    return this.weigh(this.byChannel(1, values), values, { pairs, colours, kappas: [64, 16] });
  }

  blue(values: readonly number[], green: number, red: number): number[] {
    const pairs = (blue: number) => this.count(([g, r, b]) => r - g === red - green && b - g === blue - green);
    const colours = (blue: number) => this.count(([g, r, b]) => g === green && r === red && b === blue);
    return this.weigh(this.byChannel(2, values), values, { pairs, colours, kappas: [1 / 4, 1 / 8] });
  }

  private count(isAlike: (pixel: Colour) => boolean): number {
    return this.pixels.filter(isAlike).length;
  }

  /** Over pixels that are so many blues away. */
  private sum(red: number, blue: number, distance: (pixel: Colour, blue: number) => number | undefined): number {
    if (!isValue(red) || !isValue(blue)) return 0;
    return this.pixels.reduce((sum, pixel) => sum + ([16, 15, 12, 8, 4][Math.abs(distance(pixel, blue) ?? 5)] ?? 0), 0);
  }

  private byChannel(channel: number, values: readonly number[]): number[] {
    const counts = (value: number) => this.count((pixel) => pixel[channel] === value);
    return values.map((value) => (counts(value) + 8) / (mean(counts, value) + 8));
  }

  private weigh(
    weights: readonly number[],
    values: readonly number[],
    { pairs, colours, kappas }: Record<'pairs' | 'colours', (value: number) => number> & { kappas: [number, number] },
  ): number[] {
    return values.map((value, i) => {
      const expected = (weights[i]! * (pairs(value) + kappas[0])) / (mean(pairs, value) + kappas[0]);
      return (colours(value) + kappas[1] * expected) / (mean(colours, value) + kappas[1]);
    });
  }
}

function mean(counts: (value: number) => number, value: number): number {
  let sum = 0;
  for (let near = value - 3; near <= value + 3; near++) if (near >= 0 && near <= 255) sum += counts(near);
  return sum / 7;
}

describe('weights are those of the plain formula', () => {
  const windows: readonly Window[] = [
    { first: 0, count: 6 },
    { first: 0, count: MAX_WINDOW },
    { first: 250, count: 6 },
    { first: 255, count: 1 },
    { first: 207, count: MAX_WINDOW },
    { first: 60, count: 9 },
  ];

  it.each(windows)('from $first on, $count values', ({ first, count }) => {
    const random = seededRandom(first + count);
    const near = () => Math.min(Math.max(first + randomInteger(random, count + 8) - 4, 0), 255);
    const pixels = Array.from({ length: 600 }, (_, i): Colour => {
      const green = near();
      return i % 3 === 0 ? [near(), near(), near()] : [green, Math.min(green + 1, 255), Math.max(green - 2, 0)];
    });
    const [colours, plain, window] = [counted(pixels), new PlainWeights(pixels), { first, count }];
    const values = Array.from({ length: count }, (_, i) => first + i);
    colours.weighGreen(window);
    expect(weightsOf(colours, window)).toEqual(plain.green(values));
    for (const [green, red] of pixels.slice(0, 5)) {
      for (const blueOffset of [first, 2 * first - red, -first, 510 - first, 520, -300, -515]) {
        colours.weighRed(window, green, blueOffset);
        expect(weightsOf(colours, window)).toEqual(plain.red(values, green, blueOffset));
      }
      colours.weighBlue(window, green, red);
      expect(weightsOf(colours, window)).toEqual(plain.blue(values, green, red));
    }
  });
});

/** Pixels whose blues are at an end, and others of the same differences and of the same colours. */
const AT_ENDS: readonly Colour[] = [
  [10, 12, 0],
  [10, 12, 1],
  [10, 12, 3],
  [60, 62, 50],
  [60, 62, 52],
  [240, 242, 255],
  [240, 242, 254],
  [240, 242, 252],
  [100, 102, 115],
];

describe('the weights of red near the ends', () => {
  const plain = new PlainWeights(AT_ENDS);
  const blues = [-6, -4, -3, -1, 0, 1, 2, 3, 5, 110, 118, 250, 252, 254, 255, 256, 257, 259];

  it.each([10, 60, 100, 240])('sum over the blues of counted pixels: green %i', (green) => {
    const colours = counted(AT_ENDS);
    for (const blue of blues) {
      for (const odd of [0, 1]) {
        const blueOffset = 2 * blue - (green + 2) + odd;
        for (const [first, count] of [
          [green + 2, 1],
          [Math.max(green - 20, 0), 36],
        ] as const) {
          const window = { first, count };
          const values = Array.from({ length: count }, (_, i) => first + i);
          colours.weighRed(window, green, blueOffset);
          expect(weightsOf(colours, window), `blue ${blue}`).toEqual(plain.red(values, green, blueOffset));
        }
      }
    }
  });

  it('do not know pixels whose blue would be outside', () => {
    // Blues of 60 - 13 and less, with the differences of a blue of 0, 1 and 3 beside a green of 10.
    const weigh = (pixels: readonly Colour[], blue: number) => {
      const colours = counted(pixels);
      colours.weighRed({ first: 62, count: 1 }, 60, 2 * (blue - 31));
      return colours.weights[0]!;
    };
    const one: Colour[] = [[10, 12, 1]];
    expect(weigh(one, 50)).toBeGreaterThan(weigh([], 50));
    expect(weigh(one, 49)).toBe(weigh([], 49));
    expect(weigh([[60, 62, 51]], 49)).toBeGreaterThan(weigh([], 49));
  });
});

it('a colour counts up to 65535 times for red too, and pairs go on', () => {
  const colours = new ColourWeights();
  for (let i = 0; i < 70_000; i++) colours.add(10, 20, 30);
  colours.weighRed({ first: 20, count: 1 }, 10, 40);
  const byPair = (16 * 70_000 + 64) / ((16 * 70_000) / 7 + 64);
  const expected = (70_008 / (10_000 + 8)) * byPair;
  expect(colours.weights[0]).toBeCloseTo((16 * 65_535 + 16 * expected) / ((16 * 65_535) / 7 + 16), 10);
});

it('a colour is counted up to 65535 times', () => {
  const colours = new ColourWeights();
  for (let i = 0; i < 70_000; i++) colours.add(10, 20, 30);
  colours.weighBlue({ first: 30, count: 1 }, 10, 20);
  const expected = ((70_008 / (10_000 + 8)) * (70_000 + 1 / 4)) / (10_000 + 1 / 4);
  expect(colours.weights[0]).toBe((65_535 + expected / 8) / (65_535 / 7 + 1 / 8));
});
