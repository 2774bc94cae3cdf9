/** The model that an image is compressed with. */
import { colourGain } from './codec/choose-colours.ts';
import type { Image8 } from './image/image.ts';
import { type AnyModel, defaultAbsorbingModel, defaultModel } from './model/installed-models.ts';

export type Process = 'absorbing' | 'gaussian';

/** Bits a pixel that the weights of colours, which Gaussian diffusion alone has, must save to make up for what absorbing diffusion does. */
const MIN_GAIN = 1.8;
/** Images of so few pixels are decoded before their colours are known: parts of Kodak's scans take the same either way at 50,000. */
const MAX_SMALL = 1 << 16;

export function chooseProcess(image: Image8): Process {
  if (image.height * image.width <= MAX_SMALL) return 'absorbing';
  return colourGain(image) > MIN_GAIN ? 'gaussian' : 'absorbing';
}

export const defaultModelOf = (kind: Process): Promise<AnyModel> =>
  kind === 'gaussian' ? defaultModel() : defaultAbsorbingModel();
