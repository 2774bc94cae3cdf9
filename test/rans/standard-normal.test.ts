import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { MAX_X, STANDARD_NORMAL_CDF, STEPS_PER_UNIT, ZERO_INDEX } from '../../src/rans/standard-normal.ts';

const REFERENCE_BITS = 160n;
const INVERSE_SQRT_TWO_PI = 39894228040143267793994605993438186847585863116493465766592582967n; // times 10^65

/** Phi(i / STEPS_PER_UNIT) - 1/2 in units of 2^-20, from the Maclaurin series in 160-bit fixed point. */
function referenceUnitsAboveHalf(i: number): number {
  const x = (BigInt(i) << REFERENCE_BITS) / BigInt(STEPS_PER_UNIT);
  const xSquared = (x * x) >> REFERENCE_BITS;
  let term = x;
  let sum = x;
  for (let k = 1n; term !== 0n && k < 300n; k++) {
    term = -((term * xSquared) >> REFERENCE_BITS) / (2n * k);
    sum += term / (2n * k + 1n);
  }
  const thousandths = (sum * INVERSE_SQRT_TWO_PI * 1000n) / 10n ** 65n;
  return Number((thousandths << 20n) >> REFERENCE_BITS) / 1000;
}

describe('STANDARD_NORMAL_CDF', () => {
  it('is the nearest integer to Phi * 2^20', () => {
    let maxError = 0;
    for (let i = 0; i <= ZERO_INDEX; i += 3) {
      const error = STANDARD_NORMAL_CDF[ZERO_INDEX + i]! - 2 ** 19 - referenceUnitsAboveHalf(i);
      maxError = Math.max(maxError, Math.abs(error));
    }
    expect(maxError).toBeLessThan(0.502);
  });

  it('rises from 0 to 2^20 and is symmetric', () => {
    expect(STANDARD_NORMAL_CDF.length).toBe(2 * MAX_X * STEPS_PER_UNIT + 1);
    expect(STANDARD_NORMAL_CDF[0]).toBe(0);
    expect(STANDARD_NORMAL_CDF.at(-1)).toBe(2 ** 20);
    expect(STANDARD_NORMAL_CDF.every((phi, i) => i === 0 || phi >= STANDARD_NORMAL_CDF[i - 1]!)).toBe(true);
    expect(STANDARD_NORMAL_CDF.every((phi, i) => phi + STANDARD_NORMAL_CDF.at(-1 - i)! === 2 ** 20)).toBe(true);
  });

  it('is part of the format: not one entry may change', () => {
    const bytes = new Uint8Array(4 * STANDARD_NORMAL_CDF.length);
    const view = new DataView(bytes.buffer);
    STANDARD_NORMAL_CDF.forEach((phi, i) => {
      view.setInt32(4 * i, phi, true);
    });
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(
      '4351ddef85caa8823c8e5e872aad623ee74b2cfba8ff242cd72a930c2f2168d1',
    );
  });
});
