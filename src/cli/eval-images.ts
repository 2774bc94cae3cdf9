/** The images that `vdmz eval` measures: files, folders of them, and CIFAR-10 sheets of one image a row. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { CIFAR_TEST_SHEET, cutCifarSheet, isCifarSheet } from '../image/cifar.ts';
import type { Image } from '../image/image.ts';
import { readImage } from '../image/read-image.ts';
import { about, UsageError } from './exit-codes.ts';
import { IMAGE_FILE } from './extensions.ts';

export interface NamedImage {
  readonly name: string;
  load(): Promise<Image>;
}

/**
 * Lists images in the order of their names; only sheets are read at once.
 * A folder with CIFAR-10 gives its test images only.
 * @param limit number of images at most
 */
export async function listImages(paths: readonly string[], limit: number): Promise<NamedImage[]> {
  const images: NamedImage[] = [];
  for (const path of paths) {
    for (const file of await about(path, () => filesOf(path))) {
      if (images.length >= limit) return images;
      images.push(...(await imagesOf(file, limit - images.length)));
    }
  }
  return images;
}

async function filesOf(path: string): Promise<string[]> {
  if (!(await stat(path)).isDirectory()) return [path];
  const names = await readdir(path);
  if (names.includes(CIFAR_TEST_SHEET)) return [join(path, CIFAR_TEST_SHEET)];
  const images = names.filter((name) => IMAGE_FILE.test(name)).sort();
  if (images.length === 0) throw new UsageError('no images in this folder');
  return images.map((name) => join(path, name));
}

async function imagesOf(path: string, limit: number): Promise<NamedImage[]> {
  const name = basename(path);
  const load = () => about(path, async () => readImage(await readFile(path)));
  if (!isCifarSheet(name)) return [{ name, load }];
  const sheet = await load();
  const rows = await about(path, () => cutCifarSheet(sheet).slice(0, limit));
  return rows.map((image, row) => ({ name: `${name}#${row}`, load: () => Promise.resolve(image) }));
}
