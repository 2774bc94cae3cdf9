/** The model that --model names. */
import { CodecError } from '../errors.ts';
import { defaultModel, installedModels, loadModel } from '../model/installed-models.ts';
import type { Model } from '../model/model.ts';
import { about, isSystemError, UsageError } from './exit-codes.ts';

/** Loads the model of this name or folder, or the default model. */
export function modelFor(nameOrFolder: string | undefined): Promise<Model> {
  if (nameOrFolder === undefined) return about('default model', defaultModel);
  return about(nameOrFolder, () => loadModel(nameOrFolder).catch((error) => failModel(nameOrFolder, error)));
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
