/** vdmz decompress: .vdmz files to the PNG files that they were, or to PNG files with the same pixels. */
import type { Command } from 'commander';
import type { Header } from '../container/header.ts';
import type { CodingOptions } from '../options.ts';
import { addCodingOptions, addWritingOptions, type WritingArguments } from './arguments.ts';
import { runBatch } from './batch.ts';
import { assertPngName, IMAGE_FILE, PNG_EXTENSION, VDMZ_FILE } from './extensions.ts';
import type { FileCommand, FileReport, Job, JobContext } from './file-command.ts';
import { checkOutput, inputName, outputName, writeOutput } from './files.ts';
import type { Io } from './io.ts';
import { planJobs } from './jobs.ts';
import { bitsPerDimOf, bytesText, type FileResult, rounded, secondsText, sizeText } from './report.ts';
import { openDecoding, restoreFile } from './restore-file.ts';

export function addDecompressCommand(program: Command, io: Io): Command {
  const command = program
    .command('decompress')
    .description('restore the PNG files of .vdmz files, or make them of the pixels')
    .usage('[options] <in> [out.png | -]\n       vdmz decompress [options] <in | folder...>')
    .argument('<in...>', 'compressed files, folders with --recursive, or - for standard input');
  return addWritingOptions(addCodingOptions(command)).action(async (names: string[], options: WritingArguments) =>
    runBatch(DECOMPRESS, await planJobs(names, options, EXTENSIONS), options, io),
  );
}

const EXTENSIONS = { inputs: VDMZ_FILE, outputs: IMAGE_FILE, output: PNG_EXTENSION };

export const DECOMPRESS: FileCommand<WritingArguments> = {
  name: 'decompress',
  doing: 'decompressing',
  open: async (options) => {
    const coding = await openDecoding(options);
    return (job, context) => decompressFile(job, coding, context);
  },
};

async function decompressFile({ input, output }: Job, coding: CodingOptions, context: JobContext): Promise<FileReport> {
  const { io, force } = context;
  assertPngName(output);
  const writing = { force, source: input };
  await checkOutput(output, input, writing, io);
  const started = performance.now();
  const { header, png, ...named } = await restoreFile(input, coding, context);
  await writeOutput(output, png, writing, io);
  const seconds = (performance.now() - started) / 1000;
  return describeRestored(header, { input, output, outputBytes: png.length, seconds, ...named });
}

function describeRestored(header: Header, result: FileResult): FileReport {
  const { input, output, inputBytes, outputBytes, seconds } = result;
  const { height, width, channels } = header;
  const line =
    `${inputName(input)} -> ${outputName(output)}: ${sizeText(header)}, ` +
    `${bytesText(inputBytes)} -> ${bytesText(outputBytes)}, ${secondsText(seconds)}`;
  const bitsPerDim = rounded(bitsPerDimOf(inputBytes, header));
  const data = { ...result, height, width, channels, bitsPerDim, seconds: rounded(seconds, 3) };
  return { data, line };
}
