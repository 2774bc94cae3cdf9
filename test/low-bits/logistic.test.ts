import { expect, it } from 'vitest';
import { MAX_LOG_ODDS, squash, stretch } from '../../src/low-bits/logistic.ts';

const ALL = Array.from({ length: 2 * MAX_LOG_ODDS + 1 }, (_, i) => i - MAX_LOG_ODDS);

it('squash is within 1/256 of the logistic function, rises, and is symmetric', () => {
  for (const logOdds of ALL) {
    const exact = 65_536 / (1 + Math.exp(-logOdds / 256));
    expect(Math.abs(squash(logOdds) - exact)).toBeLessThan(256);
    expect(squash(logOdds) + squash(-logOdds)).toBe(65_536);
    if (logOdds > -MAX_LOG_ODDS) expect(squash(logOdds)).toBeGreaterThanOrEqual(squash(logOdds - 1));
  }
});

it('squash leaves both bits a frequency', () => {
  expect([squash(-MAX_LOG_ODDS), squash(MAX_LOG_ODDS)]).toEqual([2, 65_534]);
});

it('stretch is the least log odds that reach the middle of a step', () => {
  for (let step = 0; step < 4096; step++) {
    const logOdds = stretch(step);
    expect(squash(logOdds)).toBeGreaterThanOrEqual(16 * step + 8);
    if (logOdds > -MAX_LOG_ODDS) expect(squash(logOdds - 1)).toBeLessThan(16 * step + 8);
  }
});
