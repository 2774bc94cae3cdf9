/** vdmz export: the checkpoint of a training run to a model in a folder. */
import { join } from 'node:path';
import type { Command } from 'commander';
import { about, failUsage, UsageError } from './exit-codes.ts';
import { type Io, writeLine } from './io.ts';
import { bytesText } from './report.ts';
import { assertVacant, requireTensorFlow } from './tensorflow.ts';

interface ExportArguments {
  readonly run: string;
  readonly details?: string;
  readonly out: string;
  readonly force?: boolean;
}

export function addExportCommand(program: Command, io: Io): Command {
  return program
    .command('export')
    .description('write the model of a training run; needs TensorFlow.js as train does')
    .requiredOption('--run <folder>', 'folder of the run, as given to train --out')
    .option('--details <folder>', 'folder of a run of the objective "details"')
    .requiredOption('--out <folder>', 'folder of the model, as in models/<name>')
    .option('--force', 'replace the model in --out')
    .action((options: ExportArguments) => exportRun(options, io));
}

async function exportRun({ run, details, out, force }: ExportArguments, io: Io): Promise<void> {
  if (!force) await assertVacant(out, 'weights.bin', 'use --force to replace it');
  const tf = await requireTensorFlow();
  const [{ CHECKPOINT_NAME }, { readCheckpoint }, { exportModel }, { exportAbsorbing }] = await Promise.all([
    import('../train/train.ts'),
    import('../train/checkpoint.ts'),
    import('../train/export-model.ts'),
    import('../train/export-absorbing.ts'),
  ]);
  const read = (folder: string) => about(folder, () => readCheckpoint(tf, join(folder, CHECKPOINT_NAME)));
  const state = await read(run);
  const detailsState = details === undefined ? undefined : await read(details);
  const isAbsorbing = state.config.process === 'absorbing';
  if (isAbsorbing && details !== undefined) throw new UsageError('a run of absorbing diffusion has no --details');
  const { sha256, sizeBytes } = await about(out, () =>
    (isAbsorbing ? exportAbsorbing(state, out) : exportModel(tf, state, out, detailsState)).catch(failUsage),
  );
  const summary = `iteration ${state.iteration}, ${bytesText(sizeBytes)}, model id ${sha256.slice(0, 8)}`;
  await writeLine(io.stdout, `${run} -> ${out}: ${summary}`);
}
