/** The model that an image is compressed with, where nobody names one. */
import { coloursWeigh } from './codec/choose-colours.ts';
import type { Image8 } from './image/image.ts';
import { type AnyModel, defaultAbsorbingModel, defaultModel } from './model/installed-models.ts';

/** Absorbing diffusion, which is smaller, but where the colours of an image weigh, which Gaussian diffusion alone makes use of. */
export const chooseModel = (image: Image8): Promise<AnyModel> =>
  coloursWeigh(image) ? defaultModel() : defaultAbsorbingModel();
