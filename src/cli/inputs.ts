/** The files that names on the command line stand for: files, and with --recursive what folders hold. */
import type { Dirent } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { about, UsageError } from './exit-codes.ts';
import { STANDARD_STREAM } from './files.ts';

export interface InputFile {
  readonly path: string;
  /** Path below the folder that was named, or the name of a file that was named itself. */
  readonly relative: string;
  readonly fromFolder: boolean;
  readonly bytes: number;
}

export interface InputChoice {
  readonly recursive?: boolean | undefined;
  /** Files that are taken from folders; a file that is named itself is always taken. */
  readonly pattern: RegExp;
}

/**
 * Lists files in the order of the names given, in folders by name. Hidden files and links in folders are left out.
 * A file that is missing is listed: it is for its own job to fail.
 * @throws UsageError for a folder without --recursive, and when there is no file at all.
 */
export async function listInputs(names: readonly string[], choice: InputChoice): Promise<InputFile[]> {
  if (names.length > 1 && names.includes(STANDARD_STREAM)) {
    throw new UsageError('standard input can only be the only input');
  }
  const files: InputFile[] = [];
  for (const name of names) files.push(...(await about(name, () => filesOf(name, choice))));
  if (files.length === 0) throw new UsageError(`no files to take in ${names.join(', ')}`);
  return files;
}

async function filesOf(name: string, { recursive, pattern }: InputChoice): Promise<InputFile[]> {
  const stats = name === STANDARD_STREAM ? undefined : await stat(name).catch(() => undefined);
  if (!stats?.isDirectory()) {
    return [{ path: name, relative: basename(name), fromFolder: false, bytes: stats?.size ?? 0 }];
  }
  if (!recursive) throw new UsageError('is a folder; use --recursive to take the files in it');
  return Promise.all((await walk(name, '', pattern)).map((relative) => fileIn(name, relative)));
}

async function fileIn(folder: string, relative: string): Promise<InputFile> {
  const path = join(folder, relative);
  const stats = await stat(path).catch(() => undefined);
  return { path, relative, fromFolder: true, bytes: stats?.size ?? 0 };
}

async function walk(root: string, below: string, pattern: RegExp): Promise<string[]> {
  const folder = join(root, below);
  const entries = await about(folder, () => readdir(folder, { withFileTypes: true }));
  const found: string[] = [];
  for (const entry of entries.filter(isVisible).sort(byName)) {
    const relative = join(below, entry.name);
    if (entry.isDirectory()) found.push(...(await walk(root, relative, pattern)));
    else if (entry.isFile() && pattern.test(entry.name)) found.push(relative);
  }
  return found;
}

const isVisible = ({ name }: Dirent): boolean => !name.startsWith('.');
/** By code unit, so that the order is the same for every locale. */
const byName = (a: Dirent, b: Dirent): number => (a.name < b.name ? -1 : 1);
