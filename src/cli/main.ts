/**
 * The command line: parses the arguments, runs one command and turns errors into a line and an exit code.
 *
 * Invariant: only this folder touches the process, the terminal and file paths; nothing here is needed by the library.
 */
import { Command, CommanderError } from 'commander';
import { addCompletionCommand } from './completion-command.ts';
import { addCompressCommand } from './compress-command.ts';
import { addDecompressCommand } from './decompress-command.ts';
import { errorText, oneLine } from './error-line.ts';
import { addEvalCommand } from './eval-command.ts';
import { EXAMPLES } from './examples.ts';
import { EXIT_OK, EXIT_USAGE, exitCodeFor, PrintedError } from './exit-codes.ts';
import { addExportCommand } from './export-command.ts';
import { addInfoCommand } from './info-command.ts';
import { addInterpolateCommand } from './interpolate-command.ts';
import { interruptSignal } from './interrupts.ts';
import { type Io, writeLine } from './io.ts';
import { addListCommand } from './list-command.ts';
import { addPackCommand } from './pack-command.ts';
import { addPreviewCommand } from './preview-command.ts';
import { addProgressiveCommand } from './progressive-command.ts';
import { addSampleCommand } from './sample-command.ts';
import { addTrainCommand } from './train-command.ts';
import { addUnpackCommand } from './unpack-command.ts';
import { addVerifyCommand } from './verify-command.ts';
import { packageVersion } from './version.ts';

const COMMANDS = [
  addCompressCommand,
  addDecompressCommand,
  addVerifyCommand,
  addPackCommand,
  addUnpackCommand,
  addListCommand,
  addPreviewCommand,
  addInfoCommand,
  addEvalCommand,
  addProgressiveCommand,
  addSampleCommand,
  addInterpolateCommand,
  addTrainCommand,
  addExportCommand,
  addCompletionCommand,
];

/** Runs one command line, given without the names of node and the program; resolves to the exit code. */
export async function main(argv: readonly string[], io: Io): Promise<number> {
  try {
    await createProgram(io).parseAsync(commandLine(argv), { from: 'user' });
    return EXIT_OK;
  } catch (error) {
    // Commander has printed its message by itself; help and version end with code 0.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT_OK : EXIT_USAGE;
    if (error instanceof PrintedError) return error.exitCode;
    await writeLine(io.stderr, errorText(error, argv.includes('--debug'))).catch(() => undefined);
    return exitCodeFor(error);
  }
}

/** As gzip and zstd test files. */
const TEST = ['-t', '--test'];
const commandLine = (argv: readonly string[]): string[] =>
  TEST.includes(argv[0] ?? '') ? ['verify', ...argv.slice(1)] : [...argv];

function createProgram(io: Io): Command {
  const program = new Command('vdmz')
    .description('Lossless image compression with a diffusion model')
    .version(packageVersion())
    .option('-t, --test', 'before files: the command verify')
    // Commands have their own options after their names: "unpack -t" is not this one.
    .enablePositionalOptions()
    .exitOverride()
    .showSuggestionAfterError(false)
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => io.stderr.write(text),
      outputError: (text, write) => write(`vdmz: usage: ${oneLine(text.replace(/^error: /, ''))}\n`),
    });
  for (const addCommand of COMMANDS) {
    const command = addCommand(program, io).option('--debug', 'print the stack trace of an error');
    command.addHelpText('after', () => examplesText(command.name()));
  }
  return program;
}

function examplesText(command: string): string {
  const lines = (EXAMPLES[command] ?? []).map(([words, meaning]) => `  vdmz ${command} ${words}\n      ${meaning}`);
  return `\nExamples:\n${lines.join('\n')}`;
}

/** Runs the arguments of this process and sets its exit code. */
export async function runAsProcess(): Promise<void> {
  const { stdin, stdout, stderr } = process;
  const signal = interruptSignal();
  // A reader that went away (EPIPE) fails the write that noticed; without a listener it would crash the process.
  for (const stream of [stdout, stderr]) stream.on('error', () => undefined);
  process.exitCode = await main(process.argv.slice(2), { stdin, stdout, stderr, signal });
}
