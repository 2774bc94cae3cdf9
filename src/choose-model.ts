/** The model that an image is compressed with. */
import { colourGain } from './codec/choose-colours.ts';
import type { Image8 } from './image/image.ts';
import { type AnyModel, defaultAbsorbingModel, defaultModel } from './model/installed-models.ts';

export type Process = 'absorbing' | 'gaussian';

/** Bits a pixel that the weights of colours, which Gaussian diffusion alone has, must save to make up for what absorbing diffusion does. */
const MIN_GAIN = 1.8;

export const chooseProcess = (image: Image8): Process => (colourGain(image) > MIN_GAIN ? 'gaussian' : 'absorbing');

export const defaultModelOf = (kind: Process): Promise<AnyModel> =>
  kind === 'gaussian' ? defaultModel() : defaultAbsorbingModel();
