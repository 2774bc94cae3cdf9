/** The model that --model names. */
import { assertMethodFits, kindOf, type MethodOptions } from '../compress.ts';
import { defaultModelOf } from '../default-model.ts';
import type { EffortOptions } from '../effort.ts';
import { CodecError } from '../errors.ts';
import { type AnyModel, defaultModel, installedModels, isAbsorbing, loadModel } from '../model/installed-models.ts';
import type { Model } from '../model/model.ts';
import { about, failUsage, isSystemError, UsageError } from './exit-codes.ts';

/** Loads the model of this name or folder, or the default one of Gaussian diffusion. @throws UsageError for one of another kind */
export async function modelFor(nameOrFolder: string | undefined): Promise<Model> {
  if (nameOrFolder === undefined) return about('default model', defaultModel);
  const model = await namedModel(nameOrFolder);
  if (!isAbsorbing(model)) return model;
  return about(nameOrFolder, () => Promise.reject(new UsageError('a model of Gaussian diffusion is needed here')));
}

/** Loads the model of this name or folder, of either kind. */
export const namedModel = (nameOrFolder: string): Promise<AnyModel> =>
  about(nameOrFolder, () => loadModel(nameOrFolder).catch((error) => failModel(nameOrFolder, error)));

/**
 * Loads a model for what takes one of either kind; undefined where it is the default one, which is loaded.
 * @throws UsageError for a model of another kind than the method's
 */
export async function codingModel(
  nameOrFolder: string | undefined,
  { method, effort }: MethodOptions & Pick<EffortOptions, 'effort'> = {},
): Promise<AnyModel | undefined> {
  if (nameOrFolder !== undefined) {
    const model = await namedModel(nameOrFolder);
    const check = async () => assertMethodFits({ method }, model);
    await about(nameOrFolder, () => check().catch(failUsage));
    return model;
  }
  await about('default model', () => defaultModelOf(kindOf(method), { effort }));
  return undefined;
}

async function failModel(nameOrFolder: string, error: unknown): Promise<never> {
  if (error instanceof CodecError) throw error;
  if (!isSystemError(error)) throw new CodecError('corrupt', 'model files are not sound', { cause: error });
  if (/[\\/]/.test(nameOrFolder) || error.code !== 'ENOENT') throw error;
  const names = (await installedModels()).map(({ name }) => name).join(', ') || 'none';
  throw new UsageError(`no model of this name; installed: ${names}. A folder is given with a slash, as in ./folder`);
}

/** Name of the installed model with this id. */
export const installedName = async (id: number): Promise<string | undefined> =>
  (await installedModels()).find((model) => model.id === id)?.name;
