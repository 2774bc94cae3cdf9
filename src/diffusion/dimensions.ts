/** Sizes that the model tables, the trainer and the codec share. */

/** Colour planes of the known image: Y, Co, Cg. Gray images use the first and leave the others 0. */
export const NUM_PLANES = 3;
/** Haar detail coefficients at a position: three bands of each plane, index band * 3 + plane. */
export const NUM_COEFFICIENTS = 9;
/** Finest grid of noise levels t = k / TIME_GRID, k = 0 .. TIME_GRID: FiLM rows exist for these. */
export const TIME_GRID = 16;
/** Periods of the Fourier features sin and cos(2 pi y / period) (VDM, arXiv:2107.00630, section 5.1). */
export const FOURIER_PERIODS = [8, 32] as const;
/** Variance that rounding to integers adds. */
export const ROUNDING_VARIANCE = 1 / 12;
