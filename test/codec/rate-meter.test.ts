import { describe, expect, it } from 'vitest';
import { RateMeter, varianceAt } from '../../src/codec/rate-meter.ts';
import type { ReverseTerm } from '../../src/codec/tile-observer.ts';
import { pushGaussian, scaleSigma } from '../../src/rans/discretised-gaussian.ts';
import { stackOfBytes } from '../helpers/stacks.ts';

/** Scale indices of standard deviations 1, 2 and 4. */
const ONE = 80;
const TWO = 96;
const FOUR = 112;

/** A term of one coefficient that counts and one that does not. */
function termOf(
  values: { u: number; previous?: number; latent?: number },
  gaussian: { mean16: number; scale: number },
  forwardScale: number[],
): ReverseTerm {
  const { u, previous = u, latent = u } = values;
  return {
    u: Int32Array.of(999, u),
    previous: Int32Array.of(999, previous),
    latent: Int32Array.of(-999, latent),
    gaussians: { mean16: Int32Array.of(0, gaussian.mean16), scale: Uint8Array.of(0, gaussian.scale) },
    forwardScale: Uint8Array.from(forwardScale),
    coded: Int32Array.of(1),
  };
}

const klBits = (variance: number, modelVariance: number, error: number) =>
  (variance / modelVariance + error ** 2 / modelVariance - 1 + Math.log(modelVariance / variance)) / 2 / Math.LN2;

describe('the rate meter', () => {
  it('knows the scales that these tests name', () => {
    expect([ONE, TWO, FOUR].map(scaleSigma)).toEqual([1, 2, 4]);
  });

  it('adds up the variances of the chain, each with that of rounding', () => {
    const scales = Uint8Array.of(ONE, TWO, FOUR);
    expect(varianceAt(scales, 0)).toBeCloseTo(1 + 1 / 12, 12);
    expect(varianceAt(scales, 2)).toBeCloseTo(1 + 4 + 16 + 3 / 12, 12);
  });

  it('charges for u the mass of its bin', () => {
    const meter = new RateMeter();
    meter.reverse(0, termOf({ u: 3, latent: 4 }, { mean16: 48, scale: ONE }, [ONE]));
    // Phi(1/2) - Phi(-1/2) = 0.3829249225480262
    expect(meter.lossRecon).toBeCloseTo(-Math.log2(0.3829249225480262), 5);
    expect(meter.lossSteps).toEqual([]);
    expect(meter.vlbBits).toBe(meter.lossRecon);
  });

  it('charges for u of a tile without latents the same', () => {
    const meter = new RateMeter();
    meter.direct(termOf({ u: 3 }, { mean16: 48, scale: ONE }, []));
    expect(meter.vlbBits).toBeCloseTo(-Math.log2(0.3829249225480262), 5);
    expect(meter.directBits).toBeCloseTo(meter.vlbBits, 3);
  });

  it('charges for a step the divergence of the posterior', () => {
    const meter = new RateMeter();
    const term = termOf({ u: 10, previous: 9, latent: 14 }, { mean16: 16 * 11 + 5, scale: TWO }, [ONE, TWO]);
    meter.reverse(1, term);
    const before = 1 + 1 / 12;
    const after = 5 + 2 / 12;
    const mean = (before / after) * 14 + (1 - before / after) * 10;
    const variance = before * (1 - before / after);
    expect(meter.lossSteps).toHaveLength(1);
    expect(meter.lossSteps[0]).toBeCloseTo(klBits(variance, 4 + 1 / 12, mean - (11 + 5 / 16)), 10);
    expect(meter.lossRecon).toBe(0);
  });

  it('charges for the last latent the divergence of its marginal', () => {
    const meter = new RateMeter();
    meter.prior(termOf({ u: 10, latent: 14 }, { mean16: 32, scale: FOUR }, [ONE, TWO]));
    expect(meter.lossPrior).toBeCloseTo(klBits(5 + 2 / 12, 16 + 1 / 12, 10 - 2), 10);
    expect(meter.vlbBits).toBe(meter.lossPrior);
  });

  it('charges nothing for a model that is right', () => {
    const meter = new RateMeter();
    // Marginal variance 1 + 1/12 around u, and a prior with just that.
    meter.prior(termOf({ u: 7, latent: 8 }, { mean16: 16 * 7, scale: ONE }, [ONE]));
    expect(meter.lossPrior).toBeCloseTo(0, 12);
  });

  it('counts as coded what a stack grows by', () => {
    const repeats = 2000;
    const meter = new RateMeter();
    const stack = stackOfBytes(9000);
    const start = stack.bitLength;
    const term = termOf({ u: 5, previous: 5, latent: 6 }, { mean16: 90, scale: TWO }, [ONE]);
    for (let i = 0; i < repeats; i++) {
      meter.direct(term);
      pushGaussian(stack, 5, 90, TWO);
    }
    expect(Math.abs(stack.bitLength - start - meter.codedBits)).toBeLessThan(2);
    expect(meter.directBits).toBe(meter.codedBits);
    const { codedBits } = meter;
    meter.reverse(0, term);
    meter.prior(term);
    const alone = stackOfBytes(9000);
    for (let i = 0; i < repeats; i++) pushGaussian(alone, 6, 80, ONE);
    const bitsOfLatent = (alone.bitLength - start) / repeats;
    const prior = stackOfBytes(9000);
    for (let i = 0; i < repeats; i++) pushGaussian(prior, 6, 90, TWO);
    const bitsOfPrior = (prior.bitLength - start) / repeats;
    expect(meter.codedBits - codedBits).toBeCloseTo(codedBits / repeats - bitsOfLatent + bitsOfPrior, 2);
  });
});
