/** vdmz verify: decodes .vdmz files fully, checksums included, and writes nothing. */
import type { Command } from 'commander';
import type { CodingOptions } from '../options.ts';
import { addCodingOptions, addRecursiveOption, type CodingArguments } from './arguments.ts';
import { runBatch } from './batch.ts';
import { VDMZ_FILE } from './extensions.ts';
import type { FileCommand, FileReport, Job, JobContext } from './file-command.ts';
import { inputName } from './files.ts';
import type { Io } from './io.ts';
import { planReading } from './jobs.ts';
import { bytesText, rounded, secondsText, sizeText } from './report.ts';
import { openDecoding, restoreFile } from './restore-file.ts';

export function addVerifyCommand(program: Command, io: Io): Command {
  const command = program
    .command('verify')
    .alias('test')
    .description('decode .vdmz files to see that they are sound; writes nothing')
    .argument('<in...>', 'compressed files, folders with --recursive, or - for standard input');
  return addRecursiveOption(addCodingOptions(command)).action(async (names: string[], options: CodingArguments) =>
    runBatch(VERIFY, await planReading(names, options, VDMZ_FILE), options, io),
  );
}

export const VERIFY: FileCommand<CodingArguments> = {
  name: 'verify',
  doing: 'verifying',
  open: async (options) => {
    const coding = await openDecoding(options);
    return (job, context) => verifyFile(job, coding, context);
  },
};

async function verifyFile({ input }: Job, coding: CodingOptions, context: JobContext): Promise<FileReport> {
  const started = performance.now();
  const { header, png: _png, inputBytes, ...named } = await restoreFile(input, coding, context);
  const seconds = (performance.now() - started) / 1000;
  const { height, width, channels } = header;
  return {
    data: { input, ok: true, inputBytes, height, width, channels, seconds: rounded(seconds, 3), ...named },
    line: `${inputName(input)}: ok, ${sizeText(header)}, ${bytesText(inputBytes)}, ${secondsText(seconds)}`,
  };
}
