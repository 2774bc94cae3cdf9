import { expect, it } from 'vitest';
import { pixelCodingOf } from '../src/open-pixels.ts';
import { tinyPixels } from './helpers/fixtures.ts';

const lenderWith = (threads: number) =>
  pixelCodingOf({ weights: tinyPixels.weights, channels: 3 }, { threads }).predictors;

it('lends a predictor to one image at a time, and again what came back', () => {
  const first = lenderWith(1).take();
  const second = lenderWith(1).take();
  expect(second).not.toBe(first);
  lenderWith(1).giveBack(first);
  expect(lenderWith(1).take()).toBe(first);
  expect(lenderWith(1).take()).not.toBe(second);
});

it('lends no predictor with another number of threads', () => {
  const first = lenderWith(1).take();
  lenderWith(1).giveBack(first);
  expect(lenderWith(2).take()).not.toBe(first);
});
