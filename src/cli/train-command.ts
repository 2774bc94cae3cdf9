/** vdmz train: a training run in a folder, ended early by Ctrl-C and continued with --resume. */
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { CodecError } from '../errors.ts';
import { isAbsorbing, MANIFEST_NAME } from '../model/installed-models.ts';
import type { Tf } from '../tensorflow.ts';
import type { RunState } from '../train/checkpoint.ts';
import type { TrainConfig } from '../train/config.ts';
import type { Dataset } from '../train/dataset.ts';
import type { EventLog } from '../train/tensorboard.ts';
import type { Progress } from '../train/train.ts';
import { METHOD_CHOICES, METHOD_FIELDS, type Methods } from '../training-methods.ts';
import { parseCount } from './arguments.ts';
import { dryRunText } from './dry-run-text.ts';
import { about, EXIT_USAGE, exitCodeFor, failUsage, isSystemError, UsageError } from './exit-codes.ts';
import { kindOf } from './files.ts';
import { type Io, writeLine } from './io.ts';
import { namedModel } from './models.ts';
import { durationText } from './report.ts';
import { assertVacant, requireTensorFlow } from './tensorflow.ts';

interface TrainArguments extends Partial<Methods> {
  readonly config: string;
  readonly data: string[];
  readonly out?: string;
  readonly tensorboard?: string;
  readonly dryRun?: boolean;
  readonly json?: boolean;
  readonly resume?: boolean;
  readonly from?: string;
  readonly force?: boolean;
  readonly quiet?: boolean;
  readonly iterations?: number;
}

/** Of options in place of fields of the config. */
const METHOD_OPTIONS: Readonly<Record<keyof Methods, readonly [flags: string, meaning: string]>> = {
  schedule: ['--schedule <schedule>', 'noise schedule'],
  objective: ['--objective <objective>', 'what training minimises'],
  prediction: ['--prediction <prediction>', 'what the network says of a stage'],
  variance: ['--variance <variance>', 'variances of reverse steps'],
  time: ['--time <time>', 'a chain of steps, or infinitely many'],
  timeSampler: ['--time-sampler <sampler>', 'how terms of the bound are drawn'],
};

function addMethods(command: Command): Command {
  for (const field of METHOD_FIELDS) {
    const [flags, meaning] = METHOD_OPTIONS[field];
    command.addOption(new Option(flags, `${meaning}, in place of the config's`).choices(METHOD_CHOICES[field]));
  }
  return command;
}

export function addTrainCommand(program: Command, io: Io): Command {
  const command = program
    .command('train')
    .description('train a model; needs @tensorflow/tfjs-node or @tensorflow/tfjs-node-gpu')
    .requiredOption('--config <file>', 'models/<name>/config.json')
    .requiredOption('--data <folder...>', 'folders of images; a tenth, chosen by file name, is kept for validation')
    .option('--out <folder>', 'folder of the run: checkpoint.bin and log.csv')
    .addOption(
      new Option('--dry-run', 'say what a run would take, after a few iterations, and write nothing').conflicts([
        'resume',
        'from',
        'force',
        'quiet',
        'tensorboard',
      ]),
    )
    .option('--json', 'print the dry run as JSON')
    .addOption(new Option('--resume', 'go on from the checkpoint in --out').conflicts('from'))
    .option(
      '--from <folder>',
      'begin with the weights of the run in this folder, which may have fewer blocks, or of a model of absorbing diffusion',
    )
    .option('--tensorboard <folder>', 'also write the columns of log.csv as events, which TensorBoard shows')
    .option('--iterations <count>', 'iterations of the whole run, in place of those of the config', parseCount);
  return addMethods(command)
    .option('--force', 'start anew although --out holds a run')
    .option('--quiet', 'print nothing but errors')
    .action((options: TrainArguments) => (options.dryRun ? runDry(options, io) : trainModel(options, io)));
}

async function runDry({ json, ...options }: TrainArguments, io: Io): Promise<void> {
  const { dryRun } = await import('../train/dry-run.ts');
  const config = await readConfig(options, methodsOf(options));
  const tf = await requireTensorFlow();
  const data = await readImages(options.data, 'train');
  const result = await about(options.config, () => dryRun(tf, config, data, io.signal).catch(failUsage));
  await writeLine(io.stdout, json ? JSON.stringify(result) : dryRunText(config, result));
}

async function trainModel(options: TrainArguments, io: Io): Promise<void> {
  const { out, resume = false, quiet, json, from: source, tensorboard } = options;
  if (out === undefined) throw new UsageError('--out is needed, unless with --dry-run');
  if (json) throw new UsageError('--json is for --dry-run');
  const { CHECKPOINT_NAME, train } = await import('../train/train.ts');
  const methods = { ...(resume ? await methodsOfRun(out) : {}), ...methodsOf(options) };
  const config = await readConfig(options, methods);
  const replaced = Object.keys(methods) as (keyof Methods)[];
  if (!resume && !options.force) {
    await assertVacant(out, CHECKPOINT_NAME, 'use --resume to go on with it or --force to start anew');
  }
  const tf = await requireTensorFlow();
  const data = await readImages(options.data, 'train');
  const validation = await readImages(options.data, 'validation').catch(ignoreNoImages);
  const say = (line: string) => {
    if (!quiet) io.stdout.write(`${line}\n`);
  };
  say(`${config.name}: ${data.photos.length} photographs and ${data.small.length} small images`);
  const from = source === undefined ? undefined : await readSource(tf, source, out);
  const events = tensorboard === undefined ? undefined : await openEvents(tf, tensorboard);
  const onProgress = (progress: Progress) => say(progressLine(progress));
  const run = await about(out, () =>
    train(tf, {
      config,
      replaced,
      data,
      validation,
      folder: out,
      events,
      resume,
      from,
      signal: io.signal,
      onProgress,
    }).catch(failUsage),
  );
  if (io.signal.aborted && run.iteration < config.iterations) {
    await writeLine(io.stderr, `vdmz: ${out}: saved at iteration ${run.iteration}, go on with --resume`);
    throw io.signal.reason;
  }
  say(`${out}: ${run.iteration} iterations done`);
}

async function openEvents(tf: Tf, folder: string): Promise<EventLog> {
  const train = await import('../train/tensorboard.ts');
  return about(folder, () => train.openEvents(tf, folder).catch(failUsage));
}

/** The run to start from, which is not to be overwritten. */
async function readSource(tf: Tf, folder: string, out: string): Promise<RunState> {
  if (resolve(folder) === resolve(out)) throw new UsageError('--from and --out are the same folder');
  const { readCheckpoint } = await import('../train/checkpoint.ts');
  const { CHECKPOINT_NAME } = await import('../train/train.ts');
  if ((await kindOf(join(folder, MANIFEST_NAME))) === 'file') return readModel(tf, folder);
  return about(folder, () => readCheckpoint(tf, join(folder, CHECKPOINT_NAME)));
}

/** An exported model, of which only those of absorbing diffusion have the numbers that training had. */
async function readModel(tf: Tf, folder: string): Promise<RunState> {
  const { runOfModel } = await import('../train/import-absorbing.ts');
  const model = await namedModel(`${folder}/`);
  if (isAbsorbing(model)) return runOfModel(tf, model);
  throw new UsageError(`${folder}: a model of Gaussian diffusion has integers, give the folder of its run`);
}

/** What the options say in place of the config. */
const methodsOf = (options: TrainArguments): Partial<Methods> =>
  Object.fromEntries(
    METHOD_FIELDS.filter((field) => options[field] !== undefined).map((field) => [field, options[field]]),
  );

/** What they said when the run began. */
async function methodsOfRun(out: string): Promise<Partial<Methods>> {
  const { readReplaced } = await import('../train/checkpoint.ts');
  const { CHECKPOINT_NAME } = await import('../train/train.ts');
  return about(out, () => readReplaced(join(out, CHECKPOINT_NAME)));
}

async function readConfig(
  { config: path, iterations }: TrainArguments,
  methods: Partial<Methods>,
): Promise<TrainConfig> {
  const { parseConfig } = await import('../train/config.ts');
  return about(path, async () => {
    const text = await readFile(path, 'utf8');
    try {
      const config = parseConfig(JSON.parse(text), methods);
      return iterations === undefined ? config : { ...config, iterations };
    } catch (error) {
      throw new UsageError((error as Error).message, { cause: error });
    }
  });
}

async function readImages(folders: readonly string[], part: 'train' | 'validation'): Promise<Dataset> {
  const { readDataset } = await import('../train/dataset.ts');
  return about(folders.join(', '), async () => {
    try {
      return await readDataset(folders, part);
    } catch (error) {
      if (isSystemError(error) || error instanceof CodecError) throw error;
      throw new UsageError((error as Error).message, { cause: error });
    }
  });
}

/** Small sets have no file in the tenth that is kept for validation. */
function ignoreNoImages(error: unknown): undefined {
  if (exitCodeFor(error) !== EXIT_USAGE) throw error;
  return undefined;
}

function progressLine(progress: Progress): string {
  const { iteration, iterations, bitsPerDim, iterationsPerSecond, validationBitsPerDim } = progress;
  const validation = validationBitsPerDim === undefined ? '' : `, validation ${validationBitsPerDim.toFixed(4)}`;
  return (
    `${iteration}/${iterations}: ${bitsPerDim.toFixed(4)} bits/dim${validation}, ` +
    `${iterationsPerSecond.toPrecision(3)} it/s, ${durationText((iterations - iteration) / iterationsPerSecond)} left`
  );
}
