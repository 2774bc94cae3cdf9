/**
 * Terms of the variational bound in bits, over real numbers: what an ideal coder of the model's Gaussians would need.
 * For reports only; nothing here reaches a coded number. (VDM, arXiv:2107.00630, equation 11.)
 */

/** KL(N(m, variance) || N(m', modelVariance)) in bits, `error` = m - m'. */
export function gaussianKlBits(variance: number, modelVariance: number, error: number): number {
  const ratio = variance / modelVariance;
  return (ratio + (error * error) / modelVariance - 1 - Math.log(ratio)) / (2 * Math.LN2);
}

/** -log2 of the mass that N(mean, sigma^2) has on [u - 1/2, u + 1/2], `error` = u - mean. */
export function discretisedBits(error: number, sigma: number): number {
  const distance = Math.abs(error);
  const mass = upperTail((distance - 0.5) / sigma) - upperTail((distance + 0.5) / sigma);
  return -Math.log2(Math.max(mass, Number.MIN_VALUE));
}

/**
 * 1 - Phi(z), relative error below 1.2e-7 (Chebyshev fit of erfc: Press et al., Numerical Recipes, section 6.2).
 */
function upperTail(z: number): number {
  const x = Math.abs(z) * Math.SQRT1_2;
  const t = 1 / (1 + 0.5 * x);
  const exponent = COEFFICIENTS.reduceRight((sum, coefficient) => sum * t + coefficient, 0) - x * x;
  const tail = 0.5 * t * Math.exp(exponent);
  return z >= 0 ? tail : 1 - tail;
}

// biome-ignore format: five to a row
const COEFFICIENTS = [
  -1.26551223, 1.00002368, 0.37409196, 0.09678418, -0.18628806,
  0.27886807, -1.13520398, 1.48851587, -0.82215223, 0.17087277,
];
