/** vdmz pack: many images to one archive. */
import { basename, extname, join, resolve, sep } from 'node:path';
import type { Command } from 'commander';
import { nameFault } from '../archive/entry-name.ts';
import type { MethodOptions } from '../compress.ts';
import { hasPngSignature } from '../image/png-chunks.ts';
import { readImage } from '../image/read-image.ts';
import { type PackItem, pack } from '../pack.ts';
import {
  addEffortOptions,
  addMaxPixelsOption,
  addMethodOption,
  addModelOption,
  addQuietOptions,
  addThreadsOption,
  type EffortArguments,
  effortOptions,
  type QuietOptions,
} from './arguments.ts';
import { about, SubjectError, UsageError } from './exit-codes.ts';
import { ARCHIVE_EXTENSION, IMAGE_FILE, PNG_EXTENSION } from './extensions.ts';
import { FaultPrinter } from './fault-printer.ts';
import { checkOutput, outputName, readInput, STANDARD_STREAM, writeOutput } from './files.ts';
import { type InputFile, listInputs } from './inputs.ts';
import type { Io } from './io.ts';
import { codingModel } from './models.ts';
import { startProgress } from './progress.ts';
import { bytesText, imagesText, percentText, report, reportStream, rounded, secondsText } from './report.ts';

interface PackArguments extends QuietOptions, EffortArguments {
  readonly output: string;
  readonly model?: string;
  readonly threads?: number;
  readonly maxPixels?: number;
  readonly force?: boolean;
  readonly verify: boolean;
  readonly pixelsOnly?: boolean;
  readonly method?: MethodOptions['method'];
  readonly debug?: boolean;
}

export function addPackCommand(program: Command, io: Io): Command {
  const command = program
    .command('pack')
    .description('pack images to one archive, where small ones take less than in files of their own')
    .argument('<in...>', 'image files, and folders, of which all images are taken but hidden ones and links')
    .requiredOption('-o, --output <archive>', `the archive, ${ARCHIVE_EXTENSION} by custom, or - for standard output`)
    .option('-f, --force', 'replace an existing archive')
    .option('--no-verify', 'do not decode results before writing them')
    .option('--pixels-only', 'keep the pixels of PNG files only, not the files');
  return addMaxPixelsOption(
    addModelOption(addThreadsOption(addQuietOptions(addMethodOption(addEffortOptions(command))))),
  ).action((names: string[], options: PackArguments) => packFiles(names, options, io));
}

async function packFiles(names: readonly string[], options: PackArguments, io: Io): Promise<void> {
  const { output, force, quiet, threads, maxPixels, verify, method } = options;
  if (names.includes(STANDARD_STREAM)) throw new UsageError('standard input has no name; give files or folders');
  const writing = { force: force === true };
  const { files, misnamed } = nameFiles(
    await listInputs(names, { recursive: true, pattern: IMAGE_FILE }),
    names.length > 1,
  );
  for (const { path } of files.values()) await checkOutput(output, path, writing, io);
  const model = await codingModel(options.model, options);
  const started = performance.now();
  const bar = await startProgress(`packing ${imagesText(files.size)}`, io, quiet === true);
  const faults = new FaultPrinter(io, options.debug, bar);
  for (const error of misnamed) await faults.print(error);
  const total = { images: 0, exact: 0, inputBytes: 0, outputBytes: 0 };
  const pieces = pack(readItems(files, options, faults, io), {
    ...effortOptions(options),
    model,
    threads,
    maxPixels,
    verify,
    method,
    signal: io.signal,
    onItem: (name, restored) => {
      total.images += 1;
      if (restored === 'byte for byte') total.exact += 1;
      total.inputBytes += files.get(name)!.bytes;
      bar.update(total.images / files.size);
    },
    onFault: (name, error) => faults.print(new SubjectError(files.get(name)!.path, error)),
  });
  const counted = async function* () {
    for await (const piece of pieces) {
      total.outputBytes += piece.length;
      yield piece;
    }
    if (total.images === 0) faults.end();
  };
  try {
    await writeOutput(output, counted(), writing, io);
  } finally {
    bar.stop();
  }
  await reportPacked({ ...total, failed: faults.count, seconds: (performance.now() - started) / 1000 }, options, io);
  faults.end();
}

interface PackTotal {
  readonly images: number;
  /** Of them, PNG files that come back byte for byte. */
  readonly exact: number;
  readonly inputBytes: number;
  readonly outputBytes: number;
  readonly failed: number;
  readonly seconds: number;
}

async function reportPacked(total: PackTotal, { output, json, quiet, verify }: PackArguments, io: Io): Promise<void> {
  const { images, exact, inputBytes, outputBytes, seconds } = total;
  const sizes = `${bytesText(inputBytes)} -> ${bytesText(outputBytes)} (${percentText(outputBytes / inputBytes)})`;
  await report(
    reportStream(output, io),
    { json: json === true, quiet: quiet === true },
    {
      data: { output, ...total, seconds: rounded(seconds, 3), verified: verify },
      line: `${outputName(output)}: ${imagesText(images)}, ${sizes}, ${secondsText(seconds)}, ${exact} restored byte for byte`,
    },
  );
}

/**
 * Files by their names in the archive, which are of PNG files, and errors about those that can have no name there.
 * @param isMany of several folders, names begin with that of the folder
 * @throws UsageError for a name that two files would have
 */
function nameFiles(
  inputs: readonly InputFile[],
  isMany: boolean,
): { files: Map<string, InputFile>; misnamed: SubjectError[] } {
  const files = new Map<string, InputFile>();
  const misnamed: SubjectError[] = [];
  for (const file of inputs) {
    const path = (isMany && file.fromFolder ? join(folderName(file), file.relative) : file.relative)
      .split(sep)
      .join('/');
    const extension = extname(path);
    const isPng = extension.toLowerCase() === PNG_EXTENSION;
    const name = isPng ? path : path.slice(0, path.length - extension.length) + PNG_EXTENSION;
    const [fault, other] = [nameFault(name), files.get(name)];
    if (other !== undefined) throw new UsageError(`${other.path} and ${file.path} would both be ${name}`);
    if (fault === undefined) files.set(name, file);
    else misnamed.push(new SubjectError(file.path, new UsageError(`its name ${fault}, which no archive can hold`)));
  }
  return { files, misnamed };
}

/** Name of the folder that was given, also of `.` and `..`. */
const folderName = ({ path, relative }: InputFile): string =>
  basename(resolve(path.slice(0, path.length - relative.length)));

/** Reads files one by one; what cannot be read is told of and left out. */
async function* readItems(
  files: ReadonlyMap<string, InputFile>,
  { pixelsOnly, maxPixels }: PackArguments,
  faults: FaultPrinter,
  io: Io,
): AsyncGenerator<PackItem, void> {
  for (const [name, { path }] of files) {
    try {
      const bytes = await readInput(path, io);
      const isFile = hasPngSignature(bytes) && !pixelsOnly;
      yield { name, data: isFile ? bytes : await about(path, () => readImage(bytes, maxPixels)) };
    } catch (error) {
      await faults.print(error);
    }
  }
}
