/**
 * How many PNG files of different encoders come back byte for byte: images are written by every encoder that is
 * installed (bench/png-encoders.js), and each file is taken apart into pixels and original section and made again from
 * these.
 *
 *     npm run bench:restoring -- [--limit 14] [--modules FOLDER] [--python PYTHON] FOLDER
 *
 * FOLDER holds photographs, of which every n-th is taken. --modules names a folder where pngjs, upng-js and
 * @napi-rs/canvas are installed, --python an interpreter with Pillow, OpenCV and pypng. Writes bench/results/restoring.json.
 */
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { encodeOriginal, originalChecksum } from '../dist/container/original.js';
import { isSameImage } from '../dist/image/image.js';
import { decodePng, readPng } from '../dist/image/png.js';
import { findRestoration, followRecipe, isSame } from '../dist/image/png-original.js';
import { packRecipe, unpackRecipe } from '../dist/image/png-recipe.js';
import { readImage } from '../dist/image/read-image.js';
import { machine } from './machine.js';
import { encodings } from './png-encoders.js';

const STRATEGIES = ['default', 'filtered', 'Huffman only', 'runs'];
const settingsText = ({ level, memLevel, strategy }) =>
  level === 0 ? '0' : `${level}, ${memLevel}, ${STRATEGIES[strategy]}`;

/** Whether the file came back, and what that takes. */
function restore(file) {
  const png = readPng(file);
  const { recipe, png: made, isExact } = findRestoration(file, png);
  const packed = packRecipe(recipe, png.image);
  const again = followRecipe(unpackRecipe(packed, png.image), png.image);
  const section = encodeOriginal({ isExact, checksum: originalChecksum(made, isExact), recipe: packed });
  return {
    fileBytes: file.length,
    sectionBytes: section.length,
    settings: isExact ? settingsText(recipe.zlib) : '',
    exact: isSame(again, file),
    right: isExact ? isSame(again, file) : isSameImage(decodePng(again), png.image),
  };
}

/** Settings do not depend on the size: enough for many blocks of deflate. */
const MOST = 256;

/** The middle of an image. */
async function middleOf(path) {
  const image = await readImage(new Uint8Array(await readFile(path)));
  const [height, width] = [Math.min(MOST, image.height), Math.min(MOST, image.width)];
  const [top, left] = [(image.height - height) >> 1, (image.width - width) >> 1];
  const { channels } = image;
  const data = new Uint8Array(height * width * channels);
  for (let y = 0; y < height; y++) {
    const from = ((top + y) * image.width + left) * channels;
    data.set(image.data.subarray(from, from + width * channels), y * width * channels);
  }
  return { ...image, height, width, data };
}

async function measureImage(path, where) {
  const image = await middleOf(path);
  const folder = await mkdtemp(join(tmpdir(), 'vdmz-bench-'));
  await mkdir(join(folder, 'python'));
  const rows = [];
  for await (const { name, file } of encodings(image, { ...where, folder })) {
    rows.push({ encoder: name, ...restore(new Uint8Array(file)) });
  }
  await rm(folder, { recursive: true });
  return rows;
}

/** One row an encoder. */
function summarise(rows) {
  const names = [...new Set(rows.map(({ encoder }) => encoder))];
  return names.map((encoder) => {
    const own = rows.filter((row) => row.encoder === encoder);
    const sum = (key) => own.reduce((total, row) => total + Number(row[key]), 0);
    const settings = [...new Set(own.map((row) => row.settings))].filter((text) => text !== '').sort();
    return {
      encoder,
      files: own.length,
      exact: sum('exact'),
      bugs: own.length - sum('right'),
      settings,
      sectionBytes: Math.round(sum('sectionBytes') / own.length),
      fileBytes: Math.round(sum('fileBytes') / own.length),
    };
  });
}

async function main() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { limit: { type: 'string', default: '14' }, modules: { type: 'string' }, python: { type: 'string' } },
  });
  const [folder] = positionals;
  const names = (await readdir(folder)).sort();
  const step = Math.max(1, Math.floor(names.length / Number(values.limit)));
  const chosen = names.filter((_, i) => i % step === 0).slice(0, Number(values.limit));
  const rows = [];
  for (const name of chosen) {
    rows.push(...(await measureImage(join(folder, name), values)));
    console.error(name);
  }
  const encoders = summarise(rows);
  console.table(encoders);
  await mkdir('bench/results', { recursive: true });
  const total = {
    images: chosen.length,
    side: MOST,
    files: rows.length,
    exact: encoders.reduce((sum, one) => sum + one.exact, 0),
  };
  const result = { command: `npm run bench:restoring -- --limit ${values.limit}`, ...machine(), total, encoders };
  await writeFile('bench/results/restoring.json', `${JSON.stringify(result, undefined, 1)}\n`);
}

await main();
