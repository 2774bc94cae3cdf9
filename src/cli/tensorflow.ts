/** TensorFlow.js, which is an optional peer, and folders of train and export that must not be overwritten. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { loadTensorFlow, type Tf } from '../tensorflow.ts';
import { about, UsageError } from './exit-codes.ts';

/**
 * What TensorFlow reads when it is loaded, unless the environment has it: products and convolutions of oneDNN, which it takes by itself on
 * some processors only and which train faster on all, and warnings without information.
 */
const ENVIRONMENT = { TF_ENABLE_ONEDNN_OPTS: '1', TF_CPP_MIN_LOG_LEVEL: '1' };

/** @throws UsageError when no TensorFlow.js package is installed, or it cannot be loaded. */
export async function requireTensorFlow(): Promise<Tf> {
  for (const [name, value] of Object.entries(ENVIRONMENT)) process.env[name] ??= value;
  try {
    return await loadTensorFlow();
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

/** @throws SubjectError with code EEXIST when the folder holds this file already. */
export function assertVacant(folder: string, file: string, hint: string): Promise<void> {
  return about(folder, async () => {
    const path = join(folder, file);
    const exists = await stat(path).then(
      () => true,
      () => false,
    );
    if (exists) throw Object.assign(new Error(`already holds ${file}; ${hint}`), { code: 'EEXIST', syscall: 'open' });
  });
}
