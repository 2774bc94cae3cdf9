import { describe, expect, it } from 'vitest';
import { ColourCounts, KAPPAS } from '../../src/codec/colour-counts.ts';
import { pairIndex } from '../../src/codec/pair-histogram.ts';
import { rgbToYcocg } from '../../src/pyramid/ycocg.ts';
import { randomInteger, seededRandom } from '../helpers/random.ts';

const STRONGEST = KAPPAS.length - 1;
const ALL = { chroma: STRONGEST, luma: STRONGEST };

type Rgb = readonly [number, number, number];

function add(counts: ColourCounts, colour: Rgb): void {
  const [y, co, cg] = rgbToYcocg(Uint8Array.from(colour));
  counts.add(y!, co!, cg!);
}

function tally(counts: ColourCounts, colour: Rgb, change: number): void {
  const [y, co, cg] = rgbToYcocg(Uint8Array.from(colour));
  counts.tally(y!, co!, cg!, change);
}

/** Weights of the colours from 3 below to 3 above one, of equal chroma. */
function lineAround(counts: ColourCounts, colour: Rgb): number[] {
  const [y, co, cg] = rgbToYcocg(Uint8Array.from(colour));
  const out = new Float64Array(7);
  counts.lumaWeights(co!, cg!, { first: y! - 3, count: 7, out });
  return [...out];
}

function randomColours(count: number): Rgb[] {
  const random = seededRandom(3);
  return Array.from({ length: count }, () => [0, 1, 2].map(() => randomInteger(random, 256)) as unknown as Rgb);
}

const CORNERS: Rgb[] = [0, 1, 2, 3, 4, 5, 6, 7].map((i) => [255 * (i & 1), 255 * ((i >> 1) & 1), 255 * (i >> 2)]);

describe('colour counts', () => {
  it('weigh every colour 1 before they have seen any', () => {
    const counts = new ColourCounts(ALL, 3);
    expect(counts.pairs.weights.every((weight) => weight === 1)).toBe(true);
    expect(lineAround(counts, [100, 120, 90])).toEqual([1, 1, 1, 1, 1, 1, 1]);
  });

  it('weigh what they have seen more, and what lies beside it less', () => {
    const counts = new ColourCounts(ALL, 3);
    for (let i = 0; i < 50; i++) add(counts, [100, 120, 90]);
    const line = lineAround(counts, [100, 120, 90]);
    expect(line[3]).toBeGreaterThan(5);
    for (const i of [0, 1, 2, 4, 5, 6]) expect(line[i]).toBeLessThan(0.1);
    const [, co, cg] = rgbToYcocg(Uint8Array.of(100, 120, 90));
    expect(counts.pairs.weights[pairIndex(co!, cg!)]).toBeGreaterThan(10);
    expect(counts.pairs.weights[pairIndex(co! + 1, cg!)]).toBeLessThan(0.2);
    expect(counts.pairs.weights[pairIndex(co! + 3, cg!)]).toBe(1);
  });

  it('stay near 1 where all colours are seen equally often', () => {
    const counts = new ColourCounts(ALL, 3);
    for (let i = 0; i < 20; i++) for (let value = 60; value < 140; value++) add(counts, [value, value, value]);
    for (const weight of lineAround(counts, [100, 100, 100])) expect(weight).toBeCloseTo(1, 1);
  });

  it('give a colour that would leave 0..255 hardly any weight', () => {
    const line = lineAround(new ColourCounts(ALL, 3), [255, 254, 253]);
    expect(line.slice(0, 4)).toEqual([1, 1, 1, 1]);
    for (const weight of line.slice(4)) expect(weight).toBeLessThan(1e-5);
  });

  it('know a channel that is saturated', () => {
    const counts = new ColourCounts(ALL, 3);
    for (const [, green, blue] of randomColours(3000)) add(counts, [0, green, blue]);
    const line = lineAround(counts, [0, 77, 33]);
    expect(line[3]! / line[4]!).toBeGreaterThan(3);
  });

  it('are as before when everything is taken back, whatever the order', () => {
    const counts = new ColourCounts(ALL, 3);
    const colours = [...CORNERS, ...randomColours(500)];
    const kept: Rgb = [1, 2, 250];
    add(counts, kept);
    const before = [[...counts.pairs.weights], lineAround(counts, kept), lineAround(counts, colours[0]!)];
    for (const colour of colours) add(counts, colour);
    for (const colour of colours) tally(counts, colour, -1);
    counts.settle();
    expect([[...counts.pairs.weights], lineAround(counts, kept), lineAround(counts, colours[0]!)]).toEqual(before);
  });

  it('are the same counted one by one and together', () => {
    const [single, together] = [new ColourCounts(ALL, 3), new ColourCounts(ALL, 3)];
    const colours = randomColours(2000);
    for (const colour of colours) {
      add(single, colour);
      tally(together, colour, 1);
    }
    together.settle();
    expect(together.pairs.weights).toEqual(single.pairs.weights);
    for (const colour of colours.slice(0, 50)) expect(lineAround(together, colour)).toEqual(lineAround(single, colour));
  });

  it('use what they are told to use', () => {
    expect(new ColourCounts({ chroma: 0, luma: 1 }, 3)).toMatchObject({ usesChroma: false, usesLuma: true });
    expect(new ColourCounts({ chroma: 1, luma: 0 }, 3)).toMatchObject({ usesChroma: true, usesLuma: false });
    expect(new ColourCounts(ALL, 1)).toMatchObject({ usesChroma: false, usesLuma: true });
  });

  it('work for gray images, where luma is all there is', () => {
    const counts = new ColourCounts(ALL, 1);
    for (let i = 0; i < 50; i++) counts.add(128, 0, 0);
    expect(lineAround(counts, [128, 128, 128])[3]).toBeGreaterThan(5);
  });

  it('refuse a colour that no image has', () => {
    const counts = new ColourCounts(ALL, 3);
    const corrupt = expect.objectContaining({ code: 'corrupt' });
    expect(() => counts.add(256, 0, 0)).toThrow(corrupt);
    expect(() => counts.add(-1, 0, 0)).toThrow(corrupt);
    expect(() => counts.add(250, 40, 0)).toThrow(corrupt);
    expect(() => counts.add(0, 30_000, -30_000)).toThrow(corrupt);
  });
});
