/** Options that several commands share, each with one meaning. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { STEP_COUNTS } from '../diffusion/chains.ts';
import { DEFAULT_EFFORT, EFFORTS, type Effort } from '../effort.ts';
import { ENGINES, type EngineName, MAX_THREADS } from '../options.ts';
import { requireTensorFlow } from './tensorflow.ts';

export interface QuietOptions {
  readonly quiet?: boolean;
  readonly json?: boolean;
}

export interface EffortArguments {
  readonly effort?: Effort;
  readonly steps?: number;
}

export interface CodingArguments extends QuietOptions {
  readonly model?: string;
  readonly engine?: EngineName;
  readonly threads?: number;
  readonly force?: boolean;
}

/** --model, --engine, --threads, --force, --quiet and --json. */
export const addCodingOptions = (command: Command): Command =>
  addThreadsOption(addQuietOptions(command))
    .option(
      '--model <name>',
      'a model by its name, or a folder with one (default: photo-2, or the one that the file names)',
    )
    .addOption(
      new Option('--engine <engine>', 'what runs the network (default wasm); all give the same bits').choices(ENGINES),
    )
    .option('--force', 'replace an existing output');

/** What the arguments say about the engine, as options of the library. @throws UsageError when it is not installed. */
export async function engineOptions({ engine, threads }: CodingArguments) {
  if (engine === 'tfjs') await requireTensorFlow();
  return { engine, threads };
}

export const addQuietOptions = (command: Command): Command =>
  command.option('--quiet', 'no progress and no summary').option('--json', 'print the result as one line of JSON');

/** --effort, and --steps in its place. */
export const addEffortOptions = (command: Command): Command =>
  command
    .addOption(
      new Option('--effort <effort>', `how much time to take (default ${DEFAULT_EFFORT}): more is slower and smaller`)
        .choices(EFFORTS.map(String))
        .argParser((text) => parseChoice(text, EFFORTS)),
    )
    .addOption(
      new Option('--steps <steps>', 'in place of an effort: diffusion steps')
        .choices(STEP_COUNTS.map(String))
        .argParser((text) => parseChoice(text, STEP_COUNTS))
        .conflicts('effort'),
    );

/** What the arguments say about the effort, as options of the library. */
export const effortOptions = ({ effort, steps }: EffortArguments) => ({ effort, numSteps: steps });

export const addThreadsOption = (command: Command): Command =>
  command.option(
    '--threads <count>',
    'threads that run the network (default: the cores), with the same bits for any number',
    parseThreads,
  );

function parseThreads(text: string): number {
  const threads = parseCount(text);
  if (threads > MAX_THREADS) throw new InvalidArgumentError(`Expected at most ${MAX_THREADS}.`);
  return threads;
}

function parseChoice<Choice extends number>(text: string, choices: readonly Choice[]): Choice {
  const chosen = choices.find((choice) => String(choice) === text);
  if (chosen === undefined) throw new InvalidArgumentError(`Allowed choices are ${choices.join(', ')}.`);
  return chosen;
}

export function parseCount(text: string): number {
  const count = Number(text);
  if (!/^\d+$/.test(text) || count < 1 || !Number.isSafeInteger(count)) {
    throw new InvalidArgumentError('Expected a whole number from 1.');
  }
  return count;
}
