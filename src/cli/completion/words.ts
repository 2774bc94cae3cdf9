/** What can be written on the command line, read from the definitions of its commands: the data that shells complete from. */
import type { Argument, Command, Option } from 'commander';

/** What an option or a command takes. */
export interface ValueWords {
  readonly name: string;
  /** Empty where it is not one of a few words. */
  readonly choices: readonly string[];
  readonly isFile: boolean;
  readonly isMany: boolean;
}

export interface OptionWords {
  /** With their hyphens; the short one first, where there is one. */
  readonly flags: readonly string[];
  readonly description: string;
  readonly value: ValueWords | undefined;
}

export interface CommandWords {
  /** Its name and its alias. */
  readonly names: readonly string[];
  readonly description: string;
  readonly options: readonly OptionWords[];
  /** The first argument, which stands for all. */
  readonly argument: ValueWords | undefined;
}

export interface ProgramWords {
  readonly name: string;
  readonly options: readonly OptionWords[];
  readonly commands: readonly CommandWords[];
}

export function wordsOf(program: Command): ProgramWords {
  const help = program.createHelp();
  const commands = help.visibleCommands(program);
  const names = commands.flatMap((command) => [command.name(), ...command.aliases()]);
  return {
    name: program.name(),
    options: help.visibleOptions(program).map(optionWords),
    commands: commands.map((command) => commandWords(command, names)),
  };
}

/** @param names of all commands, which the command `help` takes */
function commandWords(command: Command, names: readonly string[]): CommandWords {
  const [argument, ...others] = command.registeredArguments;
  const choices = command.name() === 'help' ? names : argument?.argChoices;
  return {
    names: [command.name(), ...command.aliases()],
    description: command.description(),
    options: command.createHelp().visibleOptions(command).map(optionWords),
    argument: argument && argumentWords(argument, { choices, isMany: argument.variadic || others.length > 0 }),
  };
}

const argumentWords = (
  argument: Argument,
  { choices = [], isMany }: { choices: readonly string[] | undefined; isMany: boolean },
): ValueWords => ({ name: argument.name(), choices, isFile: choices.length === 0, isMany });

const optionWords = (option: Option): OptionWords => ({
  flags: [option.short, option.long].filter((flag) => flag !== undefined && flag !== null),
  description: option.description,
  value: option.required || option.optional ? optionValue(option) : undefined,
});

/** Names of values, as help shows them, that are neither files nor one of a few words. */
const NUMBERS = ['count', 'number', 'widthxheight'];

function optionValue({ flags, argChoices: choices = [], variadic }: Option): ValueWords {
  const name = /[<[]([^>\].]+)/.exec(flags)?.[1] ?? 'value';
  return { name, choices, isFile: choices.length === 0 && !NUMBERS.includes(name), isMany: variadic };
}
