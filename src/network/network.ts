/**
 * The integer network: its weights as data, and what an engine computes from them.
 *
 * Every value is an integer with a fixed unit, so all engines give the same bits (Balle et al., ICLR 2019):
 * activations are uint8 in units of 2^-5, input planes int8 in units of 2^-5, the residual stream is saturating
 * int16 in units of 2^-8, weights are int8 with a power-of-two unit per output channel, accumulators are int32.
 * Maps are row-major [height, width, channels]; weights are [outChannels, 3, 3, inChannels].
 *
 *     conv(a)[o]  = bias[o] + sum of weight * a over 3x3 positions and channels, 0 outside the map
 *     block i:      a  = clamp(roundShift(x, 3), 0, 255)
 *                   t  = clamp(roundShift(conv1(a), shift1), -4096, 4095)
 *                   a2 = clamp(roundShift(t * multiplier[i] + offset[i], 11), 0, 255)
 *                   x  = sat16(x + roundShift(conv2(a2), shift2))
 *     trunk:        x  = sat16(roundShift(trunkIn(known), shift)), then its blocks; gives x
 *     denoiser:     x  = sat16(roundShift(denoiserIn(planes), shift) + context), then its blocks, then
 *                   sat16(roundShift(denoiserOut(clamp(roundShift(x, 3), 0, 255)), shift))
 *
 * where roundShift(v, s) = (v + half) >> s with half = 2^(s-1), or 0 when s = 0.
 */

/** Channels of the known image as the trunk sees it. */
export const KNOWN_PLANES = 17;
/** Channels of the noisy coefficients as the denoiser sees them. */
export const DENOISER_PLANES = 54;
/** Outputs of the denoiser: two for each of nine coefficients. */
export const DENOISER_OUTPUTS = 18;
/** The channels of the residual stream come in groups of this many. */
export const CHANNEL_GROUP = 8;
/** Largest right shift of an accumulator. */
export const MAX_SHIFT = 20;
/** Largest magnitudes of FiLM's multipliers and offsets. */
export const MAX_FILM_MULTIPLIER = 1023;
export const MAX_FILM_OFFSET = 0x40_0000; // 2^22

/** A 3x3 convolution with zero padding, as cross-correlation. */
export interface ConvWeights {
  readonly inChannels: number;
  readonly outChannels: number;
  /** [outChannels, 3, 3, inChannels] */
  readonly weights: Int8Array;
  /** [outChannels], in units of the accumulator, added before the shift. */
  readonly bias: Int32Array;
  /** [outChannels], 0..MAX_SHIFT */
  readonly shift: Uint8Array;
}

export interface BlockWeights {
  readonly conv1: ConvWeights;
  readonly conv2: ConvWeights;
}

/** Scale and offset of every block and channel, depending on noise level and pyramid level. */
export interface Film {
  /** [blocks, channels], -1023..1023, unit 2^-8 */
  readonly multiplier: Int16Array;
  /** [blocks, channels], -2^22..2^22, unit 2^-16 */
  readonly offset: Int32Array;
}

export interface NetworkWeights {
  /** Width of the residual stream, a multiple of CHANNEL_GROUP. */
  readonly channels: number;
  /** KNOWN_PLANES -> channels */
  readonly trunkIn: ConvWeights;
  readonly trunkBlocks: readonly BlockWeights[];
  /** DENOISER_PLANES -> channels */
  readonly denoiserIn: ConvWeights;
  readonly denoiserBlocks: readonly BlockWeights[];
  /** channels -> DENOISER_OUTPUTS */
  readonly denoiserOut: ConvWeights;
}

export interface NetworkEngine {
  /** Context of a tile. known: [height, width, KNOWN_PLANES]; returns [height, width, channels]. */
  trunk(known: Int8Array, height: number, width: number, film: Film): Int16Array;
  /**
   * Denoiser. planes: [height, width, DENOISER_PLANES]; context: [height, width, channels], from trunk;
   * returns [height, width, DENOISER_OUTPUTS].
   */
  denoise(planes: Int8Array, context: Int16Array, height: number, width: number, film: Film): Int16Array;
}
