/** vdmz completion: a script for a shell, made of the definitions of all commands. */
import { Argument, type Command } from 'commander';
import { bashCompletion } from './completion/bash.ts';
import { fishCompletion } from './completion/fish.ts';
import { type ProgramWords, wordsOf } from './completion/words.ts';
import { zshCompletion } from './completion/zsh.ts';
import { type Io, writeLine } from './io.ts';

const SCRIPTS = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion } satisfies Record<
  string,
  (words: ProgramWords) => string
>;

export const addCompletionCommand = (program: Command, io: Io): Command =>
  program
    .command('completion')
    .description('print a script that completes command lines in a shell')
    .addArgument(new Argument('<shell>', 'the shell').choices(Object.keys(SCRIPTS)))
    .action((shell: keyof typeof SCRIPTS) => writeLine(io.stdout, SCRIPTS[shell](wordsOf(program))));
