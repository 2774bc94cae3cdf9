/** Options that several commands share, each with one meaning. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { STEP_COUNTS } from '../diffusion/chains.ts';

export const ENGINES = ['wasm', 'reference'] as const;

export interface QuietOptions {
  readonly quiet?: boolean;
  readonly json?: boolean;
}

export interface CodingArguments extends QuietOptions {
  readonly model?: string;
  readonly engine?: (typeof ENGINES)[number];
  readonly force?: boolean;
}

/** --model, --engine, --force, --quiet and --json. */
export const addCodingOptions = (command: Command): Command =>
  addQuietOptions(command)
    .option('--model <name>', 'installed model by its name, or a folder with a model')
    .addOption(new Option('--engine <engine>', 'which code runs the network; both give the same bits').choices(ENGINES))
    .option('--force', 'replace an existing output');

export const addQuietOptions = (command: Command): Command =>
  command.option('--quiet', 'no progress and no summary').option('--json', 'print the result as one line of JSON');

export const addStepsOption = (command: Command): Command =>
  command.addOption(
    new Option('--steps <steps>', 'diffusion steps: more are slower and smaller')
      .choices(STEP_COUNTS.map(String))
      .argParser(parseSteps),
  );

function parseSteps(text: string): number {
  const steps = STEP_COUNTS.find((choice) => String(choice) === text);
  if (steps === undefined) throw new InvalidArgumentError(`Allowed choices are ${STEP_COUNTS.join(', ')}.`);
  return steps;
}

export function parseCount(text: string): number {
  const count = Number(text);
  if (!/^\d+$/.test(text) || count < 1 || !Number.isSafeInteger(count)) {
    throw new InvalidArgumentError('Expected a whole number from 1.');
  }
  return count;
}
