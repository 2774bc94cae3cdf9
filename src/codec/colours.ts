/** Whether and how an image's finest stage is coded with the weights of colours. */
import type { Size } from '../pyramid/haar.ts';
import type { AnsStack } from '../rans/ans-stack.ts';
import { popUniform, pushUniform } from '../rans/uniform.ts';
import { ColourCounts, type ColourStrengths, STRENGTH_BITS } from './colour-counts.ts';

export interface ColourChoice extends ColourStrengths {
  /** The main chain starts at more noise, and leaves more to the weights. */
  readonly startsLate: boolean;
}

/** The colours of an image that are known so far. */
export interface ImageColours {
  readonly counts: ColourCounts;
  readonly startsLate: boolean;
}

export const NO_COLOURS: ColourChoice = { chroma: 0, luma: 0, startsLate: false };

/** Undefined where the weights of colours are not used at all. */
export function coloursOf(choice: ColourChoice, planes: 1 | 3): ImageColours | undefined {
  if (choice.chroma === 0 && choice.luma === 0) return undefined;
  return { counts: new ColourCounts(choice, planes), startsLate: choice.startsLate };
}

/** What the image itself says about the choice: none is coded where there is nothing to choose. */
interface ImageShape extends Size {
  readonly planes: 1 | 3;
}

/** Weights need blocks of 2x2 pixels. */
const hasBlocks = ({ height, width }: Size): boolean => Math.min(height, width) > 1;

export function pushColourChoice(stack: AnsStack, { chroma, luma, startsLate }: ColourChoice, image: ImageShape): void {
  if (!hasBlocks(image)) return;
  if (chroma > 0 || luma > 0) pushUniform(stack, startsLate ? 1 : 0, 1);
  pushUniform(stack, luma, STRENGTH_BITS);
  if (image.planes === 3) pushUniform(stack, chroma, STRENGTH_BITS);
}

/** Undoes pushColourChoice. @throws CodecError 'truncated' */
export function popColourChoice(stack: AnsStack, image: ImageShape): ColourChoice {
  if (!hasBlocks(image)) return NO_COLOURS;
  const chroma = image.planes === 3 ? popUniform(stack, STRENGTH_BITS) : 0;
  const luma = popUniform(stack, STRENGTH_BITS);
  const startsLate = (chroma > 0 || luma > 0) && popUniform(stack, 1) === 1;
  return { chroma, luma, startsLate };
}
