/**
 * Writes the golden files: fixtures/images compressed with the tiny models, and one with each model that is installed, as fixtures/golden/v<version>-<model>-<image>.vdmz, and
 * archives of several, as archive-v<version>-<model>.vdmza.
 *
 * A golden is a promise: files of a format version decode to the same pixels for ever, and compress to the same bytes.
 * So this adds goldens and never changes one; a change of the format raises its version, which gives new names.
 * Usage: npm run golden:update
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { decodeFile } from '../dist/container/header.js';
import { WEBP_STEPS } from '../dist/container/payload-kind.js';
import { isSameImage } from '../dist/image/image.js';
import { decodePng, readPng } from '../dist/image/png.js';
import { joinChunks, readChunks } from '../dist/image/png-chunks.js';
import { findRecipe, followRecipe } from '../dist/image/png-original.js';
import { readImage } from '../dist/image/read-image.js';
import {
  compress,
  compressPng,
  decompress,
  decompressPng,
  loadModel,
  pack,
  readHeader,
  sourceOfBytes,
  unpack,
} from '../dist/index.js';

const FIXTURES = new URL('../fixtures/', import.meta.url);

/** [image, number of steps]; without steps by the method 'best', which keeps these as WebP, PNG or samples. */
const GOLDENS = [
  ['noise-gray8-1x1', 8],
  ['noise-rgba8-1x1', 2],
  ['gradient-gray8-1x9', 16],
  ['gradient-rgb8-13x1', 2],
  ['gradient-rgb8-17x5', 8],
  ['gradient-gray-alpha8-19x11', 4],
  ['noise-interlaced-gray8-15x10', 16],
  ['noise-gray8-31x29', 2],
  ['checker-rgba8-21x14', 8],
  ['disc-rgba8-40x33', 4],
  ['shaded-rgba8-34x27', 8],
  ['inverse-gray-alpha8-32x32'],
  ['flat-rgb8-32x32', 8],
  ['smooth-rgb8-32x32', 16],
  ['smooth-gray8-131x20', 4],
  ['smooth-gray8-261x23', 8],
  ['gradient-gray8-8323x2', 4],
  ['clipped-rgb8-259x20', 2],
  ['spikes-gray8-160x8', 2],
  ['smooth-rgb8-97x71', 8],
  ['lattice-rgb8-151x110', 4],
  ['text-rgb8-65x67'],
  ['cells-palette-alpha8-16x16'],
  ['flat-gray8-16385x1'],
  ['waves-gray16-27x20', 4],
  ['shifted-rgb16-19x13', 8],
  ['dark-gray-alpha16-17x11', 2],
  ['noise-rgba16-5x4'],
  ['noise-rgb8-1x1'],
];

/** Images by absorbing diffusion. */
const ABSORBING_GOLDENS = [
  'noise-gray8-1x1',
  'noise-rgb8-1x1',
  'gradient-rgb8-17x5',
  'gradient-gray-alpha8-19x11',
  'checker-rgba8-21x14',
  'shaded-rgba8-34x27',
  'smooth-rgb8-32x32',
  'smooth-gray8-131x20',
  'shifted-rgb16-19x13',
  'levels-rgb8-62x67',
  'levels-gray8-64x64',
];

/** Images by absorbing diffusion in bands: [image, bands] */
const BANDED_GOLDENS = [
  ['gradient-gray8-1x9', 9],
  ['gradient-gray-alpha8-19x11', 2],
  ['gradient-rgb8-17x5', 2],
  ['checker-rgba8-21x14', 3],
  ['shifted-rgb16-19x13', 2],
];

/** Images by absorbing diffusion after a small image: [image, bands, halvings] */
const PREVIEWED_GOLDENS = [
  ['gradient-gray8-1x9', 1, 2],
  ['gradient-gray-alpha8-19x11', 1, 1],
  ['smooth-rgb8-32x32', 2, 3],
  ['checker-rgba8-21x14', 3, 1],
  ['shifted-rgb16-19x13', 1, 9],
];

/** An image by each model that is installed, so that files of users decode for ever: [model, image] */
const INSTALLED_GOLDENS = [
  ['photo-6', 'smooth-rgb8-32x32'],
  ['pixels-3', 'levels-rgb8-62x67'],
  ['pixels-5', 'levels-rgb8-62x67'],
];

/** [start of the name, image, what is made of its PNG file, options]: files that restore that. */
const PNG_GOLDENS = [
  ['png-', 'gradient-rgb8-17x5', (png) => png, { numSteps: 8, method: 'diffusion' }],
  ['png-', 'cells-palette-alpha8-16x16', byZlib, { numSteps: 2, method: 'diffusion' }],
  ['whole-', 'gradient-gray8-1x9', withOddEnd, {}],
];

/** Images of an archive. */
const ARCHIVED = ['gradient-rgb8-17x5', 'gradient-gray-alpha8-19x11', 'smooth-gray8-131x20', 'levels-rgb8-62x67'];

/** The same with pixels deflated as zlib does, so that it comes back byte for byte. */
function byZlib(png) {
  const open = readPng(png);
  return followRecipe(findRecipe(png, open), open.image);
}

/** Content of the chunk IEND, which there is no room for but in the file itself. */
function withOddEnd(png) {
  return joinChunks([...readChunks(png).chunks.slice(0, -1), { type: 'IEND', data: Uint8Array.of(7) }]);
}

const readFixture = (image) => new Uint8Array(readFileSync(new URL(`images/${image}.png`, FIXTURES)));

async function makeGolden(model, image, numSteps, { bands, preview } = {}) {
  const pixels = await readImage(readFixture(image));
  const bytes = await compress(pixels, {
    model,
    numSteps,
    bands,
    preview,
    method: numSteps === undefined ? 'best' : 'diffusion',
  });
  const restored = await decompress(bytes, { model });
  if (!restored.data.every((value, i) => value === pixels.data[i])) throw new Error(`${image} does not come back`);
  return goldenOf(model, image, bytes);
}

async function makePngGolden(model, [start, image, change, options]) {
  const png = change(readFixture(image));
  const bytes = await compressPng(png, { model, ...options });
  if (Buffer.compare(await decompressPng(bytes, { model }), png) !== 0) throw new Error(`${image} does not come back`);
  return goldenOf(model, `${start}${image}`, bytes);
}

async function makeArchiveGolden(model) {
  const items = ARCHIVED.map((image) => ({ name: `${image}.png`, data: readFixture(image) }));
  const pieces = [];
  for await (const piece of pack(items, { model, method: 'diffusion', numSteps: 8 })) pieces.push(piece);
  const bytes = new Uint8Array(Buffer.concat(pieces));
  for await (const { name, png } of unpack(sourceOfBytes(bytes), { model })) {
    const { data } = items.find((item) => item.name === name);
    if (!isSameImage(decodePng(png), decodePng(data))) throw new Error(`${name} does not come back`);
  }
  return namedGolden(`archive-v${bytes[4]}-${model.name}.vdmza`, bytes, false);
}

// Other releases of the WebP library may choose other bytes.
const ALPHA_AS_WEBP = 4;

function goldenOf(model, title, bytes) {
  const { version, numSteps } = readHeader(bytes);
  const hasWebp = numSteps === WEBP_STEPS || decodeFile(bytes).alpha[0] === ALPHA_AS_WEBP;
  return namedGolden(`v${version}-${model.name}-${title}.vdmz`, bytes, hasWebp);
}

const namedGolden = (name, bytes, hasWebp) => ({ name, bytes, hasWebp, file: new URL(`golden/${name}`, FIXTURES) });

const loadTiny = (name) => loadModel(fileURLToPath(new URL(`networks/${name}`, FIXTURES)));
const [model, pixelModel] = [await loadTiny('tiny'), await loadTiny('tiny-pixels')];
const goldens = [];
for (const [image, numSteps] of GOLDENS) goldens.push(await makeGolden(model, image, numSteps));
for (const image of ABSORBING_GOLDENS) goldens.push(await makeGolden(pixelModel, image, 8));
for (const [image, bands] of BANDED_GOLDENS) goldens.push(await makeGolden(pixelModel, image, 8, { bands }));
for (const [image, bands, preview] of PREVIEWED_GOLDENS) {
  goldens.push(await makeGolden(pixelModel, image, 8, { bands, preview }));
}
for (const [name, image] of INSTALLED_GOLDENS) goldens.push(await makeGolden(await loadModel(name), image, 8));
for (const row of PNG_GOLDENS) goldens.push(await makePngGolden(model, row));
for (const each of [model, pixelModel]) goldens.push(await makeArchiveGolden(each));

const added = goldens.filter(({ file }) => !existsSync(file));
const changed = goldens.filter(
  ({ file, bytes, hasWebp }) => existsSync(file) && !hasWebp && !readFileSync(file).equals(bytes),
);
if (changed.length > 0) {
  for (const { name } of changed) console.error(`${name} would change`);
  console.error('Nothing was written. A change of the format raises VERSION in src/container/header.ts.');
  process.exitCode = 1;
} else {
  mkdirSync(new URL('golden/', FIXTURES), { recursive: true });
  for (const { file, bytes } of added) writeFileSync(file, bytes);
  console.log(`${added.length} goldens added, ${goldens.length - added.length} as they were`);
}
