import { describe, expect, it } from 'vitest';
import { chainKey, importanceShares, type LossHistory, remember } from '../../src/train/loss-history.ts';
import { fixedShares } from '../../src/train/time-draw.ts';

const KEY = chainKey(2, [0, 8, 16]);
/** Losses of the four terms: L0, prior, two steps. */
const LOSSES = [1, 0, 3, 4];

/** Each loss so many times. */
function seen(times: number): LossHistory {
  let history: LossHistory = {};
  for (let i = 0; i < times; i++) {
    history = remember(
      history,
      LOSSES.map((loss, term) => ({ key: KEY, term, terms: 4, loss })),
    );
  }
  return history;
}

describe('importanceShares', () => {
  it('are fixed until ten losses of each term are known', () => {
    expect(importanceShares({}, KEY, 2)).toEqual(fixedShares(2));
    expect(importanceShares(seen(9), KEY, 2)).toEqual(fixedShares(2));
    expect(importanceShares(seen(10), chainKey(1, [0, 8, 16]), 2)).toEqual(fixedShares(2));
  });

  it('are proportional to the root mean square of the last ten, but for a thousandth', () => {
    const shares = importanceShares(seen(12), KEY, 2);
    for (const [term, loss] of LOSSES.entries()) expect(shares[term]).toBeCloseTo((0.999 * loss) / 8 + 0.00025, 10);
    let history = seen(10);
    for (let i = 0; i < 10; i++)
      history = remember(history, [{ key: KEY, term: 1, terms: 4, loss: i % 2 === 0 ? 1 : 7 }]);
    expect(importanceShares(history, KEY, 2)[1]).toBeCloseTo((0.999 * 5) / 13 + 0.00025, 10);
  });

  it('are fixed where all losses are 0', () => {
    let history: LossHistory = {};
    for (let i = 0; i < 40; i++) history = remember(history, [{ key: KEY, term: i % 4, terms: 4, loss: 0 }]);
    expect(importanceShares(history, KEY, 2)).toEqual(fixedShares(2));
  });
});
