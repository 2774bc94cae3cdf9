/** Filters that a rule chooses, of which a recipe says no more than the rule. */
import { describe, expect, it } from 'vitest';
import { decodePng, encodePng, readPng } from '../../src/image/png.ts';
import { findRecipe, followRecipe } from '../../src/image/png-original.ts';
import { filtersOf, lineCount, writeScanlines } from '../../src/image/png-samples.ts';
import { shortestFilters } from '../../src/image/recipe-filters.ts';
import { makeImage } from '../helpers/images.ts';

/** Lines of which Sub and Up make the second equally small, and Average the third smallest. */
const header = { height: 3, width: 3, depth: 8, colourType: 0, interlaced: false };
const samples = Uint8Array.of(0, 8, 8, 8, 8, 10, 5, 5, 3);
/** By rule. */
const FILTERS = [
  [5, [1, 1, 3]],
  [6, [1, 2, 3]],
  [7, [1, 2, 1]],
] as const;

const fill = (filter: number) => new Uint8Array(header.height).fill(filter);

describe('filters', () => {
  it('of a file that chose each by the least sum are a rule', () => {
    const png = encodePng(makeImage('noise', { height: 30, width: 20, channels: 3 }));
    const open = readPng(png);
    const { image } = open;
    const recipe = findRecipe(png, open);
    expect(new Set(recipe.filters)).toEqual(new Set([5]));
    expect(decodePng(followRecipe(recipe, image))).toEqual(image);
  });

  it.each(FILTERS)('of rule %i are the first of the least in its order', (rule, filters) => {
    const lines = writeScanlines(samples, header, Uint8Array.from(filters));
    expect(writeScanlines(samples, header, fill(rule))).toEqual(lines);
    expect(filtersOf(lines, header)).toEqual(Uint8Array.from(filters));
  });

  it('are rules and exceptions where that takes fewer bytes', () => {
    const size = { height: 60, width: 40 };
    const { data } = makeImage('noise', { ...size, channels: 3 });
    for (const interlaced of [false, true]) {
      const noise = { ...size, depth: 8, colourType: 2, interlaced };
      const all = new Uint8Array(lineCount(noise)).fill(5);
      const filters = filtersOf(writeScanlines(data, noise, all), noise);
      filters[7] = (filters[7]! + 1) % 5;
      const shortest = shortestFilters(data, noise, filters);
      expect([...shortest].filter((filter) => filter < 5)).toEqual([filters[7]]);
      expect(writeScanlines(data, noise, shortest)).toEqual(writeScanlines(data, noise, filters));
    }
  });

  it('that are all the same stay as they are', () => {
    expect(shortestFilters(samples, header, fill(4))).toEqual(fill(4));
  });
});
