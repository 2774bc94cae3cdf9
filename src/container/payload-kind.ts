/**
 * What a payload is, by the steps of its header: T for a stack of diffusion, or one of the numbers here, which no T is, for
 * an image that is kept in another way. Which sections stand beside the payload follows from it.
 */
import { hasAlpha, type Image } from '../image/image.ts';

/** Diffusion steps T. */
export const DIFFUSION_STEPS: readonly number[] = [2, 4, 8, 16];
/** A PNG, alpha included: of 8 bits a sample, or of 16 where nothing stands beside it. */
export const PNG_STEPS = 0;
/** A lossless WebP of the colours. */
export const WEBP_STEPS = 1;
/** The original PNG file, whatever it holds. */
export const ORIGINAL_STEPS = 3;
/** The samples as they are, alpha included. */
export const SAMPLES_STEPS = 5;
/** Stacks of absorbing diffusion, pixel after pixel. */
export const ABSORBING_STEPS = 6;
/** The same in several bands. (7 was that of a version that is no longer read.) */
export const BANDED_STEPS = 9;
/** The same in one band or several, after a small image. */
export const PREVIEWED_STEPS = 10;

const ABSORBING: readonly number[] = [ABSORBING_STEPS, BANDED_STEPS, PREVIEWED_STEPS];

interface Coding extends Pick<Image, 'channels' | 'bitDepth'> {
  readonly numSteps: number;
}

type Steps = Pick<Coding, 'numSteps'>;

const KEPT: readonly number[] = [PNG_STEPS, WEBP_STEPS, ORIGINAL_STEPS, SAMPLES_STEPS];

/** The steps of any file. */
export const KNOWN_STEPS: readonly number[] = [...DIFFUSION_STEPS, ...ABSORBING, ...KEPT];

export const isKnownSteps = (numSteps: number): boolean => KNOWN_STEPS.includes(numSteps);

/** True for a payload of absorbing diffusion. */
export const isAbsorbingPayload = ({ numSteps }: Steps): boolean => ABSORBING.includes(numSteps);

/** True for a file whose image is kept in another way than by diffusion of either kind, and so needs no model. */
export const isKept = ({ numSteps }: Steps): boolean => KEPT.includes(numSteps);

/** True when the payload is the original PNG file, byte for byte. */
export const isOriginalPayload = ({ numSteps }: Steps): boolean => numSteps === ORIGINAL_STEPS;

/** True when all samples are in the payload, with all of their bits. */
const isWhole = ({ numSteps }: Steps): boolean => numSteps === ORIGINAL_STEPS || numSteps === SAMPLES_STEPS;

/** True for a file with alpha apart from its payload. */
export const hasAlphaSection = ({ channels, numSteps }: Coding): boolean =>
  hasAlpha(channels) && numSteps !== PNG_STEPS && !isWhole({ numSteps });

/** True for a file with low bits apart from its payload. */
export const hasLowSection = ({ bitDepth, numSteps }: Coding): boolean => bitDepth === 16 && !isWhole({ numSteps });

/** True for a PNG that holds all bits of 16 a sample: its low section is empty. */
export const isDeepPng = (header: Coding & { readonly lowLength: number }): boolean =>
  header.numSteps === PNG_STEPS && header.bitDepth === 16 && header.lowLength === 0;
