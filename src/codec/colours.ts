/** Whether and how an image's finest stage is coded with the weights of colours. */
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

export function pushColourChoice(stack: AnsStack, { chroma, luma, startsLate }: ColourChoice): void {
  pushUniform(stack, startsLate ? 1 : 0, 1);
  pushUniform(stack, luma, STRENGTH_BITS);
  pushUniform(stack, chroma, STRENGTH_BITS);
}

/** Undoes pushColourChoice. @throws CodecError 'truncated' */
export function popColourChoice(stack: AnsStack): ColourChoice {
  const chroma = popUniform(stack, STRENGTH_BITS);
  const luma = popUniform(stack, STRENGTH_BITS);
  return { chroma, luma, startsLate: popUniform(stack, 1) === 1 };
}
