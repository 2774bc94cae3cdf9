import { describe, expect, it } from 'vitest';
import { NUM_COEFFICIENTS } from '../../src/diffusion/dimensions.ts';
import { codedIn, NUM_PASSES, PASS_OF, passGamma, seenBefore } from '../../src/diffusion/passes.ts';
import { CODING_ORDERS } from '../../src/pyramid/rounding-shifts.ts';

const PASSES = Array.from({ length: NUM_PASSES }, (_, pass) => pass);
const count = (flags: readonly number[]): number => flags.reduce((sum, flag) => sum + flag, 0);

describe('the passes', () => {
  it.each([1, 3] as const)('never go back along the coding order of %d planes', (planes) => {
    const passes = CODING_ORDERS[planes].map((c) => PASS_OF[c]!);
    expect(passes).toEqual([...passes].sort((a, b) => a - b));
  });

  it('code one or two coefficients each, and each of the nine once', () => {
    for (const pass of PASSES) expect([1, 2]).toContain(count(codedIn(pass)));
    const times = Array.from({ length: NUM_COEFFICIENTS }, (_, c) => count(PASSES.map((pass) => codedIn(pass)[c]!)));
    expect(times).toEqual(new Array(NUM_COEFFICIENTS).fill(1));
  });

  it('see nothing at first, and then all that was coded before', () => {
    expect(seenBefore(0)).toEqual(new Array(NUM_COEFFICIENTS).fill(0));
    for (const pass of PASSES) {
      const coded = codedIn(pass);
      expect(seenBefore(pass + 1)).toEqual(seenBefore(pass).map((seen, c) => seen + coded[c]!));
    }
  });

  it('are told apart by what stands for gamma', () => {
    expect(new Set(PASSES.map(passGamma)).size).toBe(NUM_PASSES);
  });
});
