/** What a PNG holds besides its pixels, as few bytes. */
import { describe, expect, it } from 'vitest';
import { readPng } from '../../src/image/png.ts';
import { findRecipe } from '../../src/image/png-original.ts';
import { packRecipe, parseRecipe, serializeRecipe, unpackRecipe } from '../../src/image/png-recipe.ts';
import { fixtureNames, readFixture } from '../helpers/fixtures.ts';
import { randomInteger, seededRandom } from '../helpers/random.ts';

const recipeOf = (png: Uint8Array) => {
  const open = readPng(png);
  return { image: open.image, recipe: findRecipe(png, open) };
};

describe.each(fixtureNames('images'))('the recipe of %s', (name) => {
  const { image, recipe } = recipeOf(readFixture(`images/${name}`));

  it('comes back from both of its forms', () => {
    expect(unpackRecipe(packRecipe(recipe, image), image)).toEqual(recipe);
    expect(parseRecipe(serializeRecipe(recipe), image)).toEqual(recipe);
  });
});

const { image, recipe } = recipeOf(readFixture('images/smooth-rgb8-32x32.png'));

describe('a recipe', () => {
  it.each([
    ['smooth-rgb8-32x32.png', 5],
    ['gradient-gray8-1x9.png', 5],
    ['noise-rgba8-1x1.png', 5],
    ['gradient-interlaced-rgb8-33x21.png', 5],
    // The order of its colours, and an alpha that no pixel has.
    ['cells-palette-alpha8-16x16.png', 11],
  ])('of %s takes at most %i bytes', (name, bytes) => {
    const one = recipeOf(readFixture(`images/${name}`));
    expect(packRecipe(one.recipe, one.image).packed.length).toBeLessThanOrEqual(bytes);
  });

  it.each([
    [[0, 0, 0], 0],
    [[4, 4, 4, 4], 1],
    [[1, 2, 0, 0, 0], 3],
    [[0, 1], 2],
  ])('has no filters that go on: of %j it has %i', (start, count) => {
    const filters = new Uint8Array(32).fill(start.at(-1)!);
    filters.set(start);
    const bytes = serializeRecipe({ ...recipe, filters });
    expect(bytes.length).toBe(serializeRecipe({ ...recipe, filters: new Uint8Array(32) }).length + count);
    expect(parseRecipe(bytes, image).filters).toEqual(filters);
  });

  it.each([10, 1000, 5000, 7000, 20_000])('holds a trailer of %i bytes of noise', (length) => {
    const random = seededRandom(length);
    const trailer = Uint8Array.from({ length }, () => randomInteger(random, 256));
    const noisy = { ...recipe, trailer };
    expect(unpackRecipe(packRecipe(noisy, image), image)).toEqual(noisy);
  });
});
