/**
 * Input and output files of the commands; '-' is standard input or output.
 *
 * Invariant: an output appears whole under its name or not at all, and an existing file stays as it is without force. A
 * process that is killed leaves at most a hidden file, which no command takes for an input.
 */
import { randomBytes } from 'node:crypto';
import {
  access,
  chmod,
  constants,
  link,
  lstat,
  open,
  readFile,
  realpath,
  rename,
  rm,
  stat,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { basename, dirname, format, join, parse, resolve } from 'node:path';
import { addAbortSignal } from 'node:stream';
import { about, UsageError } from './exit-codes.ts';
import { type Io, write } from './io.ts';

export const STANDARD_STREAM = '-';

/** Name of an input in messages. */
export const inputName = (path: string): string => (path === STANDARD_STREAM ? 'standard input' : path);
/** Name of an output in messages. */
export const outputName = (path: string): string => (path === STANDARD_STREAM ? 'standard output' : path);

/** The input's name with another extension beside it; standard output for standard input. */
export function defaultOutput(input: string, extension: string): string {
  if (input === STANDARD_STREAM) return STANDARD_STREAM;
  const { dir, name } = parse(input);
  return format({ dir, name, ext: extension });
}

/** Reads a whole file, or standard input. */
export function readInput(path: string, io: Io): Promise<Uint8Array> {
  return about(inputName(path), () => (path === STANDARD_STREAM ? readStandardInput(io) : readFile(path)));
}

async function readStandardInput({ stdin, signal }: Io): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  try {
    for await (const chunk of addAbortSignal(signal, stdin)) chunks.push(chunk as Uint8Array);
  } catch (error) {
    signal.throwIfAborted(); // its own reason in place of the stream's AbortError
    throw error;
  }
  return Buffer.concat(chunks);
}

export interface OutputOptions {
  /** Replace an existing file. Default: false. */
  readonly force?: boolean | undefined;
  /** The file whose times and permissions the output gets. Default: none. */
  readonly source?: string | undefined;
}

/**
 * Refuses an output that cannot be written, before any long work.
 * @throws SubjectError about the output: UsageError, or the file system's error.
 */
export function checkOutput(output: string, input: string, options: OutputOptions, io: Io): Promise<void> {
  return about(outputName(output), async () => {
    if (output === STANDARD_STREAM) return checkTerminal(options, io);
    const [kind, inputReal] = await Promise.all([kindOf(output), realPathOf(input)]);
    if (kind === 'folder') throw systemError('EISDIR', 'is a folder');
    if (kind === 'file' && inputReal !== undefined && (await realPathOf(output)) === inputReal) {
      throw new UsageError('output and input are the same file; name another output');
    }
    if (kind === 'file' && !options.force) throw existsError();
    if (kind === 'none' && !options.force && (await isLink(output))) throw systemError('EEXIST', LEADS_NOWHERE);
    if (kind !== 'device') await access(dirname(output), constants.W_OK);
  });
}

function checkTerminal({ force }: OutputOptions, { stdout }: Io): void {
  if (stdout.isTTY && !force) throw new UsageError('not writing binary data to a terminal; use --force to do so');
}

/** A file, or its pieces in their order. */
export type FileContent = Uint8Array | AsyncIterable<Uint8Array>;

/** Writes a file under a temporary name in its folder and then gives it its name; or writes to standard output. */
export function writeOutput(output: string, content: FileContent, options: OutputOptions, io: Io): Promise<void> {
  return about(outputName(output), async () => {
    io.signal.throwIfAborted();
    if (output === STANDARD_STREAM) return writeStandardOutput(content, io);
    if ((await kindOf(output)) === 'device') return writeFile(output, content);
    // Through a symbolic link, the file it leads to is replaced and not the link.
    const target = (options.force ? await realPathOf(output) : undefined) ?? output;
    const temporary = temporaryFor(target);
    try {
      await writeTemporary(temporary, content, options, io);
      await (options.force ? rename(temporary, target) : renameToVacant(temporary, target));
    } finally {
      await rm(temporary, { force: true });
    }
  });
}

/** A hidden name beside the target, of at most 255 bytes however long the target's is. */
function temporaryFor(target: string): string {
  const { dir, base } = parse(target);
  return join(dir, `.${[...base].slice(0, MAX_LETTERS).join('')}.${randomBytes(6).toString('hex')}.tmp`);
}

/** Of up to 4 bytes each; 18 bytes are added. */
const MAX_LETTERS = 59;

async function writeStandardOutput(content: FileContent, { stdout }: Io): Promise<void> {
  if (content instanceof Uint8Array) return write(stdout, content);
  for await (const piece of content) await write(stdout, piece);
}

async function writeTemporary(path: string, content: FileContent, { source }: OutputOptions, { signal }: Io) {
  const isCopy = source !== undefined && source !== STANDARD_STREAM;
  // What only its owner may read is not shown to others for a moment.
  const mode = isCopy ? 0o600 : 0o666;
  await writeFile(path, content, { flag: 'wx', mode, signal, flush: true }).catch((error) => {
    signal.throwIfAborted(); // its own reason in place of writeFile's AbortError
    throw error;
  });
  if (isCopy) await copyAttributes(source, path);
}

/** Times and permissions; a file system that has none is no reason to fail. */
async function copyAttributes(source: string, target: string): Promise<void> {
  const { atimeNs, mtimeNs, mode } = await stat(source, { bigint: true });
  await chmod(target, Number(mode) & 0o777).catch(() => undefined);
  await utimes(target, secondsOf(atimeNs), secondsOf(mtimeNs)).catch(() => undefined);
}

/** For utimes, which drops what is below a microsecond: up to the next one, so that the copy is not older; the half is against rounding. */
const secondsOf = (nanoseconds: bigint): number => (Number((nanoseconds + 999n) / 1000n) + 0.5) / 1e6;

/** File systems without hard links say one of these. */
const NO_LINKS = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK', 'EXDEV', 'EACCES']);

/** Unlike rename, link never replaces a file, even one made a moment ago. */
async function renameToVacant(temporary: string, target: string): Promise<void> {
  try {
    await link(temporary, target);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') throw existsError();
    if (code === undefined || !NO_LINKS.has(code)) throw error;
    await reserve(target);
    await rename(temporary, target).catch(async (failure) => {
      await rm(target, { force: true });
      throw failure;
    });
  }
}

async function reserve(target: string): Promise<void> {
  const file = await open(target, 'wx').catch((error: NodeJS.ErrnoException) => {
    throw error.code === 'EEXIST' ? existsError() : error;
  });
  await file.close();
}

/** What was written in a folder outlasts a power failure; not on systems where folders cannot be opened. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path).catch(() => undefined);
  await folder?.sync().catch(() => undefined);
  await folder?.close();
}

const LEADS_NOWHERE = 'is a link that leads nowhere; use --force to replace it';

const isLink = async (path: string): Promise<boolean> =>
  (await lstat(path).catch(ignoreMissing))?.isSymbolicLink() === true;

export const existsError = (): Error => systemError('EEXIST', 'already exists; use --force to replace it');

export const systemError = (code: string, message: string): Error =>
  Object.assign(new Error(message), { code, syscall: 'open' });

export async function kindOf(path: string): Promise<'none' | 'file' | 'folder' | 'device'> {
  const stats = await stat(path).catch(ignoreMissing);
  if (stats === undefined) return 'none';
  if (stats.isDirectory()) return 'folder';
  return stats.isFile() ? 'file' : 'device';
}

const realPathOf = (path: string): Promise<string | undefined> =>
  path === STANDARD_STREAM ? Promise.resolve(undefined) : realpath(path).catch(ignoreMissing);

/** Whether names that differ only in case, or in how their accents are written, may be names of one file. */
const FOLDS_NAMES = process.platform === 'darwin' || process.platform === 'win32';

/** One name for each file, through links, whether it exists or not. */
export async function placeOf(path: string): Promise<string> {
  const place = await realPlaceOf(resolve(path));
  return FOLDS_NAMES ? place.normalize().toLowerCase() : place;
}

async function realPlaceOf(path: string): Promise<string> {
  const [real, parent] = [await realpath(path).catch(() => undefined), dirname(path)];
  if (real !== undefined || parent === path) return real ?? path;
  return join(await realPlaceOf(parent), basename(path));
}

function ignoreMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
  return undefined;
}
