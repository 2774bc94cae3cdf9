/** Options that several commands share, each with one meaning. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { METHODS } from '../compress.ts';
import { MAX_BANDS } from '../container/absorbing-payload.ts';
import { STEP_COUNTS } from '../diffusion/chains.ts';
import { DEFAULT_EFFORT, EFFORTS, type Effort } from '../effort.ts';
import { ENGINES, type EngineName, MAX_THREADS } from '../options.ts';
import { UsageError } from './exit-codes.ts';
import { requireTensorFlow } from './tensorflow.ts';

/** A helper process holds a model and an image; more than this is a slip of the finger. */
const MAX_JOBS = 64;

export interface QuietOptions {
  readonly quiet?: boolean;
  readonly json?: boolean;
}

export interface EffortArguments {
  readonly effort?: Effort;
  readonly steps?: number | undefined;
}

/** Of commands that take many files. */
export interface BatchArguments extends QuietOptions {
  readonly verbose?: boolean;
  readonly recursive?: boolean;
  readonly jobs?: number;
  readonly debug?: boolean;
}

export interface CodingArguments extends BatchArguments {
  readonly model?: string;
  readonly engine?: EngineName;
  readonly threads?: number;
  readonly maxPixels?: number;
}

/** Of commands that write a file for each file. */
export interface OutputArguments extends CodingArguments {
  readonly output?: string;
  readonly force?: boolean;
  readonly update?: boolean;
}

/** Of commands whose outputs hold all that their sources do. */
export interface WritingArguments extends OutputArguments {
  readonly rm?: boolean;
}

/** --output, --recursive, and what becomes of outputs that exist. */
export const addOutputOptions = (command: Command): Command =>
  addRecursiveOption(
    command.option('-o, --output <path>', 'output file, or folder: of many files, or with a slash at its end'),
  )
    .option('-f, --force', 'replace existing outputs')
    .option('-u, --update', 'leave out files whose output is not older, and replace outputs that are');

/** The same, and what becomes of sources. */
export const addWritingOptions = (command: Command): Command =>
  addOutputOptions(command)
    .option('-k, --keep', 'keep the sources (default)')
    .addOption(
      new Option('--rm', 'remove each source once its output is decoded, checked and in place').conflicts('keep'),
    );

export const addRecursiveOption = (command: Command): Command =>
  command.option('-r, --recursive', 'take the files in folders, by their extensions');

/** --model, --engine, --threads, --jobs, --quiet, --verbose and --json. */
export const addCodingOptions = (command: Command): Command =>
  addMaxPixelsOption(addModelOption(addThreadsOption(addQuietOptions(command))))
    .addOption(new Option('-v, --verbose', 'say more of each file').conflicts('quiet'))
    .option('-j, --jobs <count>', 'files at once (default 1), which share the threads', countUpTo(MAX_JOBS))
    .addOption(
      new Option(
        '--engine <engine>',
        'what runs the network (default wasm; tfjs: that of Gaussian diffusion); all give the same bits',
      ).choices(ENGINES),
    );

export const addMaxPixelsOption = (command: Command): Command =>
  command.option('--max-pixels <count>', 'refuse images of more pixels (default: 2^27, the most)', parseCount);

export const addModelOption = (command: Command): Command =>
  command.option(
    '--model <name>',
    'a model by its name, or a folder with one (default: chosen by the image, or the one that the file names)',
  );

/** What the arguments say about the engine, as options of the library. @throws UsageError when it is not installed. */
export async function engineOptions({ engine, threads, maxPixels }: CodingArguments) {
  if (engine === 'tfjs') await requireTensorFlow();
  return { engine, threads, maxPixels };
}

export const addQuietOptions = (command: Command): Command =>
  command
    .option('-q, --quiet', 'print nothing but errors')
    .option('--json', 'print results as JSON, one line for each file');

/** --effort, and --steps in its place. */
export const addEffortOptions = (command: Command, steps = stepsOption()): Command =>
  command
    .addOption(
      new Option(
        '--effort <effort>',
        `time for diffusion and WebP (default ${DEFAULT_EFFORT}): more is slower and smaller`,
      )
        .choices(EFFORTS.map(String))
        .argParser((text) => parseChoice(text, EFFORTS)),
    )
    .addOption(steps);

const stepsOption = (): Option =>
  new Option('--steps <steps>', 'in place of an effort: steps of Gaussian diffusion')
    .choices(STEP_COUNTS.map(String))
    .argParser((text) => parseChoice(text, STEP_COUNTS))
    .conflicts('effort');

/** The same; where it is about a training run, a list of any numbers of steps. */
export const stepsOrListOption = (meaning: string): Option =>
  new Option('--steps <steps>', meaning)
    .choices(STEP_COUNTS.map(String))
    .argParser((text) => text.split(',').map(parseCount))
    .conflicts('effort');

/** The one number of a list, where it is not about a training run. @throws UsageError */
export function oneStepCount(steps: readonly number[] | undefined): number | undefined {
  if (steps === undefined) return undefined;
  const [count] = steps;
  if (steps.length === 1 && (STEP_COUNTS as readonly (number | undefined)[]).includes(count)) return count;
  throw new UsageError(`--steps must be one of ${STEP_COUNTS.join(', ')}, unless with --run, got ${steps}`);
}

/** What the arguments say about the effort, as options of the library. */
export const effortOptions = ({ effort, steps }: EffortArguments) => ({ effort, numSteps: steps });

export const addBandsOption = (command: Command): Command =>
  command.option(
    '--bands <count>',
    'code by absorbing diffusion in so many bands, each by a thread of its own (default: by size and effort)',
    countUpTo(MAX_BANDS),
  );

export const addMethodOption = (command: Command): Command =>
  command.addOption(
    new Option(
      '--method <method>',
      'best (default), which may keep an image as WebP or PNG; diffusion, which does not, or of one kind absorbing or gaussian; or kept, without diffusion',
    ).choices(METHODS),
  );

/** Scales, and the halvings that make them. */
const LEVELS = { '1/2': 1, '1/4': 2, '1/8': 3, '1/16': 4, '1/32': 5 } as const;
export type Scale = keyof typeof LEVELS;

export const levelOf = (scale: Scale): number => LEVELS[scale];

export const addScaleOption = (command: Command, meaning: string, standard: Scale): Command =>
  command.addOption(new Option('--scale <scale>', meaning).choices(Object.keys(LEVELS)).default(standard));

export const addPreviewOption = (command: Command): Command =>
  command.addOption(
    new Option(
      '--preview <scale>',
      'begin files of absorbing diffusion with a small image of this scale, so that previews of it decode nothing else (default: none)',
    ).choices(Object.keys(LEVELS)),
  );

export const addThreadsOption = (command: Command): Command =>
  command.option(
    '--threads <count>',
    'threads that code (default: the cores), with the same bits for any number',
    countUpTo(MAX_THREADS),
  );

function parseChoice<Choice extends number>(text: string, choices: readonly Choice[]): Choice {
  const chosen = choices.find((choice) => String(choice) === text);
  if (chosen === undefined) throw new InvalidArgumentError(`Allowed choices are ${choices.join(', ')}.`);
  return chosen;
}

/** A whole number from 1 up to the most. */
function countUpTo(most: number): (text: string) => number {
  return (text) => {
    const count = parseCount(text);
    if (count > most) throw new InvalidArgumentError(`Expected at most ${most}.`);
    return count;
  };
}

export function parseCount(text: string): number {
  const count = Number(text);
  if (!/^\d+$/.test(text) || count < 1 || !Number.isSafeInteger(count)) {
    throw new InvalidArgumentError('Expected a whole number from 1.');
  }
  return count;
}
