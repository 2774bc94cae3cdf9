/** vdmz unpack: the images of an archive, all or some, as PNG files in a folder. */
import { mkdir } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative, resolve } from 'node:path';
import type { Command } from 'commander';
import type { ArchiveSource } from '../archive/archive-source.ts';
import { CodecError } from '../errors.ts';
import { listArchive } from '../list-archive.ts';
import { type Unpacked, unpack } from '../unpack.ts';
import { withArchive } from './archive-file.ts';
import { addModelOption, addQuietOptions, addThreadsOption, type QuietOptions } from './arguments.ts';
import { about, SubjectError, UsageError } from './exit-codes.ts';
import { FaultPrinter } from './fault-printer.ts';
import { checkOutput, defaultOutput, writeOutput } from './files.ts';
import type { Io } from './io.ts';
import { modelFor } from './models.ts';
import { startProgress } from './progress.ts';
import { bytesText, imagesText, report, rounded, secondsText } from './report.ts';

interface UnpackArguments extends QuietOptions {
  readonly output?: string;
  readonly model?: string;
  readonly threads?: number;
  readonly force?: boolean;
  readonly test?: boolean;
  readonly debug?: boolean;
}

export function addUnpackCommand(program: Command, io: Io): Command {
  const command = program
    .command('unpack')
    .description('restore the images of an archive, all or those that are named')
    .argument('<archive>', 'a file that pack made')
    .argument('[name...]', 'images as list names them, and folders of them')
    .option('-o, --output <folder>', 'where to (default: the name of the archive without its extension)')
    .option('-f, --force', 'replace existing files')
    .option('-t, --test', 'decode and check, and write nothing');
  return addModelOption(addThreadsOption(addQuietOptions(command))).action(
    (path: string, names: string[], options: UnpackArguments) => unpackImages(path, names, options, io),
  );
}

async function unpackImages(path: string, names: readonly string[], options: UnpackArguments, io: Io): Promise<void> {
  const { threads, quiet, json, test } = options;
  const folder = options.output ?? defaultOutput(path, '');
  const model = options.model === undefined ? undefined : await modelFor(options.model);
  const started = performance.now();
  const bar = await startProgress(test ? 'testing' : 'unpacking', io, quiet === true);
  const faults = new FaultPrinter(io, options.debug, bar);
  const total = { images: 0, outputBytes: 0 };
  try {
    await about(path, () =>
      withArchive(path, async (source) => {
        const wanted = await findNames(source, names, (error) => faults.print(new SubjectError(path, error)));
        const coding = { model, threads, signal: io.signal };
        const isWanted = (name: string) => wanted.has(name);
        for await (const unpacked of unpack(source, { ...coding, isWanted, onDamage: () => undefined })) {
          await settle(unpacked, { path, folder, options, io }).then(
            (bytes) => {
              total.images += 1;
              total.outputBytes += bytes;
            },
            (error) => faults.print(error),
          );
          bar.update((total.images + faults.count) / wanted.size);
        }
      }),
    );
  } finally {
    bar.stop();
  }
  const seconds = (performance.now() - started) / 1000;
  const what = test
    ? `${path}: ${imagesText(total.images)} sound`
    : `${path} -> ${folder}: ${imagesText(total.images)}`;
  await report(
    io.stdout,
    { json: json === true, quiet: quiet === true },
    {
      data: {
        input: path,
        ...(test ? {} : { output: folder }),
        ...total,
        failed: faults.count,
        seconds: rounded(seconds, 3),
      },
      line: `${what}, ${bytesText(total.outputBytes)}, ${secondsText(seconds)}`,
    },
  );
  faults.end();
}

/** Names of the archive that are asked for. @throws UsageError for one that is not there */
async function findNames(
  source: ArchiveSource,
  asked: readonly string[],
  onError: (error: CodecError) => Promise<void>,
): Promise<Set<string>> {
  const names: string[] = [];
  for await (const { name } of listArchive(source, { onDamage: ({ error }) => onError(error) })) names.push(name);
  if (asked.length === 0) return new Set(names);
  return new Set(
    asked.flatMap((ask) => {
      const found = names.filter((name) => name === ask || name.startsWith(`${ask.replace(/\/+$/, '')}/`));
      if (found.length === 0) throw new UsageError(`there is no ${ask} in it`);
      return found;
    }),
  );
}

interface Unpacking {
  readonly path: string;
  readonly folder: string;
  readonly options: UnpackArguments;
  readonly io: Io;
}

/** Writes an image that came out well; resolves to its size. */
async function settle({ name, png, error }: Unpacked, { path, folder, options, io }: Unpacking): Promise<number> {
  if (error !== undefined) throw new SubjectError(`${path}: ${name}`, error);
  if (options.test) return png.length;
  const output = join(folder, ...name.split('/'));
  assertInside(folder, output);
  const writing = { force: options.force === true };
  await about(output, () => mkdir(dirname(output), { recursive: true }));
  await checkOutput(output, path, writing, io);
  await writeOutput(output, png, writing, io);
  return png.length;
}

/** Names are paths below a folder on every system; a system may see more in them. */
function assertInside(folder: string, output: string): void {
  const path = relative(resolve(folder), resolve(output));
  if (path === '' || path.startsWith('..') || isAbsolute(path)) {
    throw new SubjectError(output, new CodecError('unsupported-image', 'its name leads out of the folder'));
  }
}
