import { expect, it, vi } from 'vitest';
import { pixelCodingOf } from '../src/open-pixels.ts';
import { tinyPixels } from './helpers/fixtures.ts';

/** A lender of its own for each copy of the weights. */
const lenderOf = (weights: typeof tinyPixels.weights, threads: number) =>
  pixelCodingOf({ weights, channels: 3 }, { threads }).predictors;

it('lends what came back, and no more than two at a time', async () => {
  const weights = { ...tinyPixels.weights };
  const lender = lenderOf(weights, 1);
  const [first, second] = [await lender.take(), await lender.take()];
  expect(second).not.toBe(first);
  const heard: string[] = [];
  const third = lenderOf(weights, 1)
    .take()
    .then((predictor) => {
      heard.push('third');
      return predictor;
    });
  const fourth = lender.take();
  await new Promise((resolve) => setImmediate(resolve));
  expect(heard).toEqual([]);
  lender.giveBack(second);
  expect(await third).toBe(second);
  lender.giveBack(first);
  expect(await fourth).toBe(first);
  for (const predictor of [first, second]) lender.giveBack(predictor);
  expect([first, second]).toContain(await lender.take());
});

it('lets go of one that holds much, where its memory is its own', async () => {
  for (const threads of [1, 2]) {
    const lender = lenderOf({ ...tinyPixels.weights }, threads);
    const first = await lender.take();
    vi.spyOn(first, 'heldBytes').mockReturnValue(2 ** 24);
    await lender.take();
    const waiting = lender.take();
    lender.giveBack(first);
    expect((await waiting) === first).toBe(threads === 2);
  }
});

it('lends no predictor with another number of threads', async () => {
  const weights = { ...tinyPixels.weights };
  const first = await lenderOf(weights, 1).take();
  lenderOf(weights, 1).giveBack(first);
  expect(await lenderOf(weights, 2).take()).not.toBe(first);
});
