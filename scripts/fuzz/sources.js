/** The sound files that are damaged: small ones of every kind, made with the tiny models. */
import { fileURLToPath } from 'node:url';
import { zlibSync } from 'fflate';
import { Deflate } from 'pako';
import { isAbsorbingPayload } from '../../dist/container/payload-kind.js';
import { isSameImage } from '../../dist/image/image.js';
import { concatenate, encodePngHeader, joinChunks } from '../../dist/image/png-chunks.js';
import { storeData } from '../../dist/image/stored-stream.js';
import { compress, compressPng, decompress, decompressPng, loadModel, pack, readHeader } from '../../dist/index.js';
import { Random } from './random.js';

const NOTHING = new Uint8Array(0);

/** The byte at a place of an image. */
const CONTENTS = {
  flat: ({ channel }) => [200, 120, 40, 255][channel],
  gradient: ({ row, column, channel }) => (row * 3 + column * 5 + channel * 40) & 255,
  noise: ({ random }) => random.below(256),
  few: ({ row, column, channel }) => (((row * 7) ^ (column * 3)) % 6) * 30 + channel * 9,
  text: ({ row, column }) => (((row * 7) ^ (column * 13) ^ ((row >> 1) * (column >> 1))) % 5 < 2 ? 16 : 244),
};

function makeImage(content, height, width, channels) {
  const random = new Random(height * 100 + width);
  const data = Uint8Array.from({ length: height * width * channels }, (_, i) => {
    const pixel = Math.floor(i / channels);
    return CONTENTS[content]({ row: Math.floor(pixel / width), column: pixel % width, channel: i % channels, random });
  });
  return { height, width, channels, bitDepth: 8, data };
}

/** [content, height, width, channels, steps] */
const BY_DIFFUSION = [
  ['noise', 1, 1, 1, 2],
  ['noise', 1, 1, 4, 16],
  ['gradient', 1, 9, 1, 4],
  ['gradient', 4, 7, 3, 8],
  ['noise', 5, 3, 2, 2],
  ['flat', 3, 5, 4, 4],
  ['gradient', 12, 13, 3, 16],
  ['text', 11, 9, 1, 8],
  ['few', 12, 12, 3, 2],
  ['noise', 9, 8, 4, 4],
];

/** Of 16 bits a sample, the first by absorbing diffusion: [content, height, width, channels, steps, factor of its 8-bit samples] */
const DEEP = [
  ['gradient', 7, 9, 3, 2, 257],
  ['gradient', 9, 7, 3, 2, 257],
  ['noise', 4, 6, 1, 4, 16],
  ['few', 5, 5, 4, 2, 13],
];

/** By absorbing diffusion: [content, height, width, channels, bands, halvings of a small image] */
const BY_ABSORBING = [
  ['noise', 1, 1, 1, 1],
  ['noise', 1, 1, 4, 1],
  ['gradient', 1, 9, 3, 1],
  ['gradient', 12, 13, 3, 1],
  ['text', 11, 9, 1, 1],
  ['noise', 5, 3, 2, 1],
  ['few', 9, 8, 4, 1],
  ['gradient', 12, 13, 3, 3],
  ['text', 11, 9, 1, 2],
  ['few', 9, 8, 4, 9],
  ['gradient', 12, 13, 3, 1, 1],
  ['text', 11, 9, 2, 3, 2],
];

/** Kept as WebP or PNG. */
const KEPT = [
  ['text', 24, 16, 1],
  ['text', 17, 19, 3],
  ['text', 16, 16, 4],
  ['flat', 40, 40, 2],
  ['flat', 1, 1, 3],
  ['flat', 1, 16_385, 1],
];

function deflateAsZlib(lines) {
  const deflate = new Deflate({ level: 6 });
  deflate.push(lines, true);
  return deflate.result;
}

/** PNGs as samples in lines, each of its filter. */
function pngOf(
  { height, width, depth, colourType, interlaced = false },
  { chunks = [], after = [], lines, pieces = 1, deflate = deflateAsZlib },
) {
  const stream = deflate(Uint8Array.from(lines));
  const size = Math.ceil(stream.length / pieces);
  const image = Array.from({ length: pieces }, (_, i) => stream.subarray(i * size, (i + 1) * size));
  return joinChunks([
    { type: 'IHDR', data: encodePngHeader({ height, width, depth, colourType, interlaced }) },
    ...chunks,
    ...image.map((data) => ({ type: 'IDAT', data })),
    ...after,
    { type: 'IEND', data: NOTHING },
  ]);
}

/** Lines of a byte pattern, with the filters 0 to 4 in turn. */
const linesOf = (height, lineBytes, byteAt = (i) => (i * 7) & 255) =>
  Array.from({ length: height }, (_, row) => [
    row % 5,
    ...Array.from({ length: lineBytes }, (_, i) => byteAt(i)),
  ]).flat();

const text = (type, content) => ({ type, data: Uint8Array.from(Buffer.from(content, 'latin1')) });
const bytes = (type, ...data) => ({ type, data: Uint8Array.from(data) });
const PALETTE = bytes('PLTE', 1, 2, 3, 40, 50, 60, 7, 8, 9, 200, 100, 0);
/** Of 72 entries. */
const RAMP = Array.from({ length: 72 }, (_, i) => [i, 3 * i, 255 - i]).flat();

const PNGS = {
  gray: pngOf({ height: 6, width: 5, depth: 8, colourType: 0 }, { lines: linesOf(6, 5), pieces: 3 }),
  'gray of 1 bit': pngOf(
    { height: 3, width: 11, depth: 1, colourType: 0 },
    { lines: linesOf(3, 2, () => 0b1010_0000) },
  ),
  'gray with a key': pngOf(
    { height: 5, width: 5, depth: 4, colourType: 0 },
    { chunks: [bytes('tRNS', 0, 7)], lines: linesOf(5, 3, () => 0x70) },
  ),
  palette: pngOf(
    { height: 5, width: 8, depth: 2, colourType: 3 },
    {
      chunks: [PALETTE, bytes('tRNS', 9, 255)],
      lines: linesOf(5, 2, () => 0),
      after: [text('tEXt', 'Comment\0hello')],
    },
  ),
  RGB: pngOf(
    { height: 7, width: 4, depth: 8, colourType: 2 },
    { chunks: [bytes('gAMA', 0, 0, 177, 143), text('tEXt', 'Title\0a')], lines: linesOf(7, 12) },
  ),
  'RGB with a key': pngOf(
    { height: 5, width: 2, depth: 8, colourType: 2 },
    { chunks: [bytes('tRNS', 0, 0, 0, 7, 0, 14)], lines: linesOf(5, 6) },
  ),
  'interlaced RGBA': pngOf(
    { height: 2, width: 2, depth: 8, colourType: 6, interlaced: true },
    { lines: [...linesOf(2, 4), ...linesOf(1, 8)] },
  ),
  'palette of a ramp': pngOf(
    { height: 8, width: 8, depth: 8, colourType: 3 },
    {
      chunks: [bytes('PLTE', ...RAMP)],
      lines: Array.from({ length: 8 * 9 }, (_, i) => (i % 9 === 0 ? 0 : i - (i >> 3))),
    },
  ),
  '16 bits': pngOf({ height: 2, width: 2, depth: 16, colourType: 2 }, { lines: linesOf(2, 12) }),
  animated: pngOf(
    { height: 2, width: 3, depth: 8, colourType: 0 },
    { chunks: [bytes('acTL', 0, 0, 0, 1, 0, 0, 0, 0)], lines: linesOf(2, 3) },
  ),
  'of stored blocks': pngOf(
    { height: 40, width: 40, depth: 8, colourType: 0 },
    {
      lines: linesOf(40, 40),
      deflate: (lines) => storeData({ start: [0x78, 1], level: 0, runs: [{ length: 1024, count: 1 }] }, lines),
    },
  ),
  'of another deflate': pngOf(
    { height: 12, width: 12, depth: 8, colourType: 2 },
    { lines: linesOf(12, 36), deflate: zlibSync },
  ),
};

/** With bytes after its end. */
PNGS['with a trailer'] = Uint8Array.from([...PNGS.gray, 1, 2, 3]);

const loadTiny = (name) => loadModel(fileURLToPath(new URL(`../../fixtures/networks/${name}`, import.meta.url)));
export const OPTIONS = { model: await loadTiny('tiny'), threads: 1 };
const ABSORBING_OPTIONS = { model: await loadTiny('tiny-pixels'), threads: 1 };

/** Those that decode a file: with the model of its kind of diffusion. */
export function optionsFor(file) {
  try {
    return isAbsorbingPayload(readHeader(file)) ? ABSORBING_OPTIONS : OPTIONS;
  } catch {
    return OPTIONS;
  }
}

async function sourcesOfImages() {
  const diffused = BY_DIFFUSION.map(async ([content, height, width, channels, numSteps]) => {
    const image = makeImage(content, height, width, channels);
    const file = await compress(image, { ...OPTIONS, numSteps, method: 'diffusion' });
    return { name: `${content} of ${channels} channels in ${numSteps} steps`, image, file };
  });
  const absorbing = BY_ABSORBING.map(async ([content, height, width, channels, bands, preview]) => {
    const image = makeImage(content, height, width, channels);
    const file = await compress(image, { ...ABSORBING_OPTIONS, bands, preview, method: 'diffusion' });
    const small = preview === undefined ? '' : `, ${preview} halvings first`;
    return { name: `${content} of ${channels} channels by absorbing diffusion in ${bands} bands${small}`, image, file };
  });
  const kept = KEPT.map(async ([content, height, width, channels]) => {
    const image = makeImage(content, height, width, channels);
    return { name: `${content} of ${channels} channels, kept`, image, file: await compress(image, OPTIONS) };
  });
  const deep = DEEP.map(async ([content, height, width, channels, numSteps, factor], i) => {
    const { data, ...shape } = makeImage(content, height, width, channels);
    const image = { ...shape, bitDepth: 16, data: Uint16Array.from(data, (value, i) => value * factor + (i & 3)) };
    for (const [j, value] of image.data.entries()) image.data[j] = Math.min(value, 65_535);
    const file = await compress(image, { ...(i === 0 ? ABSORBING_OPTIONS : OPTIONS), numSteps, method: 'diffusion' });
    return { name: `16 bits, ${content} of ${channels} channels`, image, file };
  });
  const data = Uint16Array.from({ length: 12 * 14 }, (_, i) => ((i % 14) * 40_503) & 65_535);
  const repeats = { height: 12, width: 14, channels: 1, bitDepth: 16, data };
  const deepPng = { name: '16 bits that repeat, kept', image: repeats, file: await compress(repeats, OPTIONS) };
  return Promise.all([...diffused, ...absorbing, ...kept, ...deep, deepPng]);
}

async function sourcesOfPngs() {
  const isImage = (name) => name !== 'animated';
  const names = Object.keys(PNGS);
  const whole = names.map(async (name) => ({ name: `PNG ${name}`, file: await compressPng(PNGS[name], OPTIONS) }));
  const coded = names.filter(isImage).map(async (name, i) => {
    const options = { ...OPTIONS, numSteps: [2, 4, 8, 16][i % 4], method: 'diffusion' };
    return { name: `PNG ${name} by diffusion`, file: await compressPng(PNGS[name], options) };
  });
  const absorbing = ['palette', 'RGB', '16 bits'].map(async (name) => {
    const file = await compressPng(PNGS[name], { ...ABSORBING_OPTIONS, method: 'diffusion' });
    return { name: `PNG ${name} by absorbing diffusion`, file };
  });
  return Promise.all([...whole, ...coded, ...absorbing]);
}

/** What a sound file gives back, beside its bytes. */
async function withResults({ name, file, image }) {
  const options = optionsFor(file);
  const decoded = await decompress(file, options).catch(() => undefined);
  if (image !== undefined && !isSameImage(decoded, image)) throw new Error(`${name} does not come back`);
  return { name, file, image: decoded, restored: await decompressPng(file, options) };
}

/** { name, file, image (none for PNGs of other kinds), restored: the PNG } */
export const FILES = await Promise.all([...(await sourcesOfImages()), ...(await sourcesOfPngs())].map(withResults));
export const PNG_FILES = Object.values(PNGS);

/** { bytes, options: with the model of the archive } */
async function archiveOf(items, { options = OPTIONS, ...more }) {
  const pieces = [];
  for await (const piece of pack(items, { ...options, numSteps: 2, ...more })) pieces.push(piece);
  return { bytes: concatenate(pieces), options };
}

const PACKED = Object.entries(PNGS)
  .filter(([name]) => name !== 'animated')
  .map(([name, data]) => ({ name: `folder/${name}.png`, data }));
const DRAWN = KEPT.slice(0, 3).map(([content, height, width, channels], i) => ({
  name: `${i}`,
  data: makeImage(content, height, width, channels),
}));

/** Groups of images on a stack, of either kind of diffusion, of files, and of both. */
export const ARCHIVES = await Promise.all([
  archiveOf(PACKED, { options: ABSORBING_OPTIONS, method: 'diffusion' }),
  archiveOf(PACKED, { method: 'diffusion' }),
  archiveOf([...PACKED, ...DRAWN], {}),
  archiveOf(DRAWN, {}),
  archiveOf([], {}),
]);
