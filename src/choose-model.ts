/** The model that an image is compressed with. */
import { coloursWeigh } from './codec/choose-colours.ts';
import type { Image8 } from './image/image.ts';
import { type AnyModel, defaultAbsorbingModel, defaultModel } from './model/installed-models.ts';

export type Process = 'absorbing' | 'gaussian';

/** Absorbing diffusion, which is smaller, but where the colours of an image weigh, which Gaussian diffusion alone makes use of. */
export const chooseProcess = (image: Image8): Process => (coloursWeigh(image) ? 'gaussian' : 'absorbing');

export const defaultModelOf = (kind: Process): Promise<AnyModel> =>
  kind === 'gaussian' ? defaultModel() : defaultAbsorbingModel();
