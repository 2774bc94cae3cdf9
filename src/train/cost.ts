/** What a network costs: multiplications, in closed form. FiLM rows are made once, at export, and count nothing. */
import { DENOISER_OUTPUTS, DENOISER_PLANES, KNOWN_PLANES } from '../network/network.ts';
import type { Architecture } from './model.ts';

/** Taps of a convolution. */
const TAPS = 9;
/** Pixels of a position, and positions of all stages together for each pixel of the image: 1/4 + 1/16 + ... */
const PIXELS_PER_POSITION = 4;
const POSITIONS_PER_PIXEL = 1 / 3;
/** Calls of a chain besides those of its steps: for L0 and for the prior. */
const OTHER_CALLS = 2;

/** T of the cost of an image. */
export const COST_STEPS = 8;

export interface Cost {
  /** Of one call of the denoiser on the finest stage, for each pixel of the image. */
  readonly callMacsPerPixel: number;
  /** Of all calls on all stages, the trunk once on each; margins of tiles are not counted. */
  readonly imageMacsPerPixel: number;
}

type Size = Pick<Architecture, 'channels' | 'denoiserBlocks' | 'trunkBlocks'>;

/** Of one call on one position. */
export function positionMacs({ channels, denoiserBlocks, trunkBlocks }: Size): Record<'denoiser' | 'trunk', number> {
  const edges = (planes: number): number => TAPS * planes * channels;
  const blocks = (count: number): number => count * 2 * TAPS * channels * channels;
  return {
    denoiser: edges(DENOISER_PLANES + DENOISER_OUTPUTS) + blocks(denoiserBlocks),
    trunk: edges(KNOWN_PLANES) + blocks(trunkBlocks),
  };
}

export function costOf(size: Size, numSteps: number): Cost {
  const { denoiser, trunk } = positionMacs(size);
  return {
    callMacsPerPixel: denoiser / PIXELS_PER_POSITION,
    imageMacsPerPixel: ((numSteps + OTHER_CALLS) * denoiser + trunk) * POSITIONS_PER_PIXEL,
  };
}
