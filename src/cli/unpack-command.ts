/** vdmz unpack: the images of an archive, all or some, as PNG files in a folder. */
import { lstat, mkdir, realpath } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative, sep } from 'node:path';
import type { Command } from 'commander';
import type { ArchiveSource } from '../archive/archive-source.ts';
import type { Damage } from '../archive/group.ts';
import { listArchive } from '../list-archive.ts';
import { type Unpacked, unpack } from '../unpack.ts';
import { withArchive } from './archive-file.ts';
import {
  addMaxPixelsOption,
  addModelOption,
  addQuietOptions,
  addThreadsOption,
  type QuietOptions,
} from './arguments.ts';
import { about, SubjectError, UsageError } from './exit-codes.ts';
import { FaultPrinter } from './fault-printer.ts';
import { checkOutput, defaultOutput, existsError, inputName, kindOf, writeOutput } from './files.ts';
import type { Io } from './io.ts';
import { namedModel } from './models.ts';
import { startProgress } from './progress.ts';
import { bytesText, imagesText, report, rounded, secondsText } from './report.ts';

interface UnpackArguments extends QuietOptions {
  readonly output?: string;
  readonly model?: string;
  readonly threads?: number;
  readonly maxPixels?: number;
  readonly force?: boolean;
  readonly test?: boolean;
  readonly debug?: boolean;
}

export function addUnpackCommand(program: Command, io: Io): Command {
  const command = program
    .command('unpack')
    .description('restore the images of an archive, all or those that are named')
    .argument('<archive>', 'a file that pack made, or - for standard input')
    .argument('[name...]', 'images as list names them, and folders of them')
    .option('-o, --output <folder>', 'where to (default: the name of the archive without its extension)')
    .option('-f, --force', 'replace existing files')
    .option('-t, --test', 'decode and check, and write nothing');
  return addMaxPixelsOption(addModelOption(addThreadsOption(addQuietOptions(command)))).action(
    (path: string, names: string[], options: UnpackArguments) => unpackImages(path, names, options, io),
  );
}

async function unpackImages(path: string, names: readonly string[], options: UnpackArguments, io: Io): Promise<void> {
  const { threads, maxPixels, quiet, test } = options;
  const folder = test ? '' : await folderFor(path, options);
  const model = options.model === undefined ? undefined : await namedModel(options.model);
  const started = performance.now();
  const bar = await startProgress(test ? 'testing' : 'unpacking', io, quiet === true);
  const faults = new FaultPrinter(io, options.debug, bar);
  const place = { path, folder, options, io };
  const total = { images: 0, outputBytes: 0 };
  try {
    await about(inputName(path), () =>
      withArchive(path, io, async (source) => {
        const selection = new Selection(names);
        await selectImages(source, selection, place, faults);
        const isWanted = (name: string) => selection.isWanted(name);
        const coding = { model, threads, maxPixels, signal: io.signal, isWanted, onDamage: () => undefined };
        for await (const unpacked of unpack(source, coding)) {
          try {
            total.outputBytes += await settle(unpacked, place);
            total.images += 1;
          } catch (error) {
            await faults.print(error);
          }
          bar.update(Math.min(1, (total.images + faults.count) / selection.count));
        }
      }),
    );
  } finally {
    bar.stop();
  }
  const seconds = (performance.now() - started) / 1000;
  await reportUnpacked({ ...total, failed: faults.count, seconds }, place);
  faults.end();
}

/** @throws UsageError where there is none, or something else is there */
async function folderFor(path: string, { output }: UnpackArguments): Promise<string> {
  const folder = output ?? defaultOutput(path, '');
  if (output === undefined && folder === path) throw new UsageError('the archive has no extension; use --output');
  const kind = await kindOf(folder);
  if (kind !== 'none' && kind !== 'folder') throw new UsageError(`${folder} is no folder; use --output`);
  return folder;
}

interface Place {
  readonly path: string;
  readonly folder: string;
  readonly options: UnpackArguments;
  readonly io: Io;
}

interface UnpackTotal {
  readonly images: number;
  readonly outputBytes: number;
  readonly failed: number;
  readonly seconds: number;
}

async function reportUnpacked(total: UnpackTotal, { path, folder, options, io }: Place): Promise<void> {
  const { json, quiet, test } = options;
  const { images, outputBytes, seconds } = total;
  const what = test
    ? `${inputName(path)}: ${imagesText(images)} sound`
    : `${inputName(path)} -> ${folder}: ${imagesText(images)}`;
  await report(
    io.stdout,
    { json: json === true, quiet: quiet === true },
    {
      data: { input: path, ...(test ? {} : { output: folder }), ...total, seconds: rounded(seconds, 3) },
      line: `${what}, ${bytesText(outputBytes)}, ${secondsText(seconds)}`,
    },
  );
}

/** What of an archive is asked for, less what cannot be written. */
class Selection {
  count = 0;
  readonly #asked: readonly string[];
  readonly #missing: Set<string>;
  readonly #excluded = new Set<string>();

  /** @param asked names of images and of folders of them; all if there are none */
  constructor(asked: readonly string[]) {
    this.#asked = asked.map((name) => name.replace(/^(\.\/+)+/, '').replace(/\/+$/, ''));
    this.#missing = new Set(this.#asked);
  }

  /** Notes a name of the archive; true if it is asked for. */
  note(name: string): boolean {
    const found = this.#asked.filter((asked) => isWithin(name, asked));
    for (const asked of found) this.#missing.delete(asked);
    const isAsked = this.#asked.length === 0 || found.length > 0;
    if (isAsked) this.count += 1;
    return isAsked;
  }

  exclude(name: string): void {
    this.#excluded.add(name);
  }

  isWanted(name: string): boolean {
    const isAsked = this.#asked.length === 0 || this.#asked.some((asked) => isWithin(name, asked));
    return isAsked && !this.#excluded.has(name);
  }

  /** @throws UsageError for a name that is not in the archive */
  assertFound(): void {
    for (const name of this.#missing) throw new UsageError(`there is no ${name} in it`);
  }
}

const isWithin = (name: string, asked: string): boolean => name === asked || name.startsWith(`${asked}/`);

/** Tells of damage, and of files that are there already, before anything is decoded. */
async function selectImages(source: ArchiveSource, selection: Selection, place: Place, faults: FaultPrinter) {
  const { path, options } = place;
  const onDamage = ({ error }: Damage) => faults.print(new SubjectError(inputName(path), error));
  for await (const { name } of listArchive(source, { onDamage })) {
    if (!selection.note(name) || options.test || options.force) continue;
    const output = outputOf(name, place);
    if ((await kindOf(output)) === 'none') continue;
    selection.exclude(name);
    await faults.print(new SubjectError(output, existsError()));
  }
  selection.assertFound();
}

const outputOf = (name: string, { folder }: Place): string => join(folder, ...name.split('/'));

/** Writes an image that came out well; resolves to its size. */
async function settle({ name, png, error }: Unpacked, place: Place): Promise<number> {
  const { path, options, io } = place;
  if (error !== undefined) throw new SubjectError(`${inputName(path)}: ${name}`, error);
  if (options.test) return png.length;
  const output = outputOf(name, place);
  const writing = { force: options.force === true };
  await about(output, async () => {
    await mkdir(dirname(output), { recursive: true });
    await assertInside(output, place);
  });
  await checkOutput(output, path, writing, io);
  await writeOutput(output, png, writing, io);
  return png.length;
}

/** Names are paths below a folder on every system, but a system may see more in them, and links may lead elsewhere. */
async function assertInside(output: string, { folder }: Place): Promise<void> {
  const [root, parent] = [await realpath(folder), await realpath(dirname(output))];
  const isLink = (await lstat(output).catch(() => undefined))?.isSymbolicLink() === true;
  const path = relative(root, parent);
  if (isLink || path === '..' || path.startsWith(`..${sep}`) || isAbsolute(path)) {
    throw new UsageError('leads out of the folder that is unpacked to, by its name or a link');
  }
}
