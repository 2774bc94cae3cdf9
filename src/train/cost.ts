/** What a network costs: multiplications, in closed form. FiLM rows are made once, at export, and count nothing. */
import { DENOISER_OUTPUTS, DENOISER_PLANES, KNOWN_PLANES } from '../network/network.ts';
import type { Architecture } from './model.ts';
import { PIXEL_CHANNELS, PIXEL_PLANES } from './pixel-network.ts';

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
  return {
    denoiser: edgeMacs(DENOISER_PLANES + DENOISER_OUTPUTS, channels) + blockMacs(denoiserBlocks, channels),
    trunk: edgeMacs(KNOWN_PLANES, channels) + blockMacs(trunkBlocks, channels),
  };
}

const edgeMacs = (planes: number, channels: number): number => TAPS * planes * channels;
const blockMacs = (count: number, channels: number): number => count * 2 * TAPS * channels * channels;

export function costOf(size: Size, numSteps: number): Cost {
  const { denoiser, trunk } = positionMacs(size);
  return {
    callMacsPerPixel: denoiser / PIXELS_PER_POSITION,
    imageMacsPerPixel: ((numSteps + OTHER_CALLS) * denoiser + trunk) * POSITIONS_PER_PIXEL,
  };
}

type PixelSize = Pick<Architecture, 'channels' | 'denoiserBlocks'>;

/** Of one call of a plain VDM's network on one pixel. */
export const pixelCallMacs = ({ channels, denoiserBlocks }: PixelSize): number =>
  edgeMacs(PIXEL_PLANES + PIXEL_CHANNELS, channels) + blockMacs(denoiserBlocks, channels);

/** Its L0 and its prior need no call. */
export function pixelCost(size: PixelSize, numSteps: number): Cost {
  const callMacsPerPixel = pixelCallMacs(size);
  return { callMacsPerPixel, imageMacsPerPixel: numSteps * callMacsPerPixel };
}
