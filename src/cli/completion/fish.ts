/** Completion for fish. */
import type { CommandWords, OptionWords, ProgramWords, ValueWords } from './words.ts';

export const fishCompletion = ({ name, options, commands }: ProgramWords): string =>
  [
    `# fish completion of ${name}: ${name} completion fish | source`,
    `complete -c ${name} -f`,
    ...options.map((option) => optionLine(name, '__fish_use_subcommand', option)),
    ...commands.flatMap((command) => commandLines(name, command)),
  ].join('\n');

const quoted = (text: string): string => `'${text.replaceAll(/[\\']/g, '\\$&')}'`;

function commandLines(program: string, { names, description, options, argument }: CommandWords): string[] {
  const isGiven = `__fish_seen_subcommand_from ${names.join(' ')}`;
  const named = names.map(
    (name) => `complete -c ${program} -n __fish_use_subcommand -a ${name} -d ${quoted(description)}`,
  );
  const taken = argument ? [`complete -c ${program} -n ${quoted(isGiven)} ${valueFlags(argument)}`] : [];
  return [...named, ...taken, ...options.map((option) => optionLine(program, isGiven, option))];
}

function optionLine(program: string, condition: string, { flags, description, value }: OptionWords): string {
  const names = flags.map((flag) => (flag.startsWith('--') ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`));
  const words = ['complete', '-c', program, '-n', quoted(condition), ...names, '-d', quoted(description)];
  return [...words, ...(value ? ['-r', valueFlags(value)] : [])].join(' ');
}

function valueFlags({ choices, isFile }: ValueWords): string {
  if (choices.length > 0) return `-f -a ${quoted(choices.join(' '))}`;
  return isFile ? '-F' : '-f';
}
