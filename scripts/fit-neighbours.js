/**
 * Fits a model's tables of neighbours (src/fit-neighbours.ts) to images, and writes it as a new model.
 *
 * IMAGES are folders of photographs, of which the tenth kept for validation is left out, and sheets of CIFAR-10. Tables for
 * images whose colours weigh are fitted to photographs as they are and with chroma of half the resolution, which many such images had.
 * Usage: npm run fit:neighbours -- --model FOLDER --out FOLDER [--photos 100] [--small 300] IMAGES...
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { fitNeighbours } from '../dist/fit-neighbours.js';
import { cutCifarSheet } from '../dist/image/cifar.js';
import { readImage } from '../dist/image/read-image.js';
import { loadModel } from '../dist/index.js';
import { encodeTables } from '../dist/model/model.js';
import { isValidationFile } from '../dist/train/dataset.js';
import { withHalfChroma } from './half-chroma.js';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    model: { type: 'string' },
    out: { type: 'string' },
    photos: { type: 'string', default: '100' },
    small: { type: 'string', default: '300' },
  },
});

const read = (path) => readImage(new Uint8Array(readFileSync(path)));
const isFolder = (path) => statSync(path).isDirectory();

/** So many of a list, evenly spaced. */
function some(list, wanted) {
  const count = Math.min(wanted, list.length);
  return Array.from({ length: count }, (_, i) => list[Math.floor((i * list.length) / count)]);
}

async function* photographs() {
  for (const folder of positionals.filter(isFolder)) {
    const names = readdirSync(folder).filter((name) => !isValidationFile(name));
    for (const name of some(names.sort(), Number(values.photos))) yield await read(join(folder, name));
  }
}

async function* allImages() {
  yield* photographs();
  for (const sheet of positionals.filter((path) => !isFolder(path))) {
    yield* some(cutCifarSheet(await read(sheet)), Number(values.small));
  }
}

async function* photographsOfTwoKinds() {
  for await (const image of photographs()) yield* [image, withHalfChroma(image)];
}

const model = await loadModel(resolve(values.model));
const plain = await fitNeighbours(allImages(), { model, startsLate: false });
const late = await fitNeighbours(photographsOfTwoKinds(), { model, startsLate: true });
for (const [i, condition] of model.conditions.entries()) {
  for (const [k, table] of condition.neighbours.entries()) {
    const fitted = late[i][k].weights.some((weight) => weight !== 0) ? late[i][k] : plain[i][k];
    table.weights.set(fitted.weights);
    table.steps.set(fitted.steps);
  }
}
const bytes = encodeTables(model);
const sha256 = createHash('sha256').update(bytes).digest('hex');
const manifest = JSON.parse(readFileSync(join(values.model, 'model.json'), 'utf8'));
mkdirSync(values.out, { recursive: true });
writeFileSync(join(values.out, 'weights.bin'), bytes);
writeFileSync(join(values.out, 'model.json'), `${JSON.stringify({ ...manifest, sha256 }, undefined, 2)}\n`);
console.log(`${basename(values.out)}: ${bytes.length} bytes, model id ${sha256.slice(0, 8)}`);
process.exit();
