/** vdmz verify: decodes .vdmz files and archives fully, checksums included, and writes nothing. */
import type { Command } from 'commander';
import { listArchive } from '../list-archive.ts';
import type { CodingOptions } from '../options.ts';
import { unpack } from '../unpack.ts';
import { isArchiveFile, withArchive } from './archive-file.ts';
import { addCodingOptions, addRecursiveOption, type CodingArguments } from './arguments.ts';
import { runBatch } from './batch.ts';
import { about, SubjectError } from './exit-codes.ts';
import { VDMZ_OR_ARCHIVE } from './extensions.ts';
import type { FileCommand, FileReport, Job, JobContext } from './file-command.ts';
import { inputName, STANDARD_STREAM } from './files.ts';
import type { Io } from './io.ts';
import { planReading } from './jobs.ts';
import { bytesText, imagesText, rounded, secondsText, sizeText } from './report.ts';
import { openDecoding, restoreFile } from './restore-file.ts';

export function addVerifyCommand(program: Command, io: Io): Command {
  const command = program
    .command('verify')
    .alias('test')
    .description('decode .vdmz files and archives to see that they are sound; writes nothing')
    .argument('<in...>', 'compressed files, folders with --recursive, or - for standard input');
  return addRecursiveOption(addCodingOptions(command)).action(async (names: string[], options: CodingArguments) =>
    runBatch(VERIFY, await planReading(names, options, VDMZ_OR_ARCHIVE), options, io),
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

async function verifyFile(job: Job, coding: CodingOptions, context: JobContext): Promise<FileReport> {
  const { input } = job;
  const isArchive = input !== STANDARD_STREAM && (await about(input, () => isArchiveFile(input)));
  return isArchive ? verifyArchive(job, coding, context) : verifyOne(job, coding, context);
}

async function verifyOne({ input }: Job, coding: CodingOptions, context: JobContext): Promise<FileReport> {
  const started = performance.now();
  const { header, png: _png, inputBytes, ...named } = await restoreFile(input, coding, context);
  const seconds = (performance.now() - started) / 1000;
  const { height, width, channels } = header;
  return {
    data: { input, ok: true, inputBytes, height, width, channels, seconds: rounded(seconds, 3), ...named },
    line: `${inputName(input)}: ok, ${sizeText(header)}, ${bytesText(inputBytes)}, ${secondsText(seconds)}`,
  };
}

/** @throws SubjectError about the archive, or the first of its images that is not sound */
function verifyArchive({ input }: Job, coding: CodingOptions, { io, onProgress }: JobContext): Promise<FileReport> {
  return about(input, () =>
    withArchive(input, io, async (source) => {
      const started = performance.now();
      const total = { images: 0, pixels: 0 };
      for await (const { geometry } of listArchive(source)) {
        total.images += 1;
        total.pixels += geometry === undefined ? 0 : geometry.height * geometry.width;
      }
      let done = 0;
      for await (const { name, error } of unpack(source, { ...coding, signal: io.signal })) {
        if (error !== undefined) throw new SubjectError(`${input}: ${name}`, error);
        onProgress(++done / total.images);
      }
      const seconds = (performance.now() - started) / 1000;
      const [images, bytes] = [imagesText(total.images), bytesText(source.size)];
      return {
        data: { input, ok: true, inputBytes: source.size, ...total, seconds: rounded(seconds, 3) },
        line: `${input}: ok, ${images}, ${bytes}, ${secondsText(seconds)}`,
      };
    }),
  );
}
