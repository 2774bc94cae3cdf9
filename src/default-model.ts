/** The model of an image where nobody names one. */
import { absorbingModelFor, type EffortOptions } from './effort.ts';
import { type AnyModel, absorbingModel, defaultModel, type Process } from './model/installed-models.ts';

/** @throws RangeError for an unknown effort */
export const defaultModelOf = async (process: Process = 'absorbing', effort: EffortOptions = {}): Promise<AnyModel> =>
  process === 'gaussian' ? defaultModel() : absorbingModel(absorbingModelFor(effort));
