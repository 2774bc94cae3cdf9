/** Numbers of planes that the network, the trainer and the codec share. */

/** Colour planes of the known image: Y, Co, Cg. */
export const NUM_PLANES = 3;
/** Haar detail coefficients at a position: three bands of each plane, index band * 3 + plane. */
export const NUM_COEFFICIENTS = 9;
/** Integer input planes of the denoiser: high and low part, then sine and cosine of two periods, each of 9. */
export const NUM_DENOISER_PLANES = 54;
/** Integer input planes of the context trunk: Y, Co, Cg clamped to int8, and what the clamp cut off Co and Cg. */
export const NUM_KNOWN_PLANES = 5;
/** Outputs of the denoiser: F of each coefficient (mean), then G of each coefficient (log2 standard deviation). */
export const NUM_OUTPUTS = 18;
/** Periods of the Fourier features sin and cos(2 pi y / period) (VDM, arXiv:2107.00630, section 5.1). */
export const FOURIER_PERIODS = [8, 32] as const;
